/** `sql/pgbouncer` as it is shipped, on real servers; only places and ports are replaced. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { ServerUnavailable, startPgBouncer, startPostgres } from '../../../demo/servers/index.ts';
import { parseDsn } from '../../src/config/dsn.ts';
import { openClient } from '../../src/db/connect.ts';
import { openSession, until } from '../support/database.ts';
import { type Pooler, startPooler } from '../support/pooler.ts';
import { applySql } from '../support/sql.ts';

const FOLDER = join(import.meta.dirname, '../../../sql/pgbouncer');
const USERS = ['one', 'two', 'three', 'four'];

const dsn = (url: string) => parseDsn(url, { env: {} });

async function ask<R extends pg.QueryResultRow>(url: string, sql: string): Promise<R[]> {
  const { client } = await openClient(dsn(url), {});
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe.each(['debian12', 'newer'] as const)('PgBouncer (%s)', (version) => {
  let pooler: Pooler | undefined;

  beforeAll(async () => {
    try {
      pooler = await startPooler({ version, users: USERS });
    } catch (error) {
      if (!(error instanceof ServerUnavailable)) throw error;
      process.stderr.write(`skipped: ${error.message}\n`);
    }
  });
  afterAll(() => pooler?.stop());

  const withPooler = (name: string, body: (pooler: Pooler) => Promise<void>): void =>
    test(name, async () => {
      if (pooler) await body(pooler);
    });
  const askConsole = (from: Pooler, user: 'admin' | 'stats', sql: string) =>
    ask<Record<string, string>>(from.url(`pgbouncer_${user}`, { database: 'pgbouncer' }), sql);

  withPooler('a user whom it has never heard of logs in by SCRAM, encrypted on both sides', async (pooler) => {
    const sql = 'select current_user as name, ssl from pg_stat_ssl where pid = pg_backend_pid()';
    expect(await ask(pooler.url('one'), sql)).toEqual([{ name: 'one', ssl: true }]);
    const plain = new pg.Client({ connectionString: pooler.url('one').replace(/\?.*/, '') });
    await expect(plain.connect()).rejects.toThrow(/SSL required|TLS required/i);
    const lookups = "select ssl from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'pgbouncer_auth'";
    for (const { ssl } of await pooler.postgres.query(lookups)) expect(ssl).toBe(true);
  });

  withPooler('a wrong password, an expired one, a superuser and a database not listed are refused', async (pooler) => {
    const refused = (url: string) => expect(ask(url, 'select 1')).rejects.toThrow(/authentication failed|no such/);
    await refused(pooler.url('one', { password: 'wrong' }));
    await refused(pooler.url('one', { database: 'postgres' }));
    // Its server connection is still open: PostgreSQL is not asked again.
    await pooler.postgres.query("create role late login password 'late'");
    await ask(pooler.url('late', { password: 'late' }), 'select 1');
    await pooler.postgres.query("alter role late valid until '2020-01-01'");
    await refused(pooler.url('late', { password: 'late' }));
    await pooler.postgres.query("create role root superuser login password 'root'");
    await refused(pooler.url('root', { password: 'root' }));
  });

  withPooler('a renewed password counts at the next login', async (pooler) => {
    await pooler.postgres.query("create role renewed login password 'old'");
    await ask(pooler.url('renewed', { password: 'old' }), 'select 1');
    await pooler.postgres.query("alter role renewed password 'new'");
    await ask(pooler.url('renewed', { password: 'new' }), 'select 1');
  });

  withPooler('one may look, one may act, all others stay outside', async (pooler) => {
    expect((await askConsole(pooler, 'stats', 'show pools')).length).toBeGreaterThan(0);
    for (const command of ['pause', 'shutdown', 'reload', 'set query_timeout = 1']) {
      await expect(askConsole(pooler, 'stats', command)).rejects.toThrow('admin access needed');
    }
    await askConsole(pooler, 'admin', 'pause');
    await askConsole(pooler, 'admin', 'resume');
    // 1.18 does not say no: it never answers.
    const other = ask(pooler.url('one', { database: 'pgbouncer' }), 'show pools');
    await expect(other).rejects.toThrow(version === 'debian12' ? 'timeout expired' : 'not allowed');
    const config = await askConsole(pooler, 'stats', 'show config');
    const value = (key: string) => config.find((row) => row.key === key)!.value;
    expect([value('admin_users'), value('stats_users')]).toEqual(['pgbouncer_admin', 'pgbouncer_stats']);
  });

  withPooler(
    'the limits are those of the document, and every wait for a connection ends within 15 s',
    async (pooler) => {
      const config = new Map((await askConsole(pooler, 'stats', 'show config')).map(({ key, value }) => [key, value]));
      for (const [key, value] of Object.entries(LIMITS)) expect([key, config.get(key)]).toEqual([key, value]);
      for (const key of WAITS) expect(Number(config.get(key))).toBeLessThan(15);
      const databases = await askConsole(pooler, 'stats', 'show databases');
      const musicdb = databases.find(({ name }) => name === 'musicdb')!;
      expect({ pool: Number(musicdb.pool_size), all: Number(musicdb.max_connections) }).toEqual({ pool: 25, all: 100 });
    },
  );

  withPooler('four users have 25 of the 100 each, and who logs in then is looked up all the same', async (pooler) => {
    const connect = async (user: string) => (await openClient(dsn(pooler.url(user)), {})).client;
    const all = await Promise.all(USERS.flatMap((user) => Array.from({ length: 26 }, () => connect(user))));
    const begun = all.map((client) => client.query('begin').catch(() => {}));
    const active = async (): Promise<number[]> => {
      const pools = await askConsole(pooler, 'stats', 'show pools');
      return USERS.map((user) => Number(pools.find((pool) => pool.user === user)!.sv_active));
    };
    try {
      await until('all are taken', async () => (await active()).join() === '25,25,25,25', 9);
      // Before 1.19 the lookup needs one of the 100 itself.
      if (version === 'newer') await (await connect('one')).end();
      const roles =
        "select count(*)::int as n from pg_stat_activity where datname = 'musicdb' and usename <> 'pgbouncer_auth'";
      expect(await pooler.postgres.query(roles)).toEqual([{ n: 100 }]);
    } finally {
      for (const client of all) client.connection.stream.destroy();
      await Promise.all(begun);
    }
  });

  withPooler('a statement that a driver prepares survives a change of server connection', async (pooler) => {
    if (version === 'debian12') return;
    const { client } = await openClient(dsn(pooler.url('one')), {});
    const prepared = { name: 'p', text: 'select pg_backend_pid() as pid' };
    const first = (await client.query<{ pid: number }>(prepared)).rows[0].pid;
    await pooler.postgres.query(`select pg_terminate_backend(${first})`);
    // Until PgBouncer has read that the connection closed it would hand it out once more, and that statement fails.
    await until('PgBouncer has seen it go', async () =>
      (await askConsole(pooler, 'stats', 'show servers')).every((server) => Number(server.remote_pid) !== first),
    );
    expect((await client.query<{ pid: number }>(prepared)).rows[0].pid).not.toBe(first);
    await client.end();
  });

  withPooler('no password is in its files or its log', async (pooler) => {
    const log = await pooler.bouncer.logText();
    const files = readdirSync(pooler.bouncer.dir).map((file) => readFileSync(join(pooler.bouncer.dir, file), 'latin1'));
    expect(files.length).toBeGreaterThan(5);
    for (const password of Object.values(pooler.passwords)) {
      for (const text of [log, ...files]) expect(text).not.toContain(password);
    }
  });
});

const LIMITS = {
  pool_mode: 'transaction',
  max_client_conn: '1010',
  default_pool_size: '25',
  max_db_connections: '100',
  server_lifetime: '1800',
};
const WAITS = ['query_wait_timeout', 'server_connect_timeout', 'server_login_retry', 'client_login_timeout'];

test('1.18 does not start with what only newer versions know', async () => {
  const ini = 'pgbouncer-1.21.ini';
  const text = (file: string): string => readFileSync(join(FOLDER, file), 'utf8').replaceAll(/^(log|pid)file.*$/gm, '');
  const started = startPgBouncer({
    version: 'debian12',
    ini: text(ini).replace('/etc/pgbouncer/pgbouncer.ini', 'base.ini'),
    files: { 'base.ini': text('pgbouncer.ini') },
    databases: {},
  });
  const failure = await started.then(
    (bouncer) => bouncer.stop(),
    (error: Error) => error,
  );
  if (failure instanceof ServerUnavailable) return;
  expect(failure?.message).toContain('cannot load config file');
});

test('the lookup gives its role nothing but the secret asked for, and is re-runnable', async () => {
  const server = await startPostgres({ major: 14 });
  try {
    await server.query("create role app login password 'app'");
    await server.query("set password_encryption = 'md5'; create role weak login password 'weak'");
    for (let run = 0; run < 2; run++) await applySql(server, 'postgres', 'pgbouncer/auth-query.sql');
    const lookup = async (role: string, name: string) => {
      const session = await openSession(server.url('postgres', role));
      try {
        return await session.query(`select username, left(secret, 14) as kind from pgbouncer.user_secret('${name}')`);
      } finally {
        await session.end();
      }
    };
    const found = (name: string) => lookup('pgbouncer_auth', name);
    expect(await found('app')).toEqual([{ username: 'app', kind: 'SCRAM-SHA-256$' }]);
    await expect(lookup('app', 'app')).rejects.toThrow('permission denied');
    const session = await openSession(server.url('postgres', 'pgbouncer_auth'));
    for (const sql of ['select * from pg_authid', 'create table pgbouncer.t ()', 'create database d']) {
      await expect(session.query(sql)).rejects.toThrow('permission denied');
    }
    await session.end();
    for (const name of ['weak', 'postgres', 'pgbouncer_auth', 'nobody']) expect(await found(name)).toEqual([]);
  } finally {
    await server.stop();
  }
});

test('no file has a secret', () => {
  for (const file of readdirSync(FOLDER)) {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    expect({ file, found: /password\s*=\s*\S/i.exec(text)?.[0] }).toEqual({ file, found: undefined });
    expect({ file, found: /SCRAM-SHA-256\$\d/.exec(text)?.[0] }).toEqual({ file, found: undefined });
  }
});
