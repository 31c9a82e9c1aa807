/**
 * Hard negatives: recordings that resemble another one in title, artist or both and aren't it. Each can be told from
 * its sibling by somebody who reads the whole row; none by its title alone.
 */
import { type Random, weighted } from '../random.ts';
import { type Discographies, type Discography, DURATIONS, LAST_YEAR } from './discography.ts';
import { englishSpeaker } from './names.ts';
import { isTagged, type Recording } from './recording.ts';
import type { Album } from './rows.ts';
import { CITIES, GENERIC_TITLES } from './words/vocabulary.ts';

/** Of the songs that have versions at all, one in five; the mean is 1.7 versions for each. */
const SONGS_WITH_VERSIONS = 0.2;
const REMEMBERED = 4000;

interface Setting {
  readonly random: Random;
  readonly song: Recording;
  readonly discography: Discography;
  readonly studio: Studio;
}

/** How often each is tried; some find no occasion. */
const SHARES = {
  live: 20,
  remix: 17,
  remaster: 15,
  cover: 11,
  same_title: 11,
  part: 8,
  sequel: 6,
  generic: 3,
  acoustic: 7,
  instrumental: 5,
  demo: 4,
  radio_edit: 6,
};
type Kind = keyof typeof SHARES;
export const HARD_KINDS: readonly string[] = Object.keys(SHARES).map((kind) => `hard_${kind}`);

/** Makes what a kind consists of, or nothing where the song doesn't lend itself to it. */
type Make = (setting: Setting) => Recording[];

export class Studio {
  readonly #random: Random;
  readonly #discographies: Discographies;
  /** Songs of other artists, to be covered. */
  readonly #remembered: Recording[] = [];
  /** Of the artist at hand. */
  #albums = new Map<string, Album>();
  #lengths = new Map<Album, number>();
  #titles = new Set<string>();

  constructor(random: Random, discographies: Discographies) {
    this.#random = random;
    this.#discographies = discographies;
  }

  /** Everything that the artist recorded, in the order of the originals; the albums of versions join the others. */
  *session(): Generator<Discography> {
    for (;;) {
      const discography = this.#discographies.next();
      this.#albums = new Map();
      this.#lengths = new Map(discography.recordings.map(({ album, trackNumber }) => [album, trackNumber]));
      this.#titles = new Set(discography.recordings.map(({ title }) => title.toLowerCase()));
      const recordings = discography.recordings.flatMap((song) => [song, ...this.#versionsOf(song, discography)]);
      for (const song of discography.recordings) this.#remember(song);
      yield { ...discography, recordings };
    }
  }

  #versionsOf(song: Recording, discography: Discography): Recording[] {
    const random = this.#random;
    if (!random.chance(SONGS_WITH_VERSIONS)) return [];
    const wanted = random.between(1, random.chance(0.4) ? 4 : 2);
    const found: Recording[] = [];
    const tried = new Set<Kind>();
    for (let attempt = 0; found.length < wanted && attempt < 12; attempt++) {
      const kind = kinds.draw(random);
      if (tried.has(kind)) continue;
      tried.add(kind);
      found.push(...makers[kind]({ random, song, discography, studio: this }));
    }
    return found;
  }

  /** The song once more, as a recording of its own. */
  record(song: Recording, kind: Kind, change: Partial<Recording>): Recording {
    const album = change.album ?? song.album;
    const year = change.year ?? song.year;
    const trackNumber = (this.#lengths.get(album) ?? 0) + 1;
    this.#lengths.set(album, trackNumber);
    const identity = this.#discographies.identity(song.artist, year);
    const popularity = Math.floor(song.popularity * 0.7 * this.#random.fraction());
    return { ...song, ...change, ...identity, kind: `hard_${kind}`, trackNumber, popularity };
  }

  /** An album that several versions share, made when the first of them asks for it. */
  album(key: string, discography: Discography, make: () => [title: string, year: number, Album['album_type']]): Album {
    const known = this.#albums.get(key);
    if (known !== undefined && (this.#lengths.get(known) ?? 0) < 20) return known;
    const album = this.#discographies.album(discography.artist, ...make());
    this.#albums.set(key, album);
    discography.albums.push(album);
    return album;
  }

  /** Whether the artist had no song of this title; now there is one. */
  claim(title: string): boolean {
    const size = this.#titles.size;
    return this.#titles.add(title.toLowerCase()).size > size;
  }

  /** A song by somebody else, of a title that the artist has not used. */
  foreignSong(): Recording | undefined {
    if (this.#remembered.length === 0) return undefined;
    const song = this.#random.pick(this.#remembered);
    return this.claim(song.title) ? song : undefined;
  }

  #remember(song: Recording): void {
    if (this.#remembered.length < REMEMBERED) this.#remembered.push(song);
    else this.#remembered[this.#random.between(0, REMEMBERED - 1)] = song;
  }
}

const scaled = (ms: number, low: number, high: number, random: Random): number =>
  Math.round(ms * (low + (high - low) * random.fraction()));

/** On the song's own album or the single, with a tag that says what it is. */
const tagged =
  (kind: Kind, tags: readonly string[], low: number, high: number): Make =>
  ({ song, random, studio }) => [
    studio.record(song, kind, {
      version: random.pick(tags),
      durationMs: scaled(song.durationMs, low, high, random),
      year: Math.min(LAST_YEAR, song.year + (random.chance(0.7) ? 0 : 1)),
    }),
  ];

/** Every other live recording says so in its title; of the rest only the album tells. */
const live: Make = ({ song, random, discography, studio }) => {
  const inTitle = random.chance(0.6);
  const city = random.pick(CITIES);
  const album = studio.album(inTitle ? 'live or not' : 'live', discography, () => {
    const year = Math.min(LAST_YEAR, song.year + random.between(1, 6));
    const plain = [`One Night in ${city}`, `${city} Calling`];
    return [random.pick([`Live in ${city}`, `Live at ${city} ${year}`, ...(inTitle ? plain : [])]), year, 'live'];
  });
  const version = inTitle ? random.pick(['Live', `Live at ${city}`, `Live in ${city}`, 'Live Version']) : '';
  const durationMs = scaled(song.durationMs, 1.02, 1.35, random);
  return [studio.record(song, 'live', { album, version, albumTells: !inTitle, durationMs, year: album.release_year })];
};

const remaster: Make = ({ song, random, discography, studio }) => {
  if (song.year > LAST_YEAR - 8) return [];
  const inTitle = random.chance(0.65);
  const year = song.year + random.between(8, Math.min(40, LAST_YEAR - song.year));
  const album = inTitle
    ? song.album
    : studio.album(`remaster of ${song.album.album_id}`, discography, () => [
        `${song.album.title} ${random.pick([`(Remastered)`, `(${year} Remaster)`, `[Remastered Edition]`])}`,
        year,
        song.album.album_type,
      ]);
  const version = inTitle ? random.pick([`Remastered ${year}`, `${year} Remaster`, 'Remastered']) : '';
  const durationMs = song.durationMs + random.between(-4000, 4000);
  const released = inTitle ? year : album.release_year;
  return [studio.record(song, 'remaster', { album, version, albumTells: !inTitle, durationMs, year: released })];
};

const remix: Make = ({ song, random, studio }) => {
  const name = englishSpeaker.name(random);
  const version = random.pick([`${name} Remix`, `${name} Remix`, 'Remix', 'Club Mix', 'Extended Mix', `${name} Dub`]);
  const durationMs = scaled(song.durationMs, 0.85, 1.9, random);
  return [studio.record(song, 'remix', { version, durationMs, year: Math.min(LAST_YEAR, song.year + 1) })];
};

const cover: Make = ({ song, random, studio }) => {
  const theirs = studio.foreignSong();
  if (theirs === undefined) return [];
  const version = random.chance(0.25) ? `${theirs.credit} Cover` : '';
  const durationMs = scaled(theirs.durationMs, 0.85, 1.2, random);
  const { title, part, language } = theirs;
  return [studio.record(song, 'cover', { title, part, language, version, durationMs, guest: '' })];
};

const sameTitle: Make = ({ song, random, studio }) => {
  const theirs = studio.foreignSong();
  if (theirs === undefined) return [];
  const durationMs = Math.round(random.quantile(DURATIONS) * 1000);
  return [studio.record(song, 'same_title', { title: theirs.title, part: '', durationMs, guest: '' })];
};

/** The song becomes the first of two. */
const part: Make = ({ song, random, studio }) => {
  if (isTagged(song)) return [];
  const [first, second] = random.pick([
    [', Pt. 1', ', Pt. 2'],
    [' (Part One)', ' (Part Two)'],
    [' I', ' II'],
    [', Part 1', ', Part 2'],
  ]);
  song.part = first;
  return [studio.record(song, 'part', { part: second, durationMs: scaled(song.durationMs, 0.6, 1.4, random) })];
};

const sequel: Make = ({ song, random, studio }) => {
  if (isTagged(song)) return [];
  const ending = random.pick([' 2', ' (Reprise)', ' Revisited', ' Again']);
  return [studio.record(song, 'sequel', { part: ending, durationMs: scaled(song.durationMs, 0.4, 1.3, random) })];
};

/** Two albums, each with an intro: the same title by the same artist. */
const generic: Make = ({ random, discography, studio, song }) => {
  const albums = discography.albums.filter(({ album_type }) => album_type === 'album');
  if (albums.length < 2) return [];
  const title = random.pick(GENERIC_TITLES);
  const at = random.between(1, albums.length - 1);
  if (!studio.claim(title)) return [];
  return [albums[at - 1], albums[at]].map((album) => {
    const durationMs = random.between(25, 140) * 1000 + random.between(0, 999);
    return studio.record(song, 'generic', {
      ...{ title, part: '', version: '', guest: '', album, albumTells: true, durationMs, year: album.release_year },
    });
  });
};

const makers: Readonly<Record<Kind, Make>> = {
  live,
  remix,
  remaster,
  cover,
  same_title: sameTitle,
  part,
  sequel,
  generic,
  acoustic: tagged('acoustic', ['Acoustic', 'Acoustic Version', 'Unplugged', 'Stripped'], 0.85, 1.15),
  instrumental: tagged('instrumental', ['Instrumental', 'Instrumental Version', 'Karaoke Version'], 0.99, 1.01),
  demo: tagged('demo', ['Demo', 'Demo Version', 'Home Demo', 'Early Take'], 0.8, 1.1),
  radio_edit: tagged('radio_edit', ['Radio Edit', 'Single Edit', 'Short Version'], 0.65, 0.92),
};

const kinds = weighted(SHARES);
