/** One artist after another: who they are, their albums, and the recordings on them. */
import { type Random, zipf } from '../random.ts';
import type { Identities } from './identities.ts';
import { englishSpeaker, type Speaker, speakers } from './names.ts';
import type { Recording } from './recording.ts';
import type { Album, Artist } from './rows.ts';
import { GENRES } from './words/vocabulary.ts';

/** Seconds, by share of recordings below: log-normal, with a median of 3:35. */
export const DURATIONS = [
  ...([[0, 60], [0.01, 100], [0.05, 125], [0.1, 141], [0.2, 163], [0.3, 181], [0.4, 198], [0.5, 215]] as const), // prettier-ignore
  ...([[0.6, 234], [0.7, 256], [0.8, 284], [0.9, 328], [0.95, 370], [0.99, 463], [0.999, 596], [1, 1200]] as const), // prettier-ignore
] as const;
/** Pareto's law with exponent 1: a few artists have hundreds of songs, half of them fewer than twice this many. */
const FEWEST_SONGS = 3;
const GUESTS = 0.08;
const LABELS = 150;
const FIRST_YEAR = 1955;
export const LAST_YEAR = 2024;

const genres = zipf(GENRES, 2);

export interface Discography {
  readonly artist: Artist;
  readonly speaker: Speaker;
  readonly albums: Album[];
  readonly recordings: Recording[];
}

export class Discographies {
  readonly #random: Random;
  readonly #ids: Identities;
  readonly #mostSongs: number;
  readonly #labels;

  /** @param tracks of the whole database: no artist has more than a fortieth of them. */
  constructor(random: Random, ids: Identities, tracks: number) {
    this.#random = random;
    this.#ids = ids;
    this.#mostSongs = Math.min(1500, Math.max(FEWEST_SONGS, Math.floor(tracks / 40)));
    const names = Array.from({ length: LABELS }, () => `${englishSpeaker.name(random)} Records`);
    this.#labels = zipf(names, 2);
  }

  next(): Discography {
    const random = this.#random;
    const speaker = speakers.draw(random);
    const artist = this.#artist(speaker);
    const albums: Album[] = [];
    const recordings: Recording[] = [];
    const titles = new Set<string>();
    const fame = random.fraction() * random.fraction();
    let songs = Math.min(this.#mostSongs, Math.floor(FEWEST_SONGS / (1 - random.fraction())));
    let year = Math.min(LAST_YEAR, artist.formed_year + random.between(0, 3));
    while (songs > 0) {
      const length = Math.min(songs, albumLength(random));
      const album = this.album(artist, speaker.title(random), year, typeOf(length));
      albums.push(album);
      for (let number = 1; number <= length; number++) {
        const title = newTitle(speaker, titles, random);
        recordings.push(this.#recording({ artist, album, title, number, speaker, fame }));
      }
      songs -= length;
      year += yearsToNext(LAST_YEAR - year, songs, random);
    }
    return { artist, speaker, albums, recordings };
  }

  album(artist: Artist, title: string, year: number, type: Album['album_type']): Album {
    const { id, external_id } = this.#ids.next('album');
    const label = this.#labels.draw(this.#random);
    return {
      ...{ album_id: id, external_id, artist_id: artist.artist_id, title, album_type: type, release_year: year, label },
      genres: artist.genres.slice(0, 2),
      metadata: { upc: this.#ids.barcode(id), ...(this.#random.chance(0.3) && { format: 'vinyl' }) },
      ...this.#ids.times(),
    };
  }

  /** An entity of its own, with its own code. */
  identity(artist: Artist, year: number): Pick<Recording, 'entity' | 'isrc'> {
    const entity = this.#ids.entity();
    return { entity, isrc: this.#random.chance(0.85) ? this.#ids.isrc(entity, artist.country, year) : null };
  }

  #artist(speaker: Speaker): Artist {
    const random = this.#random;
    const { id, external_id } = this.#ids.next('artist');
    const name = speaker.artist(random);
    const formed = LAST_YEAR - Math.floor(random.fraction() * random.fraction() * (LAST_YEAR - FIRST_YEAR));
    const metadata: Record<string, unknown> = { language: speaker.code, members: random.between(1, 6) };
    if (random.chance(0.4)) metadata.links = { site: `https://music.example/${external_id.slice('artist:'.length)}` };
    if (random.chance(0.1)) metadata.aliases = [speaker.name(random)];
    return {
      ...{ artist_id: id, external_id, name, country: speaker.country(random), formed_year: formed },
      genres: [...new Set([genres.draw(random), genres.draw(random), genres.draw(random)])],
      metadata,
      ...this.#ids.times(),
    };
  }

  #recording(song: {
    artist: Artist;
    album: Album;
    title: string;
    number: number;
    speaker: Speaker;
    fame: number;
  }): Recording {
    const random = this.#random;
    const { artist, album, speaker, number, fame } = song;
    return {
      ...this.identity(artist, album.release_year),
      ...{ kind: 'original', title: song.title, part: '', version: '', credit: artist.name, artist, album },
      guest: random.chance(GUESTS) ? englishSpeaker.artist(random) : '',
      albumTells: false,
      trackNumber: number,
      durationMs: Math.round(random.quantile(DURATIONS) * 1000),
      year: album.release_year,
      language: speaker.code,
      popularity: Math.floor(100 * fame * random.fraction()),
    };
  }
}

/** No artist records two songs of one title: what looks the same and isn't shall be known to the truth. */
function newTitle(speaker: Speaker, taken: Set<string>, random: Random): string {
  for (;;) {
    const title = speaker.title(random);
    const key = title.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
    if (taken.has(key) || key === '') continue;
    taken.add(key);
    return title;
  }
}

/** However much somebody records, it's spread over the years they have. */
function yearsToNext(yearsLeft: number, songsLeft: number, random: Random): number {
  const albumsLeft = 1 + songsLeft / 7;
  return Math.min(3, Math.round((random.fraction() * 2 * yearsLeft) / albumsLeft));
}

function albumLength(random: Random): number {
  const kind = random.fraction();
  if (kind < 0.35) return random.between(1, 2);
  if (kind < 0.5) return random.between(3, 6);
  return random.between(8, random.chance(0.2) ? 20 : 13);
}

const typeOf = (length: number): Album['album_type'] => (length <= 2 ? 'single' : length <= 6 ? 'ep' : 'album');
