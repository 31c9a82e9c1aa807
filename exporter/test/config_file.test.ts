import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig } from '../src/config/load.ts';

const cwd = mkdtempSync(join(tmpdir(), 'pgvigil-'));
writeFileSync(join(cwd, 'password'), 's3cret\n', { mode: 0o600 });
writeFileSync(join(cwd, 'shown'), 's3cret\n', { mode: 0o644 });

const load = (yaml: string, env: Record<string, string> = {}) => {
  writeFileSync(join(cwd, 'pgvigil.yml'), yaml, { mode: 0o600 });
  return loadConfig({ argv: [], env: { HOME: cwd, ...env }, cwd });
};
/** One line per problem: place, message, cure. */
const problems = (yaml: string, env: Record<string, string> = {}): string[] => {
  try {
    load(yaml, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ where, message, cure }) => `${where} | ${message} | ${cure}`);
  }
  return [];
};
const TARGET = 'targets: [{ name: a, postgres: "postgres://u@h/d" }]\n';

test('everything the file can say arrives in the configuration', () => {
  const { config, warnings } = load(
    `
compat: 0.20
log: { level: warn, format: json }
web:
  listen_addresses: [":1", "127.0.0.1:2"]
  telemetry_path: /m
scrape: { timeout_seconds: 20s, share_seconds: 5, inline: true }
constant_labels: { env: prod }
databases: { exclude: [rdsadmin] }
statements: { include_query: true }
collectors:
  locks: { enabled: false, interval: 20s, timeout: 2s }
  bgwriter: { interval: 1m }
  stat_statements: { budget: 50 }
targets:
  - name: main
    postgres:
      dsn: postgres://mon@db.example/app
      password_file: password
      sslmode: verify-full
    pgbouncer: { host: /run/pgbouncer, user: stats, password: "\${BOUNCER_PASSWORD}" }
    databases: { discover: false, include: "app,shop" }
  - name: other
    postgres: host=h2 user=mon
functions:
  - name: app_orders
    sql: select status, pending, oldest from orders where note <> '$\${X}'
    labels: [status]
    columns:
      pending: { type: gauge, help: Orders that wait. }
      oldest: { type: counter, help: Age., scale: 0.001, name: app_oldest_seconds }
    ttl: 5m
    timeout: 10
    needs: [extension pg_trgm]
  - { name: quick, sql: select 1 as n, columns: { n: { type: gauge, help: One. } }, scope: database }
`,
    { BOUNCER_PASSWORD: 'b0uncer' },
  );
  expect(warnings).toEqual([]);
  expect(config).toMatchObject({
    compat: '0.20',
    log: { level: 'warn', format: 'json' },
    web: { listenAddresses: [':1', '127.0.0.1:2'], telemetryPath: '/m' },
    scrape: { timeoutSeconds: 20, timeoutMarginSeconds: 0.5, shareSeconds: 5, inline: true },
    constantLabels: { env: 'prod' },
    statements: { includeQuery: true, queryLength: 120 },
    collectors: {
      locks: { enabled: false, intervalSeconds: 20, timeoutSeconds: 2 },
      stat_bgwriter: { intervalSeconds: 60 },
      stat_statements: { budget: 50 },
    },
  });
  const [main, other] = config.targets;
  expect(main).toMatchObject({
    name: 'main',
    postgres: {
      host: 'db.example',
      database: 'app',
      passwordFile: join(cwd, 'password'),
      tls: { mode: 'verify-full' },
    },
    pgbouncer: { host: '/run/pgbouncer', port: 6432, user: 'stats', database: 'pgbouncer' },
    databases: { discover: false, include: ['app', 'shop'], exclude: ['rdsadmin'] },
  });
  expect(main.pgbouncer?.password).toBe('b0uncer');
  expect(other).toMatchObject({ name: 'other', postgres: { host: 'h2' }, databases: { discover: true } });
  expect(config.functions).toEqual([
    {
      name: 'app_orders',
      source: 'function',
      scope: 'server',
      sql: "select status, pending, oldest from orders where note <> '${X}'",
      needs: ['extension pg_trgm'],
      labels: ['status'],
      columns: {
        pending: { name: 'app_orders_pending', type: 'gauge', help: 'Orders that wait.' },
        oldest: { name: 'app_oldest_seconds', type: 'counter', help: 'Age.', scale: 0.001 },
      },
      background: { intervalSeconds: 300, timeoutSeconds: 10 },
    },
    {
      name: 'quick',
      source: 'function',
      scope: 'database',
      sql: 'select 1 as n',
      labels: [],
      columns: { n: { name: 'quick_n', type: 'gauge', help: 'One.' } },
    },
  ]);
});

test.each([
  ['collectors: { locks: { timeout: 2s } }', /collectors\.locks\.timeout .*deadline.*Add an interval/],
  ['collectors: { pgbouncer_pools: { interval: 1m } }', /collectors\.pgbouncer_pools\.interval .*every scrape/],
  ['functions: [{ name: q, sql: select 1 as n, columns: { n: { type: gauge, help: N. } }, timeout: 1s }]', /ttl/],
])('a time that would be ignored is a problem: %s', (text, problem) => {
  expect(problems(TARGET + text)).toEqual([expect.stringMatching(problem)]);
});

test('an empty file and empty sections say nothing', () => {
  const { config } = load('web:\ncollectors:\n  locks:\nfunctions:\n', { DATA_SOURCE_NAME: 'postgres://u@h' });
  expect(config.web.listenAddresses).toEqual([':9187']);
  expect(load('', { DATA_SOURCE_NAME: 'postgres://u@h' }).config.targets[0].name).toBe('h:5432');
});

test('DATA_SOURCE_NAME replaces the file’s targets, and says so', () => {
  const { config, warnings } = load(TARGET, { DATA_SOURCE_NAME: 'postgres://u@env' });
  expect(config.targets.map(({ name }) => name)).toEqual(['env:5432']);
  expect(warnings).toEqual(['pgvigil.yml:1:1 targets: not used, because DATA_SOURCE_* is set']);
});

describe('one problem', () => {
  const fn = (more: string, columns = '{ n: { type: gauge, help: x } }'): string =>
    `${TARGET}functions:\n  - name: app\n    sql: select 1\n    columns: ${columns}\n    ${more}\n`;
  test.each([
    ['unknown key', `${TARGET}websites: 1`, /^pgvigil\.yml:2:1 websites \| unknown key/],
    ['unknown key near one', `${TARGET}web:\n  telemetry_pth: /x`, /:3:3 web\.telemetry_pth .*"telemetry_path"/],
    ['not a mapping', `${TARGET}web: 5`, /:2:1 web \| expected a mapping.*got a number/],
    ['not a list', 'targets: { name: a }', /:1:1 targets \| expected a list/],
    ['empty item', `${TARGET.slice(0, -2)}, null]`, /targets\[1\] \| expected a mapping.*got nothing/],
    ['a list at the top', '- a', /:1:1 \| expected a mapping/],
    ['bad value', `${TARGET}scrape: { share_seconds: soon }`, /scrape\.share_seconds \| "soon" is not a duration/],
    ['bad type', `${TARGET}web:\n  telemetry_path: 5`, /:3:3 web\.telemetry_path \| expected text/],
    ['YAML', 'targets:\n\t- name: a', /^pgvigil\.yml:2:1 \| not valid YAML/],
    ['YAML twice', 'log: {}\nlog: {}', /:2:1 \| not valid YAML: duplicate key/],
    ['no name', 'targets:\n  - postgres: postgres://u@h', /:2:5 targets\[0\]\.name \| is missing/],
    [
      'same name',
      `targets:\n  - &a { name: a, postgres: "postgres://u@h" }\n  - *a`,
      /targets\[1\]\.name .*already called "a"/,
    ],
    ['no server', 'targets: [{ name: a }]', /:1:11 targets\[0\] \| .*neither postgres nor pgbouncer/],
    ['bad DSN', 'targets:\n  - name: a\n    postgres: host=h prt=1', /:3:5 targets\[0\]\.postgres .*"port"/],
    ['bad field', 'targets: [{ name: a, postgres: { hots: h } }]', /targets\[0\]\.postgres\.hots .*"host"/],
    ['bad port', 'targets: [{ name: a, postgres: { host: h, port: 0 } }]', /postgres \| the port/],
    ['number as password', 'targets: [{ name: a, postgres: { password: 5 } }]', /password \| .*needs quotes/],
    ['two passwords', 'targets: [{ name: a, postgres: { password: x, password_file: password } }]', /both a password/],
    ['no password file', 'targets: [{ name: a, postgres: { password_file: nope } }]', /file nope does not exist/],
    [
      'variable',
      'targets:\n  - name: a\n    postgres: "${NOT_SET}"',
      /:3:5 targets\[0\]\.postgres \| .*NOT_SET is not set/,
    ],
    ['collector', `${TARGET}collectors:\n  lokcs: {}`, /:3:3 collectors\.lokcs \| .*Did you mean "locks"/],
    ['collector’s field', `${TARGET}collectors: { locks: { budgte: 1 } }`, /collectors\.locks\.budgte .*"budget"/],
    ['label', fn('labels: [__a]'), /:6:14 functions\[0\]\.labels\[0\] .*two underscores/],
    ['label and value', fn('labels: [n]'), /columns\.n \| is a label too/],
    ['datname', fn('labels: [datname]\n    scope: database'), /datname is added by itself/],
    ['scope', fn('scope: cluster'), /:6:5 functions\[0\]\.scope \| is neither server nor database/],
    ['ttl', fn('ttl: often'), /:6:5 functions\[0\]\.ttl \| "often" is not a duration/],
    ['metric type', fn('', '{ n: { type: sum, help: x } }'), /:5:21 functions\[0\]\.columns\.n\.type .*counter/],
    ['metric name', fn('', '{ n: { type: gauge, help: x, name: 1x } }'), /name \| "1x" is not a metric name/],
    ['help', fn('', '{ n: { type: gauge } }'), /columns\.n\.help \| is missing/],
    ['no column', fn('', '{}'), /:5:5 functions\[0\]\.columns \| no column/],
    ['built-in metric', fn('', '{ n: { type: gauge, help: x, name: pg_locks_count } }'), /built-in collector locks/],
    ['built-in name', fn('').replace('name: app', 'name: locks'), /"locks" is the name of a built-in collector/],
    [
      'same metric',
      `${fn('')}${fn('').split('functions:\n')[1].replace('name: app', 'name: App')}`
        .replace('name: App', 'name: other')
        .replace(/help: x } }\n {4}\n$/, 'help: x, name: app_n } }\n'),
      /app_n is already a metric of the function app/,
    ],
  ])('%s', (_, yaml, expected) => {
    const found = problems(yaml);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });
});

test('all problems are reported at once, in the order of the file', () => {
  const found = problems(`targets:
  - name: a
    postgres: host=h prt=1
  - nme: b
    postgres: { host: h, port: 70000 }
  - name: a
web:
  telemetry_path: metrics
collectors:
  lokcs: {}
functions:
  - name: app
    sql: select '\${UNSET}'
    columns: { n: { type: gauge, help: x, name: pg_locks_count } }
`);
  expect(found.map((line) => line.split(' | ')[0])).toEqual([
    'pgvigil.yml:3:5 targets[0].postgres',
    'pgvigil.yml:4:5 targets[1].name',
    'pgvigil.yml:4:5 targets[1].nme',
    'pgvigil.yml:6:5 targets[2]',
    'pgvigil.yml:6:5 targets[2].name',
    'pgvigil.yml:8:3 web.telemetry_path',
    'pgvigil.yml:10:3 collectors.lokcs',
    'pgvigil.yml:13:5 functions[0].sql',
    'pgvigil.yml:14:16 functions[0].columns.n',
  ]);
});

test('a password file that everyone may read is warned of', () => {
  const { warnings } = load('targets: [{ name: a, postgres: { host: h, password_file: shown } }]');
  expect(warnings).toEqual([expect.stringMatching(/password_file: shown is readable by everyone/)]);
});
