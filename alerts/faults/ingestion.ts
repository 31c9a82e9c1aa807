import { keepOn } from '../lib/lab/deeds.ts';
import type { Lab } from '../lib/lab/lab.ts';
import type { Fault } from './types.ts';

const MUSICDB = { datname: 'musicdb' };
const inMusicDb = ({ primary }: Lab, sql: string): Promise<unknown> => primary.query(sql, 'musicdb');

/** A run as the loader notes it, with what each batch has brought. */
const begin = (lab: Lab): Promise<unknown> =>
  inMusicDb(lab, "insert into musicdb.ingestion_log (source, size_bytes) values ('delivery.csv', 1000000)");

const batch = (lab: Lab, taken: number, rejected: number): Promise<unknown> =>
  inMusicDb(
    lab,
    `update musicdb.ingestion_log
        set rows_read = rows_read + ${taken + rejected}, rows_inserted = rows_inserted + ${taken},
            rows_rejected = rows_rejected + ${rejected}, heartbeat_at = clock_timestamp()
      where source = 'delivery.csv' and state = 'running'`,
  );

const end = (lab: Lab, state: string): Promise<unknown> =>
  inMusicDb(
    lab,
    `update musicdb.ingestion_log set state = '${state}', finished_at = clock_timestamp()
      where source = 'delivery.csv' and state = 'running'`,
  );

const deliver = (taken: number, rejected: number) => async (lab: Lab) => {
  await begin(lab);
  keepOn(lab, 300, () => batch(lab, taken, rejected));
};

const done = (lab: Lab): Promise<unknown> => end(lab, 'done');

export const ingestion: readonly Fault[] = [
  {
    name: 'ingestion-slow',
    topology: 'pair',
    make: deliver(5, 0),
    repair: done,
    fires: [{ alert: 'IngestionBelowTarget', severity: 'warning', labels: MUSICDB }],
  },
  {
    name: 'ingestion-rejects',
    topology: 'pair',
    make: deliver(500, 50),
    repair: done,
    fires: [{ alert: 'IngestionErrorsHigh', severity: 'warning', labels: MUSICDB }],
  },
  {
    name: 'ingestion-stalled',
    topology: 'pair',
    make: begin,
    repair: done,
    fires: [{ alert: 'IngestionStalled', severity: 'warning', labels: MUSICDB, after: 400, clears: 120 }],
    alsoFires: [],
    // It takes in nothing, too.
    mayFire: ['IngestionBelowTarget/warning'],
  },
  {
    name: 'ingestion-fails',
    topology: 'pair',
    make: async (lab) => {
      await begin(lab);
      await end(lab, 'failed');
    },
    repair: () => Promise.resolve(),
    fires: [{ alert: 'IngestionRunFailed', severity: 'warning', labels: MUSICDB, after: 120 }],
  },
  {
    name: 'tracks-incomplete',
    topology: 'pair',
    make: (lab) =>
      inMusicDb(
        lab,
        `create table musicdb.kept as select track_id, duration_ms from musicdb.tracks where track_id % 5 = 0;
         update musicdb.tracks set duration_ms = null where track_id % 5 = 0`,
      ),
    repair: (lab) =>
      inMusicDb(
        lab,
        `update musicdb.tracks t set duration_ms = k.duration_ms from musicdb.kept k where k.track_id = t.track_id;
         drop table musicdb.kept`,
      ),
    fires: [{ alert: 'IngestionTracksIncomplete', severity: 'info', labels: { ...MUSICDB, rule: 'missing_duration' } }],
  },
  {
    name: 'tracks-repeated',
    topology: 'complete',
    // The sample comes with some.
    prepare: (lab) =>
      inMusicDb(
        lab,
        `delete from musicdb.tracks
          where track_id::text in (select right_key::text from pgvigil.find_duplicates('musicdb.tracks', musicdb.duplicate_track_columns()))`,
      ),
    make: (lab) =>
      inMusicDb(
        lab,
        `insert into musicdb.tracks (external_id, title, artist_credit, album_title, artist_id, album_id, duration_ms, release_year, genres, source)
         select 'again:' || external_id, upper(title), artist_credit, album_title, artist_id, album_id, duration_ms, release_year, genres, 'again'
           from musicdb.tracks where track_id % 5 = 0`,
      ),
    repair: (lab) => inMusicDb(lab, "delete from musicdb.tracks where source = 'again'"),
    fires: [
      {
        alert: 'IngestionDuplicatesHigh',
        severity: 'info',
        labels: { ...MUSICDB, schemaname: 'musicdb', relname: 'tracks' },
      },
    ],
  },
];
