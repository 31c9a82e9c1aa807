import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ConfigError, loadConfig } from '../src/config/load.ts';
import type { Problem } from '../src/config/problems.ts';
import { envNames, fileKey, settings } from '../src/config/settings.ts';
import type { Config } from '../src/config/types.ts';

const cwd = mkdtempSync(join(tmpdir(), 'pgvigil-'));
const base = { HOME: cwd, DATA_SOURCE_NAME: 'postgres://u:s3cret@db/postgres' };

const load = (argv: string[] = [], env: Record<string, string> = {}, source: Record<string, string> = base) =>
  loadConfig({ argv, env: { ...source, ...env }, cwd });
const problemsOf = (argv: string[], env: Record<string, string> = {}, source = base): readonly Problem[] => {
  try {
    load(argv, env, source);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};
const file = (name: string, content: string): string => {
  writeFileSync(join(cwd, name), content, { mode: 0o600 });
  return name;
};
const at = (config: Config, key: string): unknown =>
  key.split('.').reduce<unknown>((node, step) => (node as Record<string, unknown>)[step], config);

describe('a setting', () => {
  /** Key, flag arguments, what they give. */
  const cases: [key: string, argv: string[], expected: unknown][] = [
    ['web.listenAddresses', ['--web.listen-address=:1', '--web.listen-address', '[::1]:2'], [':1', '[::1]:2']],
    ['web.telemetryPath', ['--web.telemetry-path=/m'], '/m'],
    ['web.configFile', ['--web.config.file=w.yml'], 'w.yml'],
    ['log.level', ['--log.level', 'debug'], 'debug'],
    ['log.format', ['--log.format=json'], 'json'],
    ['compat', ['--compat=0.11'], '0.11'],
    ['constantLabels', ['--constantLabels=a=b,c=d=e'], { a: 'b', c: 'd=e' }],
    ['scrape.timeoutSeconds', ['--collection-timeout=1m30s'], 90],
    ['scrape.timeoutMarginSeconds', ['--scrape.timeout-margin=250ms'], 0.25],
    ['scrape.shareSeconds', ['--scrape.share-seconds', '5'], 5],
    ['scrape.inline', ['--collectors.inline'], true],
    ['targets.0.databases.discover', ['--no-auto-discover-databases'], false],
    ['targets.0.databases.discover', ['--auto-discover-databases=false'], false],
    ['targets.0.databases.include', ['--include-databases=a, b'], ['a', 'b']],
    ['targets.0.databases.exclude', ['--exclude-databases', 'c'], ['c']],
    ['disableDefaultCollectors', ['--disable-default-metrics'], true],
    ['collectors.settings.enabled', ['--disable-settings-metrics'], false],
    ['collectors.settings.enabled', ['--disable-settings-metrics', '--collector.settings'], true],
    ['collectors.stat_statements.budget', ['--collector.stat_statements.limit=7'], 7],
    ['collectors.stat_statements.budget', ['--series-budget=0'], 0],
    ['collectors.stat_statements.budget', ['--series-budget=0', '--collector.stat_statements.limit=7'], 7],
    ['collectors.stat_statements.enabled', ['--collector.stat_statements'], true],
    ['collectors.locks.enabled', ['--no-collector.locks'], false],
    ['collectors.locks.enabled', ['--no-collector.locks', '--collector.locks'], true],
    ['collectors.stat_bgwriter.enabled', ['--no-collector.bgwriter'], false],
    ['collectors.replication_slots.enabled', ['--no-collector.replication_slot'], false],
    ['statements.includeQuery', ['--collector.stat_statements.include_query'], true],
    ['statements.queryLength', ['--collector.stat_statements.query_length=9'], 9],
    ['statements.excludeDatabases', ['--collector.stat_statements.exclude_databases=a'], ['a']],
    ['statements.excludeUsers', ['--collector.stat_statements.exclude_users=a,b'], ['a', 'b']],
    ['targets.0.pgbouncer.port', ['--pgBouncer.connectionString=postgres://u@b:6543/pgbouncer'], 6543],
    ['targets.0.maintenance.user', ['--maintenance.connection-string=user=fix'], 'fix'],
    ['state.database', ['--state.url=postgres://s@h/state'], 'state'],
    ['history.intervalSeconds', ['--history.interval=30s'], 30],
    ['history.sampleSeconds', ['--history.sample-interval=0'], 0],
    ['history.planSeconds', ['--history.plan-interval=0'], 0],
    ['history.retentionDays', ['--history.retention-days=3'], 3],
    ['api.readSecretFile', [`--api.read-secret-file=${file('read', 'sixteen-or-more-r')}`], join(cwd, 'read')],
    ['api.writeSecretFile', [`--api.write-secret-file=${file('write', 'sixteen-or-more-w')}`], join(cwd, 'write')],
    ['actions.lockBudgetSeconds', ['--actions.lock-budget=1m'], 60],
    ['actions.journalFile', ['--actions.journal-file=/var/j'], '/var/j'],
    ['targets.0.load.user', ['--benchmark.connection-string=user=bench'], 'bench'],
    ['targets.0.benchmark', ['--benchmark.connection-string=user=bench'], 'allowed'],
    ['benchmark.workloads', ['--benchmark.workloads=/etc/workloads'], '/etc/workloads'],
  ];
  test.each(cases)('%s from %j', (key, argv, expected) => {
    expect(at(load(argv).config, key)).toEqual(expected);
  });

  test.each([
    ['PGVIGIL_WEB_LISTEN_ADDRESS', 'web.listenAddresses', ':1,:2', [':1', ':2']],
    ['PG_EXPORTER_WEB_LISTEN_ADDRESS', 'web.listenAddresses', ':1', [':1']],
    ['PG_EXPORTER_WEB_TELEMETRY_PATH', 'web.telemetryPath', '/m', '/m'],
    ['PG_EXPORTER_COLLECTION_TIMEOUT', 'scrape.timeoutSeconds', '2s', 2],
    ['PG_EXPORTER_CONSTANT_LABELS', 'constantLabels', 'a=b', { a: 'b' }],
    ['PG_EXPORTER_AUTO_DISCOVER_DATABASES', 'targets.0.databases.discover', 'false', false],
    ['PG_EXPORTER_INCLUDE_DATABASES', 'targets.0.databases.include', 'a', ['a']],
    ['PG_EXPORTER_EXCLUDE_DATABASES', 'targets.0.databases.exclude', 'a,b', ['a', 'b']],
    ['PG_EXPORTER_DISABLE_DEFAULT_METRICS', 'disableDefaultCollectors', 'true', true],
    ['PG_EXPORTER_DISABLE_SETTINGS_METRICS', 'collectors.settings.enabled', 'true', false],
    ['PGBOUNCER_EXPORTER_CONNECTION_STRING', 'targets.0.pgbouncer.host', 'postgres://b/', 'b'],
    ['PGVIGIL_COLLECTORS_INLINE', 'scrape.inline', '1', true],
  ])('from %s', (name, key, value, expected) => {
    expect(at(load([], { [name]: value }).config, key)).toEqual(expected);
  });

  test('comes from the flag before the environment, the file and the default', () => {
    const named = file('precedence.yml', 'log: { level: warn }\nscrape: { timeout_seconds: 3s }\n');
    const level = (argv: string[], env: Record<string, string>) => load(argv, env).config.log.level;
    const own = { PGVIGIL_LOG_LEVEL: 'debug' };
    expect(level(['--log.level=error', `--config.file=${named}`], own)).toBe('error');
    expect(level([`--config.file=${named}`], own)).toBe('debug');
    expect(level([], { PGVIGIL_CONFIG_FILE: named })).toBe('warn');
    expect(level([], { PGVIGIL_LOG_LEVEL: '' })).toBe('info');
  });

  test('has one flag, one key and one variable of its own', () => {
    for (const name of [settings.map(({ flag }) => flag), settings.map(fileKey), settings.flatMap(envNames)])
      expect(new Set(name).size).toBe(name.length);
  });

  test('has a case above', () => {
    const covered = cases.flatMap(([, argv]) => argv.map((arg) => arg.replace(/^--(?:no-)?|=.*$/g, '')));
    const missing = settings.map(({ flag }) => flag).filter((flag) => !covered.includes(flag));
    expect(missing).toEqual(['config.file', 'extend.query-path']);
  });
});

describe('a command line that is wrong', () => {
  test.each([
    ['--log.levle=x', /Did you mean "--log\.level"\?/],
    ['--web.listen-addres=:1', /Did you mean "--web\.listen-address"\?/],
    ['--collector.lokcs', /no collector lokcs.*"locks"/s],
    ['--no-collector.lokcs', /no collector lokcs.*"locks"/s],
    ['--collector.stat_statements.limti=1', /"--collector\.stat_statements\.limit"/],
    ['--no-collector.stat_statements.limit', /cannot be negated/],
    ['--metric-prefix=x', /metric_relabel_configs/],
    ['--dumpmaps', /pgvigil check/],
    ['--web.systemd-socket', /listen-address/],
    ['--log.level', /value is missing/],
    ['--log.level=loud', /debug, info, warn, error/],
    ['--collection-timeout=soon', /not a duration/],
    ['--collection-timeout=-1s', /not a duration/],
    ['--series-budget=-1', /not a whole number/],
    ['--web.listen-address=9187', /host:port/],
    ['--web.listen-address=:99999', /host:port/],
    ['--web.telemetry-path=metrics', /\/metrics/],
    ['--constantLabels=a', /name=value/],
    ['--constantLabels=1a=b', /label name/],
    ['--collectors.inline=perhaps', /true or false/],
    ['--config.file=absent.yml', /absent\.yml.*does not exist/s],
    ['--extend.query-path=absent.yaml', /absent\.yaml.*does not exist/s],
    ['stray', /not a flag/],
    ['-x', /not a flag/],
  ])('%s', (arg, expected) => {
    const problems = problemsOf([arg]);
    expect(problems).toHaveLength(1);
    expect(Object.values(problems[0]).join('\n')).toMatch(expected);
  });

  test('is told everything at once', () => {
    expect(problemsOf(['--log.level=x', '--nope', 'value', '--compat=9'], { PGVIGIL_LOG_FORMAT: 'xml' })).toHaveLength(
      4,
    );
  });
});

describe('the servers', () => {
  const only = (env: Record<string, string>, argv: string[] = []) => load(argv, env, { HOME: cwd }).config.targets;

  test('of DATA_SOURCE_NAME are named host:port, a second connection string to one is dropped', () => {
    const DATA_SOURCE_NAME = 'postgres://u:a,b@h1/x,postgres://u@h2:1/x,postgres://u@h1/y';
    const { config, warnings } = load([], { DATA_SOURCE_NAME });
    expect(config.targets.map(({ name }) => name)).toEqual(['h1:5432', 'h2:1']);
    expect(config.targets[0].postgres?.password).toBe('a,b');
    expect(warnings).toEqual([expect.stringMatching(/h1:5432 is named twice/)]);
  });

  test('of DATA_SOURCE_URI take login and files beside it', () => {
    const user = file('user', 'mon\n');
    const pass = file('pass', 's3cret\n');
    const uri = { DATA_SOURCE_URI: 'h:1/d?sslmode=disable' };
    const [plain] = only({ ...uri, DATA_SOURCE_USER: 'u@x', DATA_SOURCE_PASS: 'p/%?' });
    expect(plain.postgres).toMatchObject({ host: 'h', port: 1, user: 'u@x', database: 'd', tls: { mode: 'disable' } });
    expect(plain.postgres?.password).toBe('p/%?');
    const [files] = only({
      DATA_SOURCE_URI_FILE: file('uri', 'h:1/d'),
      DATA_SOURCE_USER_FILE: user,
      DATA_SOURCE_PASS_FILE: pass,
    });
    expect(files.postgres).toMatchObject({ host: 'h', user: 'mon', passwordFile: join(cwd, 'pass') });
    expect(files.postgres?.password).toBe(undefined);
  });

  test('may be one PgBouncer alone, or PgBouncer beside the only target', () => {
    const PGBOUNCER_EXPORTER_CONNECTION_STRING = 'postgres://u@b:6543/pgbouncer';
    const [alone] = only({ PGBOUNCER_EXPORTER_CONNECTION_STRING });
    expect([alone.name, alone.postgres]).toEqual(['b:6543', undefined]);
    const [both] = load([], { PGBOUNCER_EXPORTER_CONNECTION_STRING }).config.targets;
    expect([both.name, both.postgres?.host, both.pgbouncer?.host]).toEqual(['db:5432', 'db', 'b']);
    const two = { DATA_SOURCE_NAME: 'postgres://a,postgres://b', PGBOUNCER_EXPORTER_CONNECTION_STRING };
    expect(problemsOf([], two)[0].message).toMatch(/several targets/);
  });

  test('are PGHOST’s where nothing else is said; none at all is a problem', () => {
    expect(only({ PGHOST: 'eh', PGUSER: 'u' })[0].name).toBe('eh:5432');
    expect(problemsOf([], { DATA_SOURCE_NAME: '' })).toEqual([expect.objectContaining({ where: 'targets' })]);
  });
});

test('the configuration is frozen to the bottom', () => {
  const { config } = load(['--constantLabels=a=b']);
  const thaw = (value: unknown, path: string): string[] =>
    typeof value !== 'object' || value === null
      ? []
      : [
          ...(Object.isFrozen(value) ? [] : [path]),
          ...Object.entries(value).flatMap(([key, inner]) => thaw(inner, `${path}.${key}`)),
        ];
  expect(thaw(config, 'config')).toEqual([]);
});

describe('a password never shows', () => {
  const secrets = [
    [['--log.level=postgres://u:s3cret@h/d'], {}],
    [['--unknown=postgres://u:s3cret@h/d'], {}],
    [['--pgBouncer.connectionstring', 'postgres://u:s3cret@h/d'], {}],
    [['--pgBouncer.connectionString=postgres://u:s3cret@h:x/d'], {}],
    [['postgres://u:s3cret@h/d'], {}],
    [['--compat', 'host=h password=s3cret'], {}],
    [['--constantLabels=postgres://u:s3cret@h/d'], {}],
    [['--config.file=broken.yml'], {}],
    [['--config.file=wrong.yml'], { S: 's3cret' }],
    [[], { DATA_SOURCE_NAME: 'postgres://u:s3cret@h:port/d' }],
    [[], { DATA_SOURCE_NAME: 'postgres://u:s3cret@a/d,postgres://u:s3cret@b/?x=1' }],
    [[], { DATA_SOURCE_NAME: '', DATA_SOURCE_URI: 'h:port', DATA_SOURCE_USER: 'u', DATA_SOURCE_PASS: 's3cret' }],
    [[], { PGBOUNCER_EXPORTER_CONNECTION_STRING: 'postgres://u:s3cret@h/d?nonsense=1' }],
    [[], { PGVIGIL_LOG_LEVEL: 'password=s3cret' }],
  ] as [string[], Record<string, string>][];

  beforeAll(() => {
    file('broken.yml', 'targets:\n  - postgres: "postgres://u:s3cret@h/d\n  password: s3cret: x\n');
    file(
      'wrong.yml',
      [
        'targets:',
        '  - { name: a, postgres: "postgres://u:s3cret@h:x/d" }',
        '  - { name: b, postgres: { host: h, password: { nested: s3cret } } }',
        '  - { name: c, postgres: { host: h, port: "${S}" } }',
        '  - { name: d, postgres: { host: h, password: s3cret, sslmode: "${S}" } }',
        '  - { name: e, postgres: [postgres://u:s3cret@h/d] }',
        'log: { level: "postgres://u:s3cret@h" }',
      ].join('\n'),
    );
  });

  test.each(secrets)('%j %j', (argv, env) => {
    const problems = problemsOf(argv, env);
    expect(problems.length).toBeGreaterThan(0);
    expect(inspect(problems) + new ConfigError(problems).message).not.toContain('s3cret');
  });

  test('in what was loaded', () => {
    chmodSync(join(cwd, file('open.yml', 'targets: [{ name: a, postgres: "postgres://u:s3cret@h/d" }]')), 0o644);
    const { config, warnings } = load(['--config.file=open.yml'], { DATA_SOURCE_NAME: '' });
    expect(config.targets[0].postgres?.password).toBe('s3cret');
    expect(inspect(config, { depth: 9 }) + JSON.stringify(config) + warnings.join()).not.toContain('s3cret');
    expect(warnings).toEqual([expect.stringMatching(/readable by everyone/)]);
  });
});
