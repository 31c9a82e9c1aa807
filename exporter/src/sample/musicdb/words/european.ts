import { type Language, list } from './language.ts';

export const european: readonly Language[] = [
  {
    code: 'es',
    share: 8,
    countries: list('ES MX AR CO CL PE CU'),
    words: list(`
      amor corazón noche vida cielo luna sol mar tiempo alma día mujer niña fuego agua tierra camino casa sueño ojos
      beso canción lluvia viento flor estrella mañana adiós luz sombra sangre piel pasión dolor olvido recuerdo mundo
      ciudad calle baile fiesta ángel diablo reina señor corazones años montaña río otoño habitación último también
      mariposa jardín guitarra ceniza espejo naufragio golondrina terciopelo`),
    titles: [
      ...['*', '* *', 'mi *', 'el * de @', '* y *', 'la *', '* de mi *', 'sin *', 'te quiero, *', '@', 'por tu *'],
      ...['¿dónde está mi *?', 'no hay *', 'un * para @', 'la última *', 'solo *', '* en @', 'todo el *', 'más *'],
    ],
    artists: ['% @', '% @', '% @ y los @', 'Los @', 'La *', '@', 'Los * de @', '% y *'],
    firstNames: list(
      `José María Luis Sofía Ángel Inés Raúl Lucía Andrés Mónica Joaquín Rocío Tomás Belén Óscar Ángeles Iván Noelia`,
    ),
    syllables: list('ro sa ma ri lo na ce ta men dez gar cía val tor bal can mon te ru iz za lar ve ga qui ño ber nal'),
    titleCase: false,
  },
  {
    code: 'fr',
    share: 6,
    countries: list('FR BE CA CH SN'),
    words: list(`
      amour nuit vie coeur temps ciel jour mer soleil rêve été fleur pluie femme chanson danse rue ville étoile âme
      lumière feu hiver printemps mémoire ombre oiseau vent forêt île enfant poème silence fenêtre dernière première
      maison valise château baiser désir liberté poussière mélodie crépuscule hirondelle lanterne marée`),
    titles: [
      ...['*', "l'*", 'la *', '* et *', 'le * de @', 'sans *', "c'est la *", 'mon *', '* * ', '@', "à l'ombre de @"],
      ...["j'ai perdu ma *", 'où est le * ?', 'une * à @', 'comme un *', 'dernière *', 'toi, ma *', 'les * de *'],
    ],
    artists: ['% @', '% @', '% @', 'Les @', 'La *', '@', '% et les *s', 'Le * *'],
    firstNames: list(
      `Hélène Émile Chloé René Zoé Jérôme Édith Loïc Agnès Benoît Anaïs Gaëtan Noé Cécile Rémi Inès Théo`,
    ),
    syllables: list(
      'beau mont ville ro che du pré lan ger mar tin val le fè vre gau tier cha pel no ël bri ssa rd et on',
    ),
    titleCase: false,
  },
  {
    code: 'de',
    share: 5,
    countries: list('DE AT CH'),
    words: list(`
      Liebe Nacht Herz Zeit Leben Himmel Mond Traum Licht Feuer Regen Sehnsucht Stadt Straße Tür Mädchen Stern Sonne
      Meer Wind Schatten Abschied Heimat Sommer Winter Frühling Blumen Wölfe Vögel Flügel Träume Küsse Brücke Fluss
      Maschine Fenster Spiegel Märchen Königin Schönheit Dämmerung Sternschnuppe Gewitter Papierboot`),
    titles: [
      ...[
        '*',
        'die *',
        '* und *',
        'mein *',
        '* ohne *',
        'für *',
        'kein *',
        'über den *',
        'nach @',
        '* * ',
        '@',
        'wenn *',
      ],
      ...['komm, *', 'wo die * ist', 'das * von @', 'letzte *', 'zwischen * und *', '# *', 'schöne *', 'großer *'],
    ],
    artists: ['% @', '% @', 'Die @', '@', 'Die * *', '% & die @s', '@ und @', 'DJ @'],
    firstNames: list(
      `Jürgen Käthe Günter Zoë Björn Änne Sören Uschi Götz Marlene Rüdiger Ilse Jörg Wencke Lüder Frieda`,
    ),
    syllables: list(
      'mül ler schu ster wei süß bach feld berg hof mann stein wald brun ner krü ger kö nig lin den grä f',
    ),
    titleCase: false,
  },
  {
    code: 'pt',
    share: 5,
    countries: list('BR PT AO CV'),
    words: list(`
      amor coração noite vida saudade céu mar sol lua canção tempo samba praia manhã solidão estrela alegria paixão
      chuva vento flor rua cidade mundo menina olhos beijo adeus luz sombra avião verão janela pão irmão jangada
      carnaval morena madrugada cachaça sertão andorinha`),
    titles: [
      ...[
        '*',
        'meu *',
        '* de *',
        'o * e a *',
        'sem *',
        'a * de @',
        '* no *',
        'só *',
        '@',
        'não há *',
        'onde está a *?',
      ],
      ...['canção para @', '* * ', 'até a *', 'quando o * chegar', 'águas de @'],
    ],
    artists: ['% @', '% @', 'Os @', '@', 'Trio *', '% e @', 'Banda *'],
    firstNames: list(`João Antônio Conceição Sérgio Inês Vinícius Nélida Caetano Lívia Mário Tânia Luís Zélia Estêvão`),
    syllables: list('al mei da sil va cos ta ri bei ro san tos pe rei ra car va lho nas ci men to bar bo sa te les'),
    titleCase: false,
  },
  {
    code: 'sv',
    share: 3,
    countries: list('SE FI'),
    words: list(`
      kärlek natt hjärta liv himmel måne sol sommar drömmar ljus regn vägen havet flicka stjärna sång tid ö värld
      längtan vinter snö älskling fågel skugga eld gråt brev hem båt dörr spår tårar höst mörker björk fyrtorn`),
    titles: ['*', 'min *', '* och *', 'en * i *', 'utan *', 'det är *', '@', '* * ', 'över *', 'sista *', 'hem till @'],
    artists: ['% @', '% @', '@', 'De *', '@ & @', '% med *'],
    firstNames: list('Björn Åsa Göran Märta Håkan Åke Sören Linnéa Östen Maj Örjan Frida Pär Agnetha'),
    syllables: list('lund berg ström sjö gren holm dahl ås öst wall quist hög vik stad lind å ker blom'),
    titleCase: false,
  },
  {
    code: 'pl',
    share: 3,
    countries: list('PL'),
    words: list(`
      miłość noc serce życie niebo księżyc słońce czas deszcz dom droga gwiazda łzy ogień świat dzień dziewczyna
      marzenia cień wiatr morze miasto śnieg róża piosenka tęsknota pamięć wolność jesień ulica ptak źródło`),
    titles: ['*', 'moja *', '* i *', 'bez *', '* na *', 'gdzie jest *?', '@', '* * ', 'ostatnia *', 'nie ma *', 'do @'],
    artists: ['% @', '% @', '@', '% i *', 'Trzy *', '@ *'],
    firstNames: list('Michał Zofia Łukasz Małgorzata Paweł Żaneta Stanisław Grażyna Świętosław Hanka Józef Bożena'),
    syllables: list('kow ski wiś nie war szaw ząb ko wal czyk dą brow gó ra łę cki zie liń wój cik mał'),
    titleCase: false,
  },
];
