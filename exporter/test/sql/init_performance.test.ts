/** The performance settings and the script that applies them, on real servers. */
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import {
  type Command,
  POSTGRES_MAJORS,
  type PostgresServer,
  psql,
  run,
  type RunResult,
  ServerUnavailable,
  startPostgres,
} from '../../../demo/servers/index.ts';
import { sqlFolder } from '../../src/sql/bundles.ts';

const CONF = join(sqlFolder(), 'postgresql-performance.conf');
const SCRIPT = join(sqlFolder(), 'init-performance.sh');
const BACKUP = 'postgresql-settings.backup.sql';

const SETTINGS = new Map(
  readFileSync(CONF, 'utf8')
    .split('\n')
    .map((line) => /^(\w+) = (\S+)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, name, value]) => [name, value]),
);
const NAMES = [...SETTINGS.keys()].map((name) => `'${name}'`).join(', ');

let directory: string;
let client: Command | undefined;

beforeAll(async () => {
  client = await psql().catch((error: unknown) => {
    if (!(error instanceof ServerUnavailable)) throw error;
    return void console.warn(`skipped what needs psql: ${error.message}`);
  });
});
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'pgvigil-conf-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const withPsql = (name: string, test: (command: Command) => Promise<void>): void =>
  it(name, async () => (client === undefined ? undefined : test(client)));

const script = (
  command: Command,
  server: PostgresServer,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<RunResult> =>
  run(
    {
      file: SCRIPT,
      args: [],
      env: {
        ...command.env,
        PATH: [dirname(command.file), process.env.PATH].join(delimiter),
        PGHOST: server.host,
        PGPORT: String(server.port),
        PGUSER: 'postgres',
        PGDATABASE: 'postgres',
        ...env,
      },
    },
    args,
    { cwd: directory },
  );

const conf = (text: string): string[] => {
  writeFileSync(join(directory, 'own.conf'), text);
  return ['--conf', 'own.conf'];
};

/** All that can be seen of the settings; an entry of postgresql.auto.conf may stand in another line. */
const allSettings = (server: PostgresServer): Promise<Record<string, unknown>[]> =>
  server.query(
    `select name, setting, unit, source, sourcefile, boot_val, reset_val, pending_restart from pg_settings
      where name not in ('application_name', 'transaction_isolation') order by 1`,
  );

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  it('starts with postgresql-performance.conf and takes every value of it', async () => {
    // Where the server's user can read it.
    const file = join(directory, 'included.conf');
    cpSync(CONF, file);
    chmodSync(directory, 0o755);
    chmodSync(file, 0o644);
    const server = await startPostgres({ major, settings: { include: file } });
    try {
      expect(await server.query('select name, error from pg_file_settings where error is not null')).toEqual([]);
      const rows = await server.query<{ name: string; value: string; sourcefile: string }>(
        `select name, current_setting(name) as value, sourcefile from pg_settings where name in (${NAMES})`,
      );
      expect(new Map(rows.map(({ name, value }) => [name, value]))).toEqual(SETTINGS);
      expect(new Set(rows.map(({ sourcefile }) => sourcefile))).toEqual(new Set([file]));
    } finally {
      await server.stop();
    }
  });
});

it('has the values of the documents, each with a reason and a case against it', () => {
  expect(Object.fromEntries(SETTINGS)).toMatchObject({
    shared_buffers: '2GB',
    effective_cache_size: '6GB',
    work_mem: '32MB',
    maintenance_work_mem: '512MB',
    wal_buffers: '64MB',
    max_wal_size: '4GB',
    max_connections: '200',
    max_parallel_workers: '8',
    checkpoint_completion_target: '0.9',
    random_page_cost: '1.1',
    effective_io_concurrency: '200',
    default_statistics_target: '100',
    autovacuum_vacuum_scale_factor: '0.1',
    autovacuum_analyze_scale_factor: '0.05',
    autovacuum_naptime: '30s',
    autovacuum_max_workers: '4',
  });
  const blocks = readFileSync(CONF, 'utf8')
    .split('\n\n')
    .filter((block) => /^\w+ = /m.test(block));
  expect(blocks.length).toBe(SETTINGS.size);
  for (const block of blocks) expect(block).toMatch(/^# [^]+^# Wrong: [^]+\n\w+ = \S+\s*$/m);
});

describe.each([14, 15, 18] as const)('init-performance.sh on PostgreSQL %i', (major) => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await startPostgres({ major })));
  afterAll(() => server?.stop());

  withPsql('shows, applies, survives a restart, and undoes exactly', async (command) => {
    // One that was set before, and is put back; one that the file has already.
    await server.query("alter system set work_mem = '5MB'");
    await server.query('alter system set max_wal_size to default');
    await server.query('select pg_reload_conf()');
    const before = await allSettings(server);

    const dry = await script(command, server, ['--dry-run']);
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toMatch(/^shared_buffers +128MB -> 2GB {2}\(restart\)$/m);
    expect(dry.stdout).toMatch(/^work_mem +5MB -> 32MB {2}\(reload\)$/m);
    expect(dry.stdout).toMatch(/^effective_cache_size +4096 MB -> 6GB {2}\(reload\)$/m);
    expect(dry.stdout).toMatch(/^In place already: .*default_statistics_target/m);
    expect(dry.stdout).toMatch(/Dry run: nothing is changed.$/m);
    expect(await allSettings(server)).toEqual(before);
    expect(readdirSync(directory)).toEqual([]);

    const applied = await script(command, server);
    expect(applied).toMatchObject({ code: 0, stderr: '' });
    expect(applied.stdout).toMatch(
      /^Waits for a restart of the server: (autovacuum_max_workers, )?max_connections, shared_buffers, wal_buffers$/m,
    );
    const valueOf = async (name: string): Promise<unknown> =>
      (await server.query(`select current_setting('${name}') as value`))[0].value;
    expect(await valueOf('work_mem')).toBe('32MB');
    expect(await valueOf('shared_buffers')).toBe('128MB');
    expect((await script(command, server)).stdout).toContain('is in place already.');
    await server.restart();
    expect(await valueOf('shared_buffers')).toBe('2GB');
    expect((await script(command, server)).stdout).not.toContain('Waits for a restart');

    const undone = await script(command, server, ['--undo']);
    expect(undone).toMatchObject({ code: 0, stderr: '' });
    expect(undone.stdout).toContain('Waits for a restart');
    expect(existsSync(join(directory, BACKUP))).toBe(false);
    await server.restart();
    expect(await allSettings(server)).toEqual(before);
  });

  withPsql('undone before the restart, it leaves nothing pending', async (command) => {
    const before = await allSettings(server);
    await script(command, server);
    expect(await allSettings(server)).not.toEqual(before);
    expect(await script(command, server, ['--undo'])).toMatchObject({
      code: 0,
      stdout: expect.not.stringContaining('Waits') as string,
    });
    expect(await allSettings(server)).toEqual(before);
  });

  withPsql('refuses a file as a whole, naming line, setting and reason', async (command) => {
    const before = await allSettings(server);
    const text = `work_mem = 8MB
shared_bufers = 1GB
max_connections = 0
work_mem_of_mine = 1
deadlock_timeout = 5MB
autovacuum = maybe
wal_level = most
random_page_cost = cheap
max_wal_size = '1 XB'
max_worker_processes = 8MB
server_version = 99
search_path = public
`;
    const { code, stdout, stderr } = await script(command, server, conf(text));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      'init-performance.sh: own.conf does not fit this server; nothing is changed:',
      'line 2: shared_bufers: there is no such setting in this server',
      expect.stringMatching(/^line 3: max_connections: 0 is not between 1 and 262143$/),
      'line 4: work_mem_of_mine: there is no such setting in this server',
      'line 5: deadlock_timeout: 5MB has another unit than it takes: us, ms, s, min, h, d',
      'line 6: autovacuum: maybe is neither on nor off',
      'line 7: wal_level: most is none of minimal, replica, logical',
      'line 8: random_page_cost: cheap is no number',
      'line 9: max_wal_size: 1 XB has another unit than it takes: B, kB, MB, GB, TB',
      'line 10: max_worker_processes: 8MB has a unit, and it takes none',
      'line 11: server_version: cannot be changed',
      'line 12: search_path: is a list: set it by hand',
      '',
    ]);
    expect(await allSettings(server)).toEqual(before);
    expect(readdirSync(directory)).toEqual(['own.conf']);
  });

  withPsql('refuses what is not the syntax of a configuration file', async (command) => {
    for (const [text, message] of [
      ['work_mem = 8MB\nnonsense\n', /own.conf, line 2: this is no setting/],
      ['work_mem = 8MB\nWORK_MEM = 9MB', /own.conf, line 2: work_mem was set in line 1 already/],
      ["work_mem = '8MB", /own.conf, line 1: the quoted value does not end/],
      ['work_mem = 8MB 9MB', /own.conf, line 1: unexpected after the value: {2}9MB/],
      ["include 'other.conf'", /own.conf, line 1: include is not followed/],
      ['# nothing\n', /own.conf has no settings/],
    ] as const) {
      expect(await script(command, server, conf(text))).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(message) as string,
      });
    }
    expect(await script(command, server, ['--conf', 'none.conf'])).toMatchObject({
      code: 1,
      stderr: 'init-performance.sh: cannot read none.conf\n',
    });
    expect((await script(command, server, ['--undo', '--dry-run'])).code).toBe(2);
    expect((await script(command, server, ['--force'])).code).toBe(2);
  });

  withPsql('reads quotes, comments and units as the server does', async (command) => {
    const before = await allSettings(server);
    const text =
      "  work_mem '0.5 GB' # half\r\nlog_line_prefix='it''s # %m '\nRandom_Page_Cost=.5e1\nautovacuum_naptime 0.5h\nenable_seqscan = NO\n";
    expect(await script(command, server, conf(text))).toMatchObject({ code: 0, stderr: '' });
    expect(
      await server.query(
        "select name, current_setting(name) as value from pg_settings where sourcefile like '%auto.conf' and name <> 'max_wal_size' order by 1",
      ),
    ).toEqual([
      { name: 'autovacuum_naptime', value: '30min' },
      { name: 'enable_seqscan', value: 'off' },
      { name: 'log_line_prefix', value: "it's # %m " },
      { name: 'random_page_cost', value: '5' },
      { name: 'work_mem', value: '512MB' },
    ]);
    expect((await script(command, server, conf(text))).stdout).toContain('in place already');
    expect((await script(command, server, ['--undo'])).code).toBe(0);
    expect(await allSettings(server)).toEqual(before);
  });

  withPsql('takes back what it set when the server refuses a later one', async (command) => {
    const before = await allSettings(server);
    const { code, stderr } = await script(
      command,
      server,
      conf("work_mem = 8MB\ndefault_text_search_config = 'no.such'\nmaintenance_work_mem = 9MB\n"),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /ERROR: {2}invalid value for parameter "default_text_search_config"[^]*those before it were taken back: nothing is changed/,
    );
    await server.query('select pg_reload_conf()');
    expect(await allSettings(server)).toEqual(before);
    expect(readdirSync(directory)).toEqual(['own.conf']);
  });

  withPsql('keeps the first backup, and undoes only the server that it came from', async (command) => {
    await script(command, server, conf('work_mem = 8MB'));
    const kept = readFileSync(join(directory, BACKUP), 'utf8');
    expect(kept).toMatch(/^alter system set work_mem = '5MB';$/m);
    const second = await script(command, server, conf('work_mem = 9MB'));
    expect(second).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is there already: it has the values from before') as string,
    });
    expect(await server.query('show work_mem')).toEqual([{ work_mem: '8MB' }]);
    writeFileSync(join(directory, BACKUP), kept.replace(/^-- server: .*$/m, '-- server: 1'));
    expect((await script(command, server, ['--undo'])).stderr).toContain('is of another server');
    writeFileSync(join(directory, BACKUP), kept);
    expect((await script(command, server, ['--undo'])).code).toBe(0);
    expect(await server.query('show work_mem')).toEqual([{ work_mem: '5MB' }]);
  });

  withPsql('says what overrides the settings', async (command) => {
    await server.query(
      "create role tuned; alter role tuned set work_mem = '7MB'; alter database postgres set work_mem = '6MB'",
    );
    const { stdout } = await script(command, server, conf('work_mem = 8MB'));
    expect(stdout).toMatch(/^work_mem {2}5MB -> 8MB/m);
    expect(stdout).toContain('Overridden for role tuned: work_mem=7MB');
    expect(stdout).toContain('Overridden in database postgres: work_mem=6MB');
    await script(command, server, ['--undo']);
    await server.query('drop role tuned; alter database postgres reset work_mem');
  });

  withPsql('tells a login that is no superuser what it needs', async (command) => {
    await server.query('create role tuner login');
    const args = conf('work_mem = 8MB\nrandom_page_cost = 2\n');
    const refused = await script(command, server, args, { PGUSER: 'tuner' });
    expect(refused.code).toBe(1);
    if (major < 15) {
      expect(refused.stderr).toContain('PostgreSQL 14 lets nobody else change settings');
    } else {
      expect(refused.stderr).toContain('grant alter system on parameter random_page_cost, work_mem to tuner;');
      await server.query(
        refused.stderr
          .split('\n')
          .filter((line) => line.startsWith('grant'))
          .join('\n'),
      );
      expect(await script(command, server, args, { PGUSER: 'tuner' })).toMatchObject({ code: 0, stderr: '' });
      expect(await server.query('show work_mem')).toEqual([{ work_mem: '8MB' }]);
      expect(await script(command, server, ['--undo'], { PGUSER: 'tuner' })).toMatchObject({ code: 0, stderr: '' });
    }
    expect(await server.query('show work_mem')).toEqual([{ work_mem: '5MB' }]);
  });
});
