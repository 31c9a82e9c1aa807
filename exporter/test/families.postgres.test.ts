/** Every family of the peers' lists, live: same name, same type, same labels, or a reason in a table here. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon, freePort, type PostgresMajor, type PostgresServer, run, tool } from '../../demo/servers/index.ts';
import { ifAvailable } from './families/available.ts';
import { type Environment, startEnvironment } from './families/environment.ts';
import { type Difference, differences, type Excuse, judge, Live, readFacts } from './families/facts.ts';
import { until } from './support/database.ts';
import { ask, startExporter } from './support/exporter.ts';
import { parseExposition, type Samples } from './support/exposition.ts';

const OPTIONAL = ['stat_activity_autovacuum', 'process_idle', 'buffercache_summary', 'stat_statements_query_id'];

/** Differences from every release. */
const ALWAYS: readonly Excuse[] = [
  ['postgres_exporter_build_info', 'absent', 'another program: pgvigil_build_info would say nothing of that one'],
];
const HAS_RELOAD: readonly Excuse[] = [
  ['postgres_exporter_config_last_reload_success.*', 'absent', 'its auth_modules file, which pgvigil has no use for'],
];
const HAS_QUERIES: readonly Excuse[] = [
  ['pg_exporter_user_queries_load_error', 'absent', 'a wrong queries.yaml keeps pgvigil from starting'],
];
/** Between 0.19.1 and 0.20, whose names and labels are the ones served. */
const BEFORE_0_20: readonly Excuse[] = [
  ['pg_replication_slot_.*', 'absent', '0.20 calls it pg_replication_slots_…'],
  ['pg_replication_slots_.*', 'without server', '0.20 dropped the label'],
  ['pg_settings_.*', 'without server', '0.20 dropped the label'],
  ['pg_stat_activity_.*', 'without server', '0.20 dropped the label'],
  ['pg_stat_archiver_.*', 'without server', '0.20 dropped the label'],
];
/** That list was made with a standby. */
const WITH_STANDBY: readonly Excuse[] = [
  ['pg_stat_replication_pg_.*', 'without server, with pid', '0.20 has the process in a label of its own'],
  ['pg_stat_replication_reply_time', 'absent', '0.20 dropped it'],
];
const INDEXES: readonly Excuse[] = [
  ['pg_statio_user_indexes_.*', 'with datname', 'two databases may have an index of the same name'],
];
const BEFORE_10: readonly Excuse[] = [
  ['pg_.*xlog_location.*', 'absent', 'only before PostgreSQL 10, which pgvigil does not know'],
];
const SINCE_17: readonly Excuse[] = [
  ['pg_stat_progress_vacuum_max_dead_tuples', 'absent', 'PostgreSQL 17 limits bytes; the peer serves those as a count'],
];
const BEFORE_17: readonly Excuse[] = [
  ['pg_stat_checkpointer_.*', 'absent', 'that view came with PostgreSQL 17'],
  ['pg_buffercache_summary_.*', 'absent', 'that function came with PostgreSQL 16'],
  ['pg_stat_database_conflicts_confl_active_logicalslot', 'absent', 'that column came with PostgreSQL 16'],
];
const HEAD = 'postgres_exporter-HEAD-dbb1987-2026-08-18--from-source.tsv';
const OF_HEAD: readonly Excuse[] = [...ALWAYS, ...HAS_RELOAD, ...HAS_QUERIES, ...INDEXES, ...BEFORE_10];
const OF_0_19: readonly Excuse[] = [...ALWAYS, ...HAS_RELOAD, ...BEFORE_0_20];

type List = readonly [file: string, major: PostgresMajor, compat: string, excuses: readonly Excuse[]];
const LISTS: readonly List[] = [
  ['postgres_exporter-0.11.1-debian12--pg15-default.tsv', 15, '0.11', ALWAYS],
  [
    'postgres_exporter-0.11.1-debian12--pg15-with-debian-example-queries.tsv',
    ...([15, '0.11', [...ALWAYS, ...HAS_QUERIES]] as const),
  ],
  ['postgres_exporter-0.19.1--pg15-default.tsv', 15, '0.20', [...OF_0_19, ...WITH_STANDBY]],
  ['postgres_exporter-0.19.1--pg17-default.tsv', 17, '0.20', OF_0_19],
  ['postgres_exporter-0.19.1--pg17-all-collectors.tsv', 17, '0.20', [...OF_0_19, ...INDEXES]],
  ['postgres_exporter-0.19.1--pg18-default.tsv', 18, '0.20', OF_0_19],
  [HEAD, 15, '0.20', [...OF_HEAD, ...BEFORE_17]],
  [HEAD, 17, '0.20', [...OF_HEAD, ...SINCE_17]],
  [HEAD, 18, '0.20', [...OF_HEAD, ...SINCE_17]],
];

/** What `promtool check metrics` has against names that are not ours to change, and from which PostgreSQL on. */
const SINS: readonly (readonly [since: PostgresMajor, excuse: Excuse])[] = [
  [15, ['pg_stat(io)?_.*', 'counter metrics should have "_total" suffix', 'the peers named them so']],
  [15, ['pg_.*_count', 'non-histogram and non-summary metrics should not have "_count" suffix', 'the same']],
  [
    16,
    [
      'pg_buffercache_summary_.*',
      "metric name should not include type 'summary'",
      "PostgreSQL's function is called so",
    ],
  ],
  [17, ['pg_settings_.*', "metric name should not include type 'summary'", 'the parameter is called so']],
  [
    15,
    ['nodejs_.*', 'non-counter metrics should not have "_total" suffix', "prom-client's names, known to dashboards"],
  ],
];

const ALL_NAMES = new Set(
  readdirSync(join(import.meta.dirname, 'families'))
    .filter((file) => file.endsWith('.tsv'))
    .flatMap((file) => readFacts(file).map(({ name }) => name)),
);

/** One scrape of the server by an exporter of its own, with every collector there is. */
async function scrape(server: PostgresServer, compat: string): Promise<{ text: string; samples: Samples }> {
  const exporter = await startExporter({
    args: [`--compat=${compat}`, ...OPTIONAL.map((name) => `--collector.${name}`)],
    env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') },
  });
  try {
    let answer = await exporter.scrape();
    await until('every collector has run', async () => {
      answer = await exporter.scrape();
      return answer.samples.series('pg_scrape_collector_success', { collector: 'user_table_sizes' }).length > 0;
    });
    expect(answer.samples.series('pg_scrape_collector_success').filter(({ value }) => value !== 1)).toEqual([]);
    return answer;
  } finally {
    await exporter.stop();
  }
}

describe.each([15, 17, 18] as const)('PostgreSQL %i', (major) => {
  let environment: Environment;
  const cache = new Map<string, Promise<{ text: string; samples: Samples }[]>>();

  const scrapes = (compat: string): Promise<{ text: string; samples: Samples }[]> => {
    const { primary, standby } = environment;
    const both = cache.get(compat) ?? Promise.all([primary, standby].map((server) => scrape(server, compat)));
    cache.set(compat, both);
    return both;
  };
  const live = async (compat: string): Promise<Live> => new Live((await scrapes(compat)).map(({ samples }) => samples));

  beforeAll(async () => void (environment = await startEnvironment(major)));
  afterAll(() => environment?.stop());

  test.each(LISTS.filter((list) => list[1] === major))('%s', async (file, _, compat, excuses) => {
    expect(judge(differences(readFacts(file), await live(compat)), excuses)).toEqual({ new: [], stale: [] });
  });

  test('pg_settings tells what a session of that login gets, not what ours has set for itself', async () => {
    const [primary, standby] = (await scrapes('0.20')).map(({ samples }) => samples);
    const settings = ['statement_timeout_seconds', 'lock_timeout_seconds', 'idle_session_timeout_seconds'];
    const values = [...settings, 'extra_float_digits', 'jit', 'default_transaction_read_only', 'transaction_read_only'];
    const served = (samples: Samples): unknown[] => values.map((name) => samples.value(`pg_settings_${name}`));
    expect(served(primary)).toEqual([77, 5, 3600, 3, 1, 0, 0]);
    expect(served(standby)).toEqual([77, 5, 3600, 3, 1, 0, 1]);
  });

  test.each(['0.20', '0.11'])('promtool has nothing against the output, %s', async (compat) => {
    const promtool = await ifAvailable(() => tool('promtool'));
    if (promtool === undefined) return;
    const found: Difference[] = [];
    for (const { text } of await scrapes(compat)) {
      const { stdout, stderr } = await run(promtool, ['check', 'metrics'], { input: text });
      for (const line of `${stdout}${stderr}`.trim().split('\n')) {
        const [, name, what] = /^(\S+) (.*)$/.exec(line) ?? [];
        found.push({ name, what });
      }
    }
    const excuses = SINS.filter(([since]) => major >= since).map(([, excuse]) => excuse);
    expect(judge(found, excuses)).toEqual({ new: [], stale: [] });
    // A name of our own is no sin of theirs.
    expect(found.filter(({ name }) => !ALL_NAMES.has(name) && !name.startsWith('nodejs_'))).toEqual([]);
  });
});

const PEER = process.env.PEER_EXPORTER;
const ifPeer = PEER === undefined ? test.skip : test;

/** What the binary at hand serves that the list of its release does not tell. */
const LIVE_PEER: readonly Excuse[] = [
  ...ALWAYS,
  ...HAS_RELOAD,
  ...INDEXES,
  ['pg_stat_progress_vacuum_max_dead_tuples', 'absent', 'PostgreSQL 17 limits bytes; the peer serves those as a count'],
  ['go_.*', 'absent', 'another runtime'],
  ['process_(network_.*|virtual_memory_max_bytes)', 'absent', 'prom-client does not serve these'],
];

/** Whose values are the same whoever asks and whenever. */
const SAME_VALUES =
  /^pg_(static$|settings_|.*_connection_limit$|replication_is_replica$|postmaster_start_time_|stat_user_tables_(n_tup_|vacuum_count)|stat_progress_vacuum_heap_blks$)/;

/** One scrape of a postgres_exporter that runs all its collectors. */
async function scrapePeer(file: string, server: PostgresServer): Promise<Samples> {
  const { PATH } = process.env;
  const command = {
    file,
    args: [],
    env: { PATH, DATA_SOURCE_NAME: `${server.url('postgres', 'monitor')}?sslmode=disable` },
  };
  const { stdout, stderr } = await run(command, ['--help']);
  const collectors = `${stdout}${stderr}`.matchAll(/--\[no-\](collector\.\w+) /g);
  const port = await freePort();
  const daemon = new Daemon({ name: 'postgres_exporter', directory: 'peer', command });
  try {
    const url = `http://127.0.0.1:${port}`;
    const args = [`--web.listen-address=127.0.0.1:${port}`, ...Array.from(collectors, ([, flag]) => `--${flag}`)];
    await daemon.start(args, () =>
      fetch(url)
        .then(({ ok }) => ok)
        .catch(() => false),
    );
    return parseExposition((await ask(`${url}/metrics`)).text);
  } finally {
    await daemon.end('SIGTERM');
  }
}

ifPeer('a postgres_exporter, PEER_EXPORTER=<program>, serves nothing that we do not', async () => {
  const environment = await startEnvironment(17);
  const servers = [environment.primary, environment.standby];
  try {
    const ours = await Promise.all(servers.map(async (server) => (await scrape(server, '0.20')).samples));
    const peers = await Promise.all(servers.map((server) => scrapePeer(PEER!, server)));
    const peer = new Live(peers);
    const facts = peer.names.flatMap((name) => peer.facts(name));
    expect(judge(differences(facts, new Live(ours)), LIVE_PEER)).toEqual({ new: [], stale: [] });
    const values = (samples: Samples): string[] =>
      [...samples.families.values()]
        .filter(({ name }) => SAME_VALUES.test(name) && peers[0].families.has(name))
        .flatMap((family) => family.samples)
        .map(({ name, labels, value }) => `${name} ${JSON.stringify(Object.entries(labels).sort())} ${value}`)
        .sort();
    expect(values(ours[0])).toEqual(values(peers[0]));
  } finally {
    await environment.stop();
  }
});
