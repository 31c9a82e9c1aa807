/** Rows that arrive incomplete, whoever sends them. */
import { type Random, weighted } from '../random.ts';
import type { Draft } from './draft.ts';
import { isTagged } from './recording.ts';
import { PLACEHOLDER_ARTISTS, PLACEHOLDER_TITLES } from './words/vocabulary.ts';

type Gap = (draft: Draft, random: Random) => void;

const gaps = {
  artist: (draft, random) => {
    draft.credit = random.chance(0.5) ? null : random.pick(PLACEHOLDER_ARTISTS);
    draft.guest = '';
  },
  album: (draft) => {
    draft.album = null;
    draft.trackNumber = null;
  },
  year: (draft, random) => {
    // 2100 is the last that the table takes, 1000 the first: what programs write that know no NULL.
    draft.year = random.chance(0.7) ? null : random.pick([1000, 1900, 2100]);
  },
  duration: (draft, random) => {
    draft.durationMs = random.chance(0.7) ? null : random.pick([1, 1000, 14_400_000, 86_399_000]);
  },
  genres: (draft) => {
    draft.genres = [];
  },
  title: (draft, random) => {
    draft.title = random.pick(PLACEHOLDER_TITLES).replace('#', String(draft.trackNumber ?? 1).padStart(2, '0'));
    Object.assign(draft, { part: '', version: '', guest: '', prefix: '', suffix: '' });
  },
} satisfies Record<string, Gap>;

const kinds = weighted<keyof typeof gaps>({ artist: 12, album: 24, year: 22, duration: 14, genres: 20, title: 8 });

/** Takes one to three fields away. What tells a version from its sibling stays. */
export function leaveOut(draft: Draft, random: Random): void {
  const count = random.chance(0.7) ? 1 : random.between(2, 3);
  for (let i = 0; i < count; i++) {
    const kind = kinds.draw(random);
    const needed = (kind === 'title' && isTagged(draft.recording)) || (kind === 'album' && draft.recording.albumTells);
    if (needed || draft.missing.includes(kind)) continue;
    gaps[kind](draft, random);
    draft.missing.push(kind);
  }
}
