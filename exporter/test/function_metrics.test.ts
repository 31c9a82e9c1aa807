/** From SQL functions to metrics: what `pgvigil sql install` gives, polled as pgvigil_monitor, against direct questions. */
import pg from 'pg';
import { type PostgresServer, POSTGRES_MAJORS, startPostgres } from '../../demo/servers/index.ts';
import { loadMusicDb } from '../src/sample/musicdb/load.ts';
import { loadRoadTrip } from '../src/sample/roadtrip/load.ts';
import { functionsBundle, sampleBundle } from '../src/sql/bundles.ts';
import { installBundles } from '../src/sql/install.ts';
import { until } from './support/database.ts';
import { startExporter, type TestExporter } from './support/exporter.ts';
import type { Samples } from './support/exposition.ts';

const FAULTS = [
  'create table public.fault (id bigint primary key, parent bigint, note text)',
  'create index fault_note_idx on public.fault (note)',
  'create index fault_note_twice_idx on public.fault (note)',
  'insert into public.fault select n, n, md5(n::text) || md5((-n)::text) from generate_series(1, 20000) n',
  'delete from public.fault where id % 2 = 0',
  // Only now: without an index on it, every deleted row would read the whole table.
  'alter table public.fault add foreign key (parent) references public.fault not valid',
  'analyze public.fault',
];

/** Metric → the same number, asked of the database by its owner. */
const DIRECT: Readonly<Record<string, string>> = {
  'pg_index_findings{kind="duplicate"}':
    "select count(*) from pgvigil.check_index_usage(kept => false) where kind = 'duplicate'",
  'pg_index_findings{kind="missing_fk"}':
    "select count(*) from pgvigil.check_index_usage(kept => false) where kind = 'missing_fk'",
  'pg_table_bloat_bytes{relname="fault"}': "select sum(bloat_bytes) from pgvigil.table_bloat() where relname = 'fault'",
  'pg_index_bloat_bytes{indexrelname="fault_note_idx"}':
    "select sum(bloat_bytes) from pgvigil.index_bloat() where indexrelname = 'fault_note_idx'",
  'pg_table_vacuum_need_ratio{relname="fault"}':
    "select vacuum_need_ratio from pgvigil.vacuum_need() where relname = 'fault'",
  'pg_partitions{relname="stories"}': `select count(*) from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'roadtrip.stories'::regclass and pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'`,
  'pg_partition_default_rows{relname="stories"}': 'select count(*) from roadtrip.stories_default',
  'pg_matview_populated{matviewname="mv_venue_stats"}': 'select 1',
  'pg_duplicates_checked_rows{relname="tracks"}': 'select count(*) from musicdb.tracks',
  'musicdb_incomplete_tracks{rule="missing_year"}': 'select count(*) from musicdb.tracks where release_year is null',
  'musicdb_ingested_rows_total{outcome="rejected"}': 'select sum(rows_rejected) from musicdb.ingestion_log',
};

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let exporter: TestExporter;
  let owner: pg.Client;

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { autovacuum: 'off' } });
    owner = new pg.Client({ connectionString: server.url() });
    await owner.connect();
    const options = { version: '0', report: () => {} };
    await installBundles(owner, [functionsBundle(), sampleBundle('musicdb'), sampleBundle('roadtrip')], options);
    await loadMusicDb(owner, { tracks: 2000, seed: 5 });
    await loadRoadTrip(owner, { stories: 1000, seed: 5 });
    // Each in a connection of its own: its counters are there before the next one.
    for (const sql of FAULTS) await server.query(sql);
    await owner.query('create role monitor login; grant pgvigil_monitor to monitor');
    exporter = await startExporter({ env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') } });
  });

  afterAll(async () => {
    await exporter?.stop();
    await owner?.end();
    await server?.stop();
  });

  const sumOf = (samples: Samples, series: string): number | undefined => {
    const [, name, label, value] = /^(\w+)\{(\w+)="(\w+)"\}$/.exec(series)!;
    const found = samples.series(name, { [label]: value });
    return found.length === 0 ? undefined : found.reduce((sum, sample) => sum + sample.value, 0);
  };

  test('every figure is the one that the owner gets from the database', async () => {
    let missing: string[] = [];
    const allPolled = async (): Promise<boolean> => {
      const { samples } = await exporter.scrape();
      missing = Object.keys(DIRECT).filter((series) => sumOf(samples, series) === undefined);
      return missing.length === 0;
    };
    await until('all functions have been polled', allPolled, 60).catch(() => expect(missing).toEqual([]));
    const { samples } = await exporter.scrape();
    for (const [series, sql] of Object.entries(DIRECT)) {
      const { rows } = await owner.query<{ value: number }>(`select (${sql})::float8 as value`);
      expect([series, sumOf(samples, series)]).toEqual([series, rows[0].value]);
    }
  });

  test('nothing failed, and the role that polls may read no row', async () => {
    const { samples } = await exporter.scrape();
    expect(samples.series('pg_scrape_collector_success').filter(({ value }) => value !== 1)).toEqual([]);
    const monitor = new pg.Client({ connectionString: server.url('postgres', 'monitor') });
    await monitor.connect();
    for (const table of ['musicdb.tracks', 'roadtrip.stories', 'public.fault'])
      await expect(monitor.query(`select from ${table}`)).rejects.toThrow('permission denied');
    await monitor.end();
  });
});
