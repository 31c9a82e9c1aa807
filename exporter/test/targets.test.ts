/** Several servers and several databases in one process. */
import {
  type PgBouncerServer,
  type PostgresServer,
  run,
  startPgBouncer,
  startPostgres,
  startPrometheus,
  tool,
} from '../../demo/servers/index.ts';
import { ifAvailable } from './families/available.ts';
import { readFacts } from './families/facts.ts';
import { CREATE_MONITOR, until } from './support/database.ts';
import { startExporter, type TestExporter, type TestExporterOptions } from './support/exporter.ts';
import type { Sample, Samples } from './support/exposition.ts';

let old: PostgresServer;
let young: PostgresServer;
let bouncer: PgBouncerServer;
const exporters: TestExporter[] = [];

const NAMES = ['old', 'young', 'pool'];

beforeAll(async () => {
  [old, young] = await Promise.all(([15, 18] as const).map((major) => startPostgres({ major })));
  for (const server of [old, young]) {
    await server.query(CREATE_MONITOR);
    await server.query('create table item (id serial primary key)');
    await server.query('create extension pg_stat_statements');
  }
  for (const database of ['shop', 'crm', 'archive']) {
    await young.query(`create database ${database}`);
    await young.query(`create table ${database}_table (id serial primary key)`, database);
  }
  bouncer = await startPgBouncer({ version: 'any', databases: { '*': `host=127.0.0.1 port=${young.port}` } });
});

afterEach(async () => {
  for (const exporter of exporters.splice(0)) await exporter.stop();
});

afterAll(async () => {
  await bouncer?.stop();
  for (const server of [old, young]) await server?.stop();
});

async function start(options: TestExporterOptions): Promise<TestExporter> {
  const exporter = await startExporter(options);
  exporters.push(exporter);
  return exporter;
}

const url = (server: PostgresServer): string => server.url('postgres', 'monitor');

const threeTargets = (): string => `
targets:
  - { name: old, postgres: '${url(old)}', databases: { discover: false } }
  - { name: young, postgres: '${url(young)}', databases: { exclude: [archive, crm] } }
  - { name: pool, pgbouncer: '${bouncer.url()}' }
`;

/** Metrics about the process itself, which has no target. */
const OF_THE_PROCESS = /^(process|nodejs)_/;

const ofTargets = (samples: Samples): Sample[] =>
  [...samples.families.values()].filter(({ name }) => !OF_THE_PROCESS.test(name)).flatMap((family) => family.samples);

/** One scrape after which nothing is still to come. */
async function settled(
  exporter: TestExporter,
  what: string,
  holds: (samples: Samples) => boolean,
  path?: string,
): Promise<Samples> {
  let samples: Samples | undefined;
  await until(what, async () => holds((samples = (await exporter.scrape(path)).samples)));
  return samples!;
}

describe('three targets', () => {
  const everywhere = (samples: Samples): boolean =>
    samples.series('pg_stat_user_tables_seq_scan', { datname: 'shop' }).length === 1 &&
    samples.series('pg_stat_user_tables_table_size_bytes', { target: 'old' }).length === 1;

  it.each(['0.20', '0.11'])('are told apart by the label target, --compat=%s', async (compat) => {
    const exporter = await start({ config: threeTargets(), args: [`--compat=${compat}`] });
    // Parsing is strict: a family in two places or a series that stands twice is an error.
    const samples = await settled(exporter, 'all databases', everywhere);
    expect(ofTargets(samples).filter(({ labels }) => !NAMES.includes(labels.target))).toEqual([]);
    const up = (name: string): string[] => samples.series(name).map(({ labels }) => labels.target);
    expect(up('pg_up')).toEqual(['old', 'young']);
    expect(up('pgbouncer_up')).toEqual(['pool']);
    for (const [target, server] of [
      ['old', old],
      ['young', young],
    ] as const) {
      expect(samples.series('pg_static', { target })[0].labels.short_version).toBe(`${server.version}.0`);
      expect(samples.value('pg_settings_port', { target })).toBe(server.port);
      expect(samples.series('pg_stat_user_tables_seq_scan', { target, relname: 'item' }).length).toBe(1);
    }
    expect(samples.series('pgbouncer_databases', { target: 'pool' }).length).toBe(1);
    expect(samples.series('pg_scrape_collector_success').filter(({ value }) => value !== 1)).toEqual([]);
  });

  it('have a server label each where 0.11 had one', async () => {
    const exporter = await start({
      config: threeTargets(),
      args: ['--compat=0.11', '--collector.process_idle', '--collector.postmaster'],
    });
    const samples = await settled(exporter, 'all databases', everywhere);
    const facts = readFacts('postgres_exporter-0.11.1-debian12--pg15-with-debian-example-queries.tsv').filter(
      ({ name, labels }) => labels.includes('server') && samples.families.has(name),
    );
    expect(facts.length).toBeGreaterThan(300);
    const servers: Readonly<Record<string, string>> = {
      old: `127.0.0.1:${old.port}`,
      young: `127.0.0.1:${young.port}`,
    };
    const wrong = facts
      .flatMap(({ name }) => samples.families.get(name)!.samples)
      .filter(({ labels }) => labels.server !== servers[labels.target]);
    expect(wrong).toEqual([]);
  });

  it('are probed one by one', async () => {
    const exporter = await start({ config: threeTargets() });
    for (const target of NAMES) {
      const { samples } = await exporter.scrape(`/probe?target=${target}`);
      expect(
        new Set([...samples.families.values()].flatMap((all) => all.samples.map(({ labels }) => labels.target))),
      ).toEqual(new Set([target]));
      expect(samples.value(target === 'pool' ? 'pgbouncer_up' : 'pg_up')).toBe(1);
      expect([...samples.families.keys()].filter((name) => OF_THE_PROCESS.test(name))).toEqual([]);
    }
    for (const path of ['/probe', '/probe?target=nobody', '/probe?target=old&target=young']) {
      const { status, text } = await exporter.scrape(path);
      expect(status).toBe(400);
      expect(text).toContain('old, young, pool');
    }
  });

  it('have nothing to do with each other when one is down', async () => {
    const config = `${threeTargets()}  - { name: gone, postgres: 'postgresql://u@127.0.0.1:1/postgres' }\n`;
    const { samples } = await (await start({ config })).scrape();
    expect(samples.series('pg_up').map(({ labels, value }) => [labels.target, value])).toEqual([
      ['old', 1],
      ['young', 1],
      ['gone', 0],
    ]);
    expect(samples.series('pgvigil_target_problem')).toMatchObject([{ labels: { target: 'gone', reason: 'refused' } }]);
    const failed = samples.series('pg_scrape_collector_success').filter(({ value }) => value === 0);
    expect(new Set(failed.map(({ labels }) => labels.target))).toEqual(new Set(['gone']));
  });

  it('satisfy promtool as text', async () => {
    const exporter = await start({ config: threeTargets() });
    const { text } = await exporter.scrape();
    await ifAvailable(async () => {
      const { stdout, stderr } = await run(await tool('promtool'), ['check', 'metrics'], { input: text });
      // Names are judged elsewhere; a text that cannot be read is one line "error while linting".
      expect(`${stdout}${stderr}`).not.toMatch(/error while linting|parsing error/);
    });
  });

  it('are discovered by a real Prometheus', async () => {
    const exporter = await start({ config: threeTargets() });
    await ifAvailable(async () => {
      const prometheus = await startPrometheus({ config: scrapeConfig(exporter.url) });
      const query = async (promql: string): Promise<Record<string, string>> => {
        const answer = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(promql)}`);
        const { data } = (await answer.json()) as {
          data: { result: { metric: { instance: string }; value: [number, string] }[] };
        };
        return Object.fromEntries(data.result.map(({ metric, value }) => [metric.instance, value[1]]));
      };
      try {
        const all = { old: '1', young: '1', pool: '1' };
        await until(
          'all targets are up',
          async () => JSON.stringify(await query('sort_desc(up)')).split('"1"').length === 4,
          60,
        );
        expect(await query('up')).toEqual(all);
        expect(await query('pg_up')).toEqual({ old: '1', young: '1' });
        expect(await query('pgbouncer_up')).toEqual({ pool: '1' });
        // A busy machine's first scrape may not be complete.
        const ports = async (): Promise<string> => JSON.stringify(await query('sort_desc(pg_settings_port)'));
        await until('both have been asked', async () => /^(?=.*"old")(?=.*"young")/.test(await ports()), 60);
        expect(await query('count by (instance) (pg_settings_port)')).toEqual({ old: '1', young: '1' });
      } finally {
        await prometheus.stop();
      }
    });
  });
});

const scrapeConfig = (exporter: string): string => `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: pgvigil
    http_sd_configs: [{ url: '${exporter}/sd', refresh_interval: 1s }]
`;

describe('the databases of one server', () => {
  const tables = (samples: Samples): string[] =>
    samples
      .series('pg_stat_user_tables_seq_scan')
      .map(({ labels }) => labels.datname)
      .sort();

  it.each<[string[], string[]]>([
    [[], ['archive', 'crm', 'postgres', 'shop']],
    [['--no-auto-discover-databases'], ['postgres']],
    [['--exclude-databases=archive,crm'], ['postgres', 'shop']],
    [['--include-databases=shop,archive'], ['archive', 'postgres', 'shop']],
    [
      ['--include-databases=shop,archive', '--exclude-databases=archive'],
      ['postgres', 'shop'],
    ],
  ])('%j', async (args, expected) => {
    const exporter = await start({ args, env: { DATA_SOURCE_NAME: url(young) } });
    const samples = await settled(exporter, expected.join(), (all) => tables(all).join() === expected.join());
    expect(samples.series('pg_stat_user_tables_seq_scan').filter(({ labels }) => 'target' in labels)).toEqual([]);
    // What is asked once per server tells of all databases whatever is included.
    expect(samples.series('pg_database_size_bytes').map(({ labels }) => labels.datname)).toContain('crm');
  });

  it('come and go', async () => {
    const exporter = await start({
      env: { DATA_SOURCE_NAME: url(old) },
      config: 'collectors: { user_table_sizes: { interval: 1s } }',
    });
    await settled(exporter, 'the one', (all) => tables(all).join() === 'postgres');
    await old.query('create database visitor');
    await old.query('create table t (id int)', 'visitor');
    await settled(exporter, 'the visitor', (all) => tables(all).join() === 'postgres,visitor');
    await old.query('drop database visitor with (force)');
    await settled(exporter, 'no visitor', (all) => tables(all).join() === 'postgres');
  });
});

describe('DATA_SOURCE_NAME', () => {
  it('may name two servers', async () => {
    const exporter = await start({ env: { DATA_SOURCE_NAME: `${url(old)},${url(young)}` } });
    const { samples } = await exporter.scrape();
    expect(samples.series('pg_up').map(({ labels, value }) => [labels, value])).toEqual([
      [{ target: `127.0.0.1:${old.port}` }, 1],
      [{ target: `127.0.0.1:${young.port}` }, 1],
    ]);
    expect(ofTargets(samples).filter(({ labels }) => labels.target === undefined)).toEqual([]);
    const { text } = await exporter.scrape('/sd', {});
    const targets = (JSON.parse(text) as { labels: Record<string, string> }[]).map(
      ({ labels }) => labels.__param_target,
    );
    expect(targets).toEqual([`127.0.0.1:${old.port}`, `127.0.0.1:${young.port}`]);
  });

  it('with one server gives no label target', async () => {
    const { samples } = await (await start({ env: { DATA_SOURCE_NAME: url(old) } })).scrape();
    expect(ofTargets(samples).filter(({ labels }) => 'target' in labels)).toEqual([]);
  });
});

describe('--constantLabels', () => {
  it('are on every metric of every target', async () => {
    const exporter = await start({ config: threeTargets(), args: ['--constantLabels=env=test,team=a b'] });
    const { samples } = await exporter.scrape();
    const all = ofTargets(samples);
    expect(all.length).toBeGreaterThan(1000);
    expect(all.filter(({ labels }) => labels.env !== 'test' || labels.team !== 'a b')).toEqual([]);
  });

  it("leave the metrics' own labels alone", async () => {
    const own = ['target', 'collector', 'datname', 'server', 'database', 'reason', 'relname'];
    const exporter = await start({
      config: threeTargets(),
      args: ['--compat=0.11', `--constantLabels=${own.map((label) => `${label}=constant`).join()}`],
    });
    const { samples } = await exporter.scrape();
    expect(samples.series('pg_up').map(({ labels }) => labels.target)).toEqual(['old', 'young']);
    expect(samples.series('pg_scrape_collector_success', { collector: 'constant' })).toEqual([]);
    expect(samples.series('pg_stat_user_tables_seq_scan', { datname: 'constant' })).toEqual([]);
    expect(samples.series('pg_locks_count', { server: 'constant' })).toEqual([]);
  });
});
