/** The history of ingestion that the generated tracks would have left: a run per delivery and source. */
import type { Delivery, Track } from './rows.ts';

export interface Run {
  source: string;
  fingerprint: string;
  state: 'done' | 'interrupted';
  rows_read: number;
  rows_inserted: number;
  rows_unchanged: number;
  position_bytes: number;
  size_bytes: number;
  started_at: string;
  heartbeat_at: string;
  finished_at: string;
}

export const RUN_COLUMNS = [
  ...['source', 'fingerprint', 'state', 'rows_read', 'rows_inserted', 'rows_unchanged'],
  ...['position_bytes', 'size_bytes', 'started_at', 'heartbeat_at', 'finished_at'],
] as (keyof Run)[];

const BYTES_PER_ROW = 420;
const MS_PER_ROW = 0.2;
/** What had been delivered before, sent again. */
const SENT_AGAIN = 50;

export const runsOf = ({ tracks }: Delivery): Run[] =>
  [...Map.groupBy(tracks, ({ source }) => source)].map(([source, delivered], place) => run(source, delivered, place));

function run(source: string, delivered: readonly Track[], place: number): Run {
  const [{ track_id, created_at }] = delivered;
  const inserted = delivered.length;
  const unchanged = Math.floor(inserted / SENT_AGAIN);
  const bytes = (inserted + unchanged) * BYTES_PER_ROW;
  const finished = new Date(Date.parse(created_at) + Math.ceil((inserted + unchanged) * MS_PER_ROW)).toISOString();
  // The process that took one run in fifty was killed after its last row: a repeat had nothing to do any more.
  const state = track_id % 50 === place ? 'interrupted' : 'done';
  return {
    ...{ source: `${source}-${created_at.slice(0, 10)}.ndjson`, fingerprint: `sample-${source}-${track_id}`, state },
    ...{ rows_read: inserted + unchanged, rows_inserted: inserted, rows_unchanged: unchanged },
    ...{ position_bytes: bytes, size_bytes: bytes },
    ...{ started_at: created_at, heartbeat_at: finished, finished_at: finished },
  };
}
