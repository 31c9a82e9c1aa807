import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../src/config/load.ts';
import { Findings } from '../src/config/problems.ts';
import { parseQueriesYaml } from '../src/config/queries_yaml.ts';
import { inServerRange, isServerRange } from '../src/config/server_range.ts';
import type { Row } from '../src/metrics/types.ts';

const read = (text: string, everyDatabase = false) => {
  const findings = new Findings();
  const { collectors, replaced } = parseQueriesYaml(text, 'queries.yaml', { everyDatabase, compat: '0.20' }, findings);
  return { collectors, replaced, warnings: findings.warnings, problems: findings.problems };
};

const QUERIES = `
pg_replay:
  query: "SELECT 0 AS lag"
  master: true
  metrics:
    - lag:
        usage: "GAUGE"
        description: "Seconds behind"

pg_stat_user_tables:
  query: |
    SELECT current_database() datname, relname, seq_scan, note FROM pg_stat_user_tables
  cache_seconds: 30
  metrics:
    - datname: { usage: LABEL, description: Database }
    - relname: { usage: LABEL, description: Table }
    - seq_scan: { usage: COUNTER, description: Scans }
    - note: { usage: DISCARD, description: Nothing }

idle:
  query: SELECT 'x' AS app, 1 AS seconds_sum, 2 AS seconds_count, ARRAY[1,2] AS seconds, ARRAY[1,2] AS seconds_bucket
  runonserver: ">=10.0.0 <18.0.0"
  metrics:
    - app: { usage: LABEL }
    - seconds: { usage: HISTOGRAM, description: Idle time }

state:
  query: SELECT 'up' AS mode, '1m5ms' AS took
  metrics:
    - mode: { usage: MAPPEDMETRIC, description: Mode, metric_mapping: { up: 1, down: 0.5 } }
    - took: { usage: DURATION, description: Took }
`;

test('each usage becomes what postgres_exporter makes of it', () => {
  const { collectors, problems } = read(QUERIES);
  expect(problems).toEqual([]);
  const [replay, tables, idle, state] = collectors;
  expect(replay).toEqual({
    ...{ name: 'pg_replay', source: 'function', scope: 'server', sql: 'SELECT 0 AS lag', labels: [] },
    serverLabel: true,
    columns: { lag: { name: 'pg_replay_lag', type: 'gauge', help: 'Seconds behind' } },
  });
  expect(tables).toMatchObject({ labels: ['datname', 'relname'], background: { intervalSeconds: 30 } });
  expect(tables.columns).toEqual({
    seq_scan: { name: 'pg_stat_user_tables_seq_scan', type: 'counter', help: 'Scans' },
  });
  expect(idle.needs).toEqual(['server >=10.0.0 <18.0.0']);
  expect(idle.columns).toEqual({ seconds: { name: 'idle_seconds', type: 'histogram', help: 'Idle time' } });
  expect(state.columns).toEqual({
    mode: { name: 'state_mode', type: 'gauge', help: 'Mode' },
    took: { name: 'state_took_milliseconds', type: 'gauge', help: 'Took' },
  });
});

test.each<[Row, Row]>([
  [
    { mode: 'up', took: '1m5ms' },
    { mode: '1', took: '60005' },
  ],
  [
    { mode: 'down', took: '-1.5s' },
    { mode: '0.5', took: '-1500' },
  ],
  [
    { mode: 'unknown', took: 'soon' },
    { mode: null, took: null },
  ],
  [
    { mode: null, took: '900us' },
    { mode: null, took: '0' },
  ],
  [
    { mode: 'constructor', took: null, other: 'kept' },
    { mode: null, took: null, other: 'kept' },
  ],
])('texts that stand for numbers: %j', (row, expected) => {
  const state = read(QUERIES).collectors[3];
  expect(state.reshape!([row])).toEqual([expected]);
});

test('a query that is not "master" runs in every database only where discovery was asked for', () => {
  const scopes = (everyDatabase: boolean) => read(QUERIES, everyDatabase).collectors.map(({ scope }) => scope);
  expect(scopes(false)).toEqual(['server', 'server', 'server', 'server']);
  expect(scopes(true)).toEqual(['server', 'database', 'database', 'database']);

  const cwd = mkdtempSync(join(tmpdir(), 'pgvigil-'));
  writeFileSync(join(cwd, 'q.yaml'), QUERIES);
  const scope = (...argv: string[]) => {
    const env = { DATA_SOURCE_NAME: 'postgres://u@h', PG_EXPORTER_EXTEND_QUERY_PATH: 'q.yaml' };
    return loadConfig({ argv, env, cwd }).config.functions[1].scope;
  };
  expect(scope()).toBe('server');
  expect(scope('--no-auto-discover-databases')).toBe('server');
  expect(scope('--auto-discover-databases')).toBe('database');
});

test('the user’s metric wins over a built-in one, and a warning names both', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'pgvigil-'));
  writeFileSync(join(cwd, 'q.yaml'), QUERIES);
  const env = { DATA_SOURCE_NAME: 'postgres://u@h' };
  const { config, warnings } = loadConfig({
    argv: ['--extend.query-path=q.yaml', '--collector.stat_user_tables'],
    env,
    cwd,
  });
  expect(config.collectors).toEqual({ stat_user_tables: { enabled: false } });
  expect(warnings).toEqual([
    'q.yaml: pg_stat_user_tables defines pg_stat_user_tables_seq_scan, so the built-in collector stat_user_tables is switched off',
  ]);
});

test('a namespace called like a built-in collector is not switched off with it', () => {
  const { collectors, replaced } = read('locks: { query: select 1 as n, metrics: [{ n: { usage: GAUGE } }] }');
  expect([collectors[0].name, Object.values(collectors[0].columns), replaced]).toEqual([
    'locks_query',
    [{ name: 'locks_n', type: 'gauge', help: '' }],
    [],
  ]);
});

test.each([
  ['a: { metrics: [] }', /^queries\.yaml:1:1 a\.query/],
  ['a:\n  query: select 1\n  metrics:\n    - n: { usage: GUAGE }', /^queries\.yaml:4:12 a\.metrics\[0\]\.n\.usage/],
  ['a: { query: q, metrics: [{ n: { usage: MAPPEDMETRIC } }] }', /a\.metrics\[0\]\.n$/],
  ['a: { query: q, metrics: [{ "1 n": { usage: LABEL } }] }', /1 n$/],
  ['1a: { query: q, metrics: [] }', /:1:1 1a$/],
  ['a: { query: q, runonserver: new, metrics: [] }', /a\.runonserver$/],
  ['a: [', /^queries\.yaml:1:/],
])('a mistake has a place: %s', (text, where) => {
  const { problems } = read(text);
  expect(problems).toHaveLength(1);
  expect(problems[0].where).toMatch(where);
});

test('a metric of a function may not come from queries.yaml too', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'pgvigil-'));
  writeFileSync(join(cwd, 'q.yaml'), QUERIES);
  writeFileSync(
    join(cwd, 'pgvigil.yml'),
    'functions: [{ name: pg_replay, sql: select 1, columns: { lag: { type: gauge, help: x } } }]',
  );
  const env = { DATA_SOURCE_NAME: 'postgres://u@h' };
  expect(() => loadConfig({ argv: ['--extend.query-path=q.yaml'], env, cwd })).toThrow(
    /pg_replay_lag, which the function pg_replay defines too/,
  );
});

describe('a range of server versions', () => {
  test.each([
    ['>=10.0.0', '9.6.24', false],
    ['>=10.0.0', '10.0', true],
    ['>=10.0.0', '17.2 (Debian 17.2-1)', true],
    ['>=9.4.0 <9.6.0', '9.5.3', true],
    ['>=9.4.0 <9.6.0', '9.6.0', false],
    ['<10.0.0 || >=17.0.0', '18beta1', true],
    ['<10.0.0 || >=17.0.0', '16.4', false],
    ['15.x', '15.7', true],
    ['15.x', '16.1', false],
    ['!=15.7.0', '15.7', false],
    ['> 14.3.0', '14.4', true],
    ['<=14.3.0', '14.3', true],
    ['nonsense', '17.0', false],
  ])('%s holds %s: %s', (range, version, expected) => {
    expect(inServerRange(range, version)).toBe(expected);
  });
  test('may be nonsense', () => {
    expect(['', 'new', '>=', '10 to 12', '>=10.0.0'].map(isServerRange)).toEqual([false, false, false, false, true]);
  });
});
