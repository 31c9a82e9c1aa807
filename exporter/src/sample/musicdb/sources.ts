/** Who delivers tracks, and how each of them writes what is not the title itself. */
import { Weighted } from '../random.ts';

/** What stands before and after a tag. */
type Around = readonly [before: string, after: string];

export interface Style {
  /** Around `Live at Oslo`. */
  readonly version: Around;
  /** Around the guest's name, and where it is written. */
  readonly guest: Around;
  readonly guestIn: 'title' | 'credit';
}

export interface Source extends Style {
  readonly name: string;
  readonly apostrophe: string;
}

const catalogue: Source = {
  name: 'labelfeed',
  version: [' (', ')'],
  guest: [' (feat. ', ')'],
  guestIn: 'title',
  apostrophe: "'",
};

const sources: readonly Source[] = [
  catalogue,
  { name: 'tunestore', version: [' - ', ''], guest: [' feat. ', ''], guestIn: 'credit', apostrophe: '’' },
  { name: 'musicwiki', version: [' (', ')'], guest: [' featuring ', ''], guestIn: 'credit', apostrophe: "'" },
  { name: 'radiolog', version: [' [', ']'], guest: [' (ft. ', ')'], guestIn: 'title', apostrophe: "'" },
  { name: 'userlib', version: [' - ', ''], guest: [' ft. ', ''], guestIn: 'credit', apostrophe: "'" },
];

/** Who brings a recording first: mostly the labels. */
export const firstSources = new Weighted(sources, [60, 20, 12, 5, 3]);
/** Who brings it again. */
export const laterSources = new Weighted(sources, [8, 27, 22, 23, 20]);
