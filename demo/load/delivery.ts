/** Tracks as a source delivers them while the demo runs. */
import { below, type Catalogue, pick } from './catalogue.ts';

/** Of this process, so that a second demo on the same database brings tracks of its own. */
const run = Date.now().toString(36);
let delivered = 0;

const BAD_SHARE = 0.03;
/** What is wrong with a bad one; the ingestion keeps each with its reason. */
const DAMAGES = [{ title: null }, { duration_ms: -1 }, { isrc: 'unknown' }, { release_year: 20203 }];

/** Known titles by known artists, in new versions. */
export function delivery({ examples }: Catalogue, tracks: number): Record<string, unknown>[] {
  return Array.from({ length: tracks }, () => {
    const { artist_credit, album_title, genres, metadata } = pick(examples);
    return {
      external_id: `live:${run}-${++delivered}`,
      title: pick(examples).title,
      artist_credit,
      album_title,
      track_number: 1 + below(14),
      duration_ms: 90_000 + below(240_000),
      release_year: 1990 + below(35),
      genres,
      metadata,
      ...(Math.random() < BAD_SHARE && pick(DAMAGES)),
    };
  });
}
