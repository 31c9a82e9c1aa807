/** Duplicates: the same recording from another source, which got it wrong in one way, seldom in two. */
import { type Random, weighted } from '../random.ts';
import { corrupt } from './corruptions.ts';
import { type Draft, draftOf } from './draft.ts';
import type { Identities } from './identities.ts';
import { isTagged, type Recording } from './recording.ts';
import { laterSources } from './sources.ts';

const RECORDINGS_WITH_COPIES = 0.0815;
const COPIES = weighted({ '1': 90, '2': 7, '3': 2, '4': 1 });
const TWO_CORRUPTIONS = 0.05;
/** Of the copies of a recording that has a code; the others have none, or one that somebody else registered. */
const SAME_ISRC = 0.2;
const OTHER_ISRC = 0.3;
const ON_COMPILATION = 0.08;
const YEAR_OFF_BY_ONE = 0.2;
const FURTHEST_MS = 2500;

export interface Copy {
  readonly draft: Draft;
  readonly kind: string;
}

export const howManyCopies = (random: Random): number =>
  random.chance(RECORDINGS_WITH_COPIES) ? Number(COPIES.draw(random)) : 0;

export function copyOf(recording: Recording, random: Random, ids: Identities): Copy {
  const source = laterSources.draw(random);
  const draft = draftOf(recording, source);
  draft.trackNumber = random.chance(0.6) ? recording.trackNumber : null;
  draft.durationMs = nearby(recording.durationMs, random);
  draft.genres = random.chance(0.5) ? recording.artist.genres.slice(0, 1) : recording.artist.genres;
  if (random.chance(YEAR_OFF_BY_ONE)) draft.year = recording.year + random.pick([-1, 1]);
  if (!isTagged(recording) && random.chance(ON_COMPILATION)) {
    draft.album = random.pick([`${recording.credit}: The Collection`, `Now ${recording.year}`, 'Greatest Hits']);
    draft.trackNumber = null;
  }
  const code = random.fraction();
  if (code >= SAME_ISRC) {
    const other = code < SAME_ISRC + OTHER_ISRC && recording.isrc !== null;
    draft.isrc = other ? ids.isrc(ids.entity(), recording.artist.country, recording.year) : null;
  }
  const first = corrupt(draft, random);
  const kind = random.chance(TWO_CORRUPTIONS) ? `${first}+${corrupt(draft, random, first)}` : first;
  return { draft, kind };
}

/** Sources measure differently, and some to the second only. */
function nearby(ms: number, random: Random): number {
  const off = ms + Math.round((random.fraction() + random.fraction() - 1) * FURTHEST_MS);
  return random.chance(0.4) ? Math.max(1000, Math.round(off / 1000) * 1000) : off;
}
