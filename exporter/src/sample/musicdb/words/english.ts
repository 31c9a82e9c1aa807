import { type Language, list } from './language.ts';

export const english: Language = {
  code: 'en',
  share: 60,
  countries: list('US GB CA AU IE NZ ZA JM'),
  words: list(`
    love night you heart time baby day life world home fire light rain dance dream girl blue sky down song way sun
    moon good eyes road river man summer star stars soul city woman gone lonely sweet heaven black white red
    morning money high back fall water wild crazy tonight forever never little angel boy dark winter street train
    house hold run ride burn wind golden hands fight free beautiful kiss tears memory ghost train mountain ocean
    shadow hurt believe war peace gun mother father brother sister king queen devil rose flower paradise freedom
    magic body mind face name mirror window door room floor wall bridge highway station radio telephone letter
    picture movie story book line circle edge corner side north south east west garden forest tree bird wolf lion
    tiger horse snake butterfly sparrow crow diamond silver gold stone glass paper iron steel velvet cotton silk
    sugar honey wine whiskey coffee cigarette smoke dust ashes thunder lightning storm snow ice flood desert island
    harbour shore wave tide boat ship sailor soldier stranger friend lover fool liar thief hero saint sinner prayer
    sunday monday friday saturday midnight dawn twilight yesterday tomorrow september december april autumn spring
    crown castle temple tower kingdom empire machine engine electric neon satellite rocket gravity signal static
    echo whisper scream silence rhythm melody symphony hymn lullaby waltz tango boogie carousel circus parade
    hurricane avalanche horizon gravity meridian labyrinth kerosene porcelain marigold chandelier quicksilver
    hourglass lighthouse scarecrow tambourine wilderness constellation undertow evergreen kaleidoscope`),
  titles: [
    ...['*', '*', '* *', '* *', '* *', '* * *', 'the *', 'the *', '* of *', '* and *', 'my *', '* in the *', '@', '@'],
    ...['the * of *', '* for @', 'no *', '* of the *', 'let it *', 'one more *', "don't * me", 'when the * falls'],
    ...[
      "I'm your *",
      '@ *',
      'the * *',
      '* to *',
      'all my *',
      'like a *',
      '* #',
      '*, *',
      "you're my *",
      '* man',
      '# *s',
    ],
    ...['her * in @', 'the last *', 'old * blues', '* (the *)', "nobody's *", '* St. blues', '* & *', "it's a * thing"],
    ...['waiting for the *', 'where the * goes', '@ and @', 'the * at @', 'going back to @', '*? *!', '* * & *'],
  ],
  artists: [
    '% @',
    '% @',
    '% @',
    'The @s',
    'The *s',
    '@',
    '% @ & the @s',
    '* *',
    '@ *',
    'DJ @',
    'The * *',
    '% and the *s',
    'St. @',
    '@ Brothers',
    '% @ Trio',
    'Lil @',
    '@ Orchestra',
  ],
  firstNames: list(`
    James Mary John Emma Michael Anna David Sarah Robert Ella William Grace Thomas Kate Charles Ruby Jack Nina Sam
    Alice Ray Billie Joe Martha Frank Joan Otis Aretha Leon Carole Marvin Etta Hank Loretta Johnny Patsy Miles Nora
    Chet Dinah Duke Sade Elvis Bonnie Buddy June Stevie Fiona Curtis Odetta Howard Maxine`),
  syllables: list(`
    ar bel cor dan el fin gar hol jen kel lan mar nor ol per quin ros sel tan ver wes yar zan al ber chan der fair
    gil hamp hart kings len mer nel os pem rad stan thorn vale wick ash black brook dale field ford hill lake mont
    more shaw stone ton well wood worth bury ley man son ridge croft`),
  titleCase: true,
};
