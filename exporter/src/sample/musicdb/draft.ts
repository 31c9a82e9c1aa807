/** A row while it is being spelt, and perhaps damaged. */
import type { Recording } from './recording.ts';
import type { Source, Style } from './sources.ts';

export interface Draft {
  readonly recording: Recording;
  readonly source: Source;
  style: Style;
  /** Parts of the texts, as in the recording. */
  title: string;
  part: string;
  version: string;
  guest: string;
  credit: string | null;
  album: string | null;
  /** What a careless source puts around the title. */
  prefix: string;
  suffix: string;
  swapped: boolean;
  trackNumber: number | null;
  durationMs: number | null;
  year: number | null;
  isrc: string | null;
  genres: string[];
  missing: string[];
}

const TEXTS = ['title', 'part', 'version', 'guest', 'credit', 'album'] as const;

export function draftOf(recording: Recording, source: Source): Draft {
  const { title, part, version, guest, credit, album, trackNumber, durationMs, year, isrc, artist } = recording;
  const draft: Draft = {
    ...{ recording, source, style: source, title, part, version, guest, credit, album: album.title },
    ...{ prefix: '', suffix: '', swapped: false, trackNumber, durationMs, year, isrc },
    genres: artist.genres,
    missing: [],
  };
  if (source.apostrophe !== "'") rewrite(draft, (text) => text.replaceAll("'", source.apostrophe));
  return draft;
}

/** Applies a change to each text. @returns whether it changed any. */
export function rewrite(draft: Draft, change: (text: string) => string): boolean {
  let changed = false;
  for (const field of TEXTS) {
    const text = draft[field];
    if (text === null) continue;
    draft[field] = change(text);
    changed ||= draft[field] !== text;
  }
  return changed;
}

export interface Texts {
  title: string;
  artist_credit: string | null;
  album_title: string | null;
}

/** The texts as the source delivers them. */
export function texts(draft: Draft): Texts {
  const { style, version, guest, credit, swapped } = draft;
  const tag = version === '' ? '' : style.version.join(version);
  const featuring = guest === '' ? '' : style.guest.join(guest);
  const inTitle = style.guestIn === 'title' || credit === null;
  const title = draft.prefix + draft.title + draft.part + tag + (inTitle ? featuring : '') + draft.suffix;
  const artist = credit === null ? null : credit + (inTitle ? '' : featuring);
  const names = swapped && artist !== null ? { title: artist, artist_credit: title } : { title, artist_credit: artist };
  return { ...names, album_title: draft.album };
}
