/** What a row of the table is made from: a recording as it really is, before a source has spelt it. */
import type { Album, Artist } from './rows.ts';

export interface Recording {
  /** The same for every row about this recording. */
  entity: number;
  /** `original` or `hard_…`. */
  kind: string;
  /** Without what the next three add to it. */
  title: string;
  /** `Pt. 2`, `Reprise`: tells it from another recording, so no corruption may take it away. */
  part: string;
  /** `Live at Oslo`, `Radio Edit`: likewise. */
  version: string;
  /** The artist that features on it. */
  guest: string;
  credit: string;
  artist: Artist;
  album: Album;
  /** Its version can be read from the album's title alone. */
  albumTells: boolean;
  trackNumber: number;
  durationMs: number;
  year: number;
  isrc: string | null;
  language: string;
  popularity: number;
}

/** Whatever is not an ordinary studio recording: only its tags tell it from its siblings. */
export const isTagged = (recording: Recording): boolean =>
  recording.albumTells || recording.part !== '' || recording.version !== '';
