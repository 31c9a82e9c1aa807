/** A standby is monitored like its primary; what differs is listed here, with the reason. */
import { type PostgresServer, startPostgres, startStandby } from '../../../demo/servers/index.ts';
import { CREATE_MONITOR, until } from '../support/database.ts';
import { startExporter, type TestExporter } from '../support/exporter.ts';
import type { Samples } from '../support/exposition.ts';

/** Families that only the primary has. */
const ONLY_PRIMARY: readonly (readonly [RegExp, reason: string])[] = [
  [/^pg_stat_replication|^pg_replication_slot|^pg_replication_(write|flush|replay|sent)/, 'the standby feeds nobody'],
  [/^pg_sync_standbys/, 'commits wait on the primary only'],
  [/_last_(auto)?(vacuum|analyze)/, 'statistics are not replicated, and a standby does neither'],
  [/_last_(seq|idx)_scan/, 'nobody has read there yet'],
  [/^pg_long_running|_stats_reset/, 'depends on what happened to run, or to be reset'],
  [/^pg_prepared_xacts/, 'cannot be asked during recovery'],
];
/** Families that only the standby has. */
const ONLY_STANDBY: readonly (readonly [RegExp, reason: string])[] = [
  [/^pg_replication_|^pg_stat_wal_receiver/, 'how far it is behind'],
  [/^pg_stat_recovery_prefetch|^pg_recovery/, 'only recovery reads ahead'],
  [/^pg_long_running|_stats_reset|_last_/, 'depends on what happened to run, or to be reset'],
];

let primary: PostgresServer;
let standby: PostgresServer;
const exporters: TestExporter[] = [];
let onPrimary: Samples;
let onStandby: Samples;

async function start(server: PostgresServer): Promise<TestExporter> {
  const exporter = await startExporter({ env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') } });
  exporters.push(exporter);
  return exporter;
}

beforeAll(async () => {
  primary = await startPostgres();
  await primary.query(`${CREATE_MONITOR};
    create extension pg_stat_statements;
    create table t (id serial primary key);
    insert into t select from generate_series(1, 1000);
    analyze t`);
  standby = await startStandby(primary, { slot: 'standby' });
  await until(
    'the standby has it all',
    async () => (await standby.query('select count(*)::int as n from t'))[0].n === 1000,
  );
  const [first, second] = [await start(primary), await start(standby)];
  onPrimary = (await first.scrape()).samples;
  onStandby = (await second.scrape()).samples;
});
afterAll(async () => {
  for (const exporter of exporters) await exporter.stop();
  await standby?.stop();
  await primary?.stop();
});

const families = (samples: Samples): string[] => [...samples.families.keys()].filter((name) => name.startsWith('pg'));
const unexplained = (names: string[], reasons: typeof ONLY_PRIMARY): string[] =>
  names.filter((name) => !reasons.some(([pattern]) => pattern.test(name)));

it('gives the same families as its primary, but for those that cannot be there', () => {
  const [ours, theirs] = [new Set(families(onStandby)), new Set(families(onPrimary))];
  expect(
    unexplained(
      [...theirs].filter((name) => !ours.has(name)),
      ONLY_PRIMARY,
    ),
  ).toEqual([]);
  expect(
    unexplained(
      [...ours].filter((name) => !theirs.has(name)),
      ONLY_STANDBY,
    ),
  ).toEqual([]);
});

it('fails in no collector', () => {
  for (const samples of [onPrimary, onStandby]) {
    expect(samples.value('pg_up')).toBe(1);
    expect(samples.series('pg_scrape_collector_success').filter(({ value }) => value !== 1)).toEqual([]);
    expect(samples.series('pgvigil_collector_problem')).toEqual([]);
  }
});

it('says which is which', () => {
  expect(onPrimary.series('pg_server_info').map(({ labels }) => labels.role)).toEqual(['primary']);
  expect(onStandby.series('pg_server_info').map(({ labels }) => labels.role)).toEqual(['standby']);
  const system = (samples: Samples) => samples.series('pg_system_info').map(({ labels }) => labels.system_identifier);
  expect(system(onPrimary)).toEqual([expect.stringMatching(/^\d{15,}$/)]);
  expect(system(onStandby)).toEqual(system(onPrimary));
  expect(onPrimary.value('pg_replication_is_replica')).toBe(0);
  expect(onStandby.value('pg_replication_is_replica')).toBe(1);
  expect(onPrimary.value('pg_server_in_recovery')).toBe(0);
  expect(onStandby.value('pg_server_in_recovery')).toBe(1);
});

it('tells whether replay is paused', async () => {
  const paused = async (): Promise<number | undefined> =>
    (await exporters[1].scrape()).samples.value('pg_replication_replay_paused');
  expect(await paused()).toBe(0);
  await standby.query('select pg_wal_replay_pause()');
  await primary.query('insert into t select from generate_series(1, 10)');
  await until('the pause', async () => (await paused()) === 1);
  await standby.query('select pg_wal_replay_resume()');
  expect(await paused()).toBe(0);
});

it('becomes a primary without a restart of the exporter', async () => {
  await standby.query('select pg_promote()');
  const { samples } = await exporters[1].scrape();
  expect(samples.series('pg_server_info').map(({ labels }) => labels.role)).toEqual(['primary']);
  expect(samples.value('pg_replication_is_replica')).toBe(0);
  expect(samples.series('pg_scrape_collector_success').filter(({ value }) => value !== 1)).toEqual([]);
});
