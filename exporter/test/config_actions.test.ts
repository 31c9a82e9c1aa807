/** What the configuration says of changing things: the maintenance role, windows, the API's secrets. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, type Loaded, loadConfig } from '../src/config/load.ts';

const cwd = mkdtempSync(join(tmpdir(), 'pgvigil-'));
const file = (name: string, text: string, mode = 0o600): void => writeFileSync(join(cwd, name), text, { mode });
file('password', 's3cret\n');
file('long', 'a-secret-of-26-characters!\n');
file('same', 'a-secret-of-26-characters!');
file('other', 'another-secret-of-characters\n');
file('short', '15-characters-x\n');
file('shown', 'everybody-may-read-this\n', 0o644);

const load = (yaml: string, argv: readonly string[] = [], env: Record<string, string> = {}): Loaded => {
  file('pgvigil.yml', yaml);
  return loadConfig({ argv, env: { HOME: cwd, ...env }, cwd });
};
/** One line per problem: place, message, cure. */
const problems = (...input: Parameters<typeof load>): string[] => {
  try {
    load(...input);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ where, message, cure }) => `${where} | ${message} | ${cure}`);
  }
  return [];
};
const TARGET = 'targets: [{ name: a, postgres: "postgres://u@h/d" }]\n';

describe('benchmark:', () => {
  const of = (more: string): string => `
targets:
  - name: a
    postgres: postgres://mon@db:5433/app
    ${more}`;
  const target = (more: string) => load(of(more)).config.targets[0];

  test('is forbidden unless it is allowed', () => {
    expect(target('maintenance: { user: fix }').benchmark).toBe('forbidden');
    expect(target('maintenance: { user: fix }\n    benchmark: allowed').benchmark).toBe('allowed');
    expect(problems(of('benchmark: yes'))).toEqual([
      'pgvigil.yml:5:5 targets[0].benchmark | is neither allowed nor forbidden | Write benchmark: allowed or benchmark: forbidden.',
    ]);
  });

  test('has a login of its own, or that of maintenance', () => {
    expect(target('load: { user: bench, database: b }').load).toMatchObject({
      user: 'bench',
      host: 'db',
      database: 'b',
    });
    expect(target('maintenance: { user: fix }').load).toMatchObject({ user: 'fix' });
    expect(problems(of('benchmark: allowed'))).toEqual([
      'pgvigil.yml:5:5 targets[0].benchmark | nobody is named who may load the server | Add load: with user: and password_file:, or maintenance:. It is another role than the one that monitors.',
    ]);
    expect(problems(of('load: { password_file: password }'))).toEqual([
      expect.stringContaining('targets[0].load | the load role has no user'),
    ]);
  });
});

describe('maintenance:', () => {
  const of = (maintenance: string, postgres = 'postgres://mon:monpw@db:5433/app?sslmode=require'): string => `
targets:
  - name: a
    postgres: "${postgres}"
    maintenance: ${maintenance}`;

  test('is at the same server and database, with the same TLS, but never with the same login', () => {
    const { config, warnings } = load(of('{ user: fix, password_file: password }'));
    const [{ maintenance }] = config.targets;
    expect(maintenance).toMatchObject({
      host: 'db',
      port: 5433,
      database: 'app',
      user: 'fix',
      passwordFile: join(cwd, 'password'),
      tls: { mode: 'require' },
    });
    expect(maintenance!.password).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  test('does not take the password of the role that monitors', () => {
    expect(load(of('{ user: fix }')).config.targets[0].maintenance!.password).toBeUndefined();
  });

  test('says what differs', () => {
    const { config } = load(of('{ dsn: "postgres://fix:pw@primary/other", port: 5434 }'));
    expect(config.targets[0].maintenance).toMatchObject({ host: 'primary', port: 5434, database: 'other' });
  });

  test('needs a user, and a server', () => {
    expect(problems(of('{ password_file: password }'))).toEqual([
      'pgvigil.yml:5:5 targets[0].maintenance | the maintenance role has no user | Name it: user: and password_file:. It is another role than the one that monitors.',
    ]);
    expect(problems('targets: [{ name: b, pgbouncer: host=b, maintenance: { user: fix } }]')).toEqual([
      expect.stringContaining('the target has no PostgreSQL server to maintain | Add postgres: to it.'),
    ]);
  });

  test('warns when the monitoring role could change things', () => {
    expect(load(of('{ user: mon, password_file: password }')).warnings).toEqual([
      expect.stringContaining('mon also monitors'),
    ]);
  });

  test('as a flag it joins the only target, and shows no password in a problem', () => {
    const flag = '--maintenance.connection-string=postgres://fix:hidden@/';
    const env = { DATA_SOURCE_NAME: 'postgres://mon@db:5433/app' };
    const { config } = load('', [flag], env);
    expect(config.targets[0].maintenance).toMatchObject({ host: 'db', port: 5433, user: 'fix', password: 'hidden' });
    const two = problems('', [flag], { DATA_SOURCE_NAME: 'postgres://mon@db/app,postgres://mon@db2/app' });
    expect(two).toEqual([
      '--maintenance.connection-string | there are several targets | Give each its own maintenance: under targets: in pgvigil.yml.',
    ]);
    expect(problems('', ['--maintenance.connection-string=password=hidden'], env).join()).not.toContain('hidden');
  });
});

describe('windows:', () => {
  test('arrive as numbers, with what is not said', () => {
    const { config } = load(`${TARGET}
windows:
  - name: nights
    days: [mon, Tue, mon]
    from: "22:30"
    until: 02:00
    timezone: Europe/Berlin
    targets: [a]
  - { name: always, from: "0:00", until: "24:00" }`);
    expect(config.windows).toEqual([
      { name: 'nights', days: [1, 2], from: 1350, until: 120, timezone: 'Europe/Berlin', targets: ['a'] },
      { name: 'always', days: [0, 1, 2, 3, 4, 5, 6], from: 0, until: 0, timezone: 'UTC', targets: [] },
    ]);
    expect(load(TARGET).config.windows).toEqual([]);
  });

  test.each([
    ['name: ""', 'windows[0].name | is empty | Give the window a name; refusals show it.'],
    [
      'name: w, from: "25:00"',
      'windows[0].from | "25:00" is not a time of day | Write for example "02:00", in quotes.',
    ],
    ['name: w, from: "24:01"', 'windows[0].from | "24:01" is not a time of day'],
    ['name: w, from: "2:60"', 'windows[0].from | "2:60" is not a time of day'],
    ['name: w, days: [funday]', 'windows[0].days | "funday" is not a day | Write days: [sun, mon'],
    ['name: w, timezone: Mars/Base', 'windows[0].timezone | "Mars/Base" is not a time zone'],
    ['name: w, targets: [A]', 'windows[0].targets | there is no target "A" | Did you mean "a"?'],
    ['name: w, to: "03:00"', 'windows[0].to | unknown key'],
  ])('%s', (fields, problem) => {
    const defaults = { from: '"01:00"', until: '"03:00"' };
    const rest = Object.entries(defaults).filter(([key]) => !fields.includes(`${key}:`));
    const all = [fields, ...rest.map(([key, value]) => `${key}: ${value}`)].join(', ');
    expect(problems(`${TARGET}windows: [{ ${all} }]`)).toEqual([expect.stringContaining(problem)]);
  });

  test('two of one name are refused', () => {
    const window = '{ name: w, from: "01:00", until: "03:00" }';
    expect(problems(`${TARGET}windows: [${window}, ${window}]`)).toEqual([
      expect.stringContaining('windows[1].name | another window is already called "w"'),
    ]);
  });
});

describe('secrets of the API', () => {
  const api = (fields: string): string => `${TARGET}api: { ${fields} }`;

  test('are files, found from where the exporter starts', () => {
    const { config } = load(api('read_secret_file: long, write_secret_file: other'));
    expect(config.api).toEqual({ readSecretFile: join(cwd, 'long'), writeSecretFile: join(cwd, 'other') });
    expect(load(TARGET).config.api).toEqual({});
  });

  test.each([
    ['read_secret_file: none', 'the file none does not exist'],
    ['write_secret_file: short', 'the secret has fewer than 16 characters | Make one: openssl rand -hex 32'],
    ['read_secret_file: long, write_secret_file: same', 'the read and the write secret are the same'],
  ])('%s', (fields, problem) => {
    expect(problems(api(fields))).toEqual([expect.stringContaining(problem)]);
  });

  test('one that everybody may read is warned of', () => {
    expect(load(api('read_secret_file: shown')).warnings).toEqual([
      expect.stringContaining('shown is readable by everyone'),
    ]);
  });
});
