/** What `pgvigil_monitor` and `pgvigil_maintain` may do and, above all, what they may not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { sqlFolder } from '../../src/sql/bundles.ts';
import { openSession, type Session, until } from '../support/database.ts';
import { withConnection } from './installer.ts';

const SCHEMA = readFileSync(join(sqlFolder(), '01_schema.sql'), 'utf8');
const ROLES = readFileSync(join(sqlFolder(), '02_roles.sql'), 'utf8');

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let monitor: Session;
  let maintain: Session;
  /** Sleeps, so that there is a query to see and to cancel. */
  let app: Session;
  let superuser: Session;
  let sleeping: Promise<unknown>;

  beforeAll(async () => {
    server = await startPostgres({ major });
    await server.query(`${SCHEMA}; ${ROLES}`);
    await server.query(`
      create role app login;
      create schema app authorization app;
      set role app;
      create table app.secret (id int primary key, word text);
      insert into app.secret values (1, 'xyzzy');
      create materialized view app.words as select word from app.secret;
      grant usage on schema app to pgvigil_monitor, pgvigil_maintain;
      reset role;
      create role exporter login; grant pgvigil_monitor to exporter;
      create role operator login; grant pgvigil_maintain to operator`);
    monitor = await openSession(server.url('postgres', 'exporter'));
    maintain = await openSession(server.url('postgres', 'operator'));
    app = await openSession(server.url('postgres', 'app'));
    superuser = await openSession(server.url());
    sleeping = app.query("select pg_sleep(600), 'plugh'").catch((error: unknown) => error);
  });
  afterAll(async () => {
    for (const session of [monitor, maintain, app, superuser]) await session?.end();
    await server?.stop();
  });

  const sessions = (): [string, Session][] => [
    ['monitor', monitor],
    ['maintain', maintain],
  ];

  it('no role is more than a plain one that nobody can log in as', async () => {
    const rows = await server.query(
      `select rolname, rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls or rolcanlogin as more,
              rolinherit from pg_roles where rolname like 'pgvigil%' order by 1`,
    );
    expect(rows).toEqual([
      { rolname: 'pgvigil_maintain', more: false, rolinherit: true },
      { rolname: 'pgvigil_monitor', more: false, rolinherit: true },
      { rolname: 'pgvigil_owners', more: false, rolinherit: false },
    ]);
  });

  it('both see what others run, settings and statistics, and what is installed', async () => {
    for (const [name, session] of sessions()) {
      // It was sent, and may not have begun.
      await until(`${name} sees the statement`, async () => {
        const [{ query }] = await session.query(`select query from pg_stat_activity where pid = ${app.pid}`);
        return query === "select pg_sleep(600), 'plugh'";
      });
      expect(await session.query('select current_setting($$data_directory$$) <> $$$$ as shown')).toEqual([
        { shown: true },
      ]);
      expect(await session.query('select count(*)::int from pgvigil.installed_file')).toEqual([{ count: 0 }]);
    }
  });

  it.each([
    'select * from app.secret',
    'select * from app.words',
    'copy app.secret to stdout',
    "insert into app.secret values (2, 'a')",
    'delete from app.secret',
    'truncate app.secret',
    'drop table app.secret',
    "select pg_read_file('postgresql.conf')",
    "copy pgvigil.installed_file to program 'true'",
    'create table pgvigil.mine ()',
    'delete from pgvigil.installed_file',
    'create role friend',
    'create database mine',
    "alter system set work_mem = '1MB'",
    'set role app',
    'select pg_reload_conf()',
  ])('neither may: %s', async (statement) => {
    for (const [, session] of sessions())
      await expect(session.query(statement)).rejects.toThrow(/permission denied|must be|only/i);
  });

  it('only one of them cancels the queries of others, and no superuser’s', async () => {
    await expect(monitor.query(`select pg_cancel_backend(${app.pid})`)).rejects.toThrow(
      /permission denied|must be a member/,
    );
    for (const stop of ['pg_cancel_backend', 'pg_terminate_backend']) {
      await expect(maintain.query(`select ${stop}(${superuser.pid})`)).rejects.toThrow(/superuser|permission denied/i);
    }
    expect(await maintain.query(`select pg_cancel_backend(${app.pid}) as done`)).toEqual([{ done: true }]);
    expect(String(await sleeping)).toContain('canceling statement due to user request');
    expect(await maintain.query(`select pg_terminate_backend(${app.pid}) as done`)).toEqual([{ done: true }]);
  });

  /** Warnings are how VACUUM and ANALYZE say that they skipped a table. */
  const maintenance = async (before: string, user = 'operator'): Promise<string[]> =>
    withConnection(server.url('postgres', user), async (client) => {
      const said: string[] = [];
      client.on('notice', ({ message }) => said.push(message ?? ''));
      if (before !== '') await client.query(before);
      for (const statement of [
        'vacuum app.secret',
        'analyze app.secret',
        'reindex table app.secret',
        'refresh materialized view app.words',
      ]) {
        await client.query(statement).catch((error: pg.DatabaseError) => said.push(error.message));
      }
      return said;
    });

  it(`maintains ${major >= 17 ? 'every table' : 'no table'} as it is, monitor none`, async () => {
    expect(await maintenance('', 'exporter')).toHaveLength(4);
    expect(await maintenance('')).toHaveLength(major >= 17 ? 0 : 4);
  });

  (major >= 17 ? it : it.skip)('needs USAGE on a schema to maintain what is in it', async () => {
    await server.query('revoke usage on schema app from pgvigil_maintain');
    expect(await maintenance('')).toEqual(Array(4).fill('permission denied for schema app'));
    await server.query('grant usage on schema app to pgvigil_maintain');
  });

  it('with an owner granted it may become the owner, and has nothing of him until it does', async () => {
    await server.query('grant app to pgvigil_owners');
    expect(await maintenance('')).toHaveLength(major >= 17 ? 0 : 4);
    await expect(maintain.query('select * from app.secret')).rejects.toThrow('permission denied');
    await expect(maintain.query('create index i on app.secret (word)')).rejects.toThrow('must be owner');
    await expect(monitor.query('set role app')).rejects.toThrow('permission denied');
    expect(await maintenance('set role app')).toEqual([]);
    await withConnection(server.url('postgres', 'operator'), (client) =>
      client.query('set role app; create index i on app.secret (word); drop index app.i'),
    );
    await server.query('revoke app from pgvigil_owners');
  });

  it('what an administrator changes about the login is kept', async () => {
    await server.query("alter role pgvigil_monitor login password 'x' connection limit 7; grant app to pgvigil_owners");
    await server.query(ROLES);
    expect(
      await server.query("select rolcanlogin, rolconnlimit from pg_roles where rolname = 'pgvigil_monitor'"),
    ).toEqual([{ rolcanlogin: true, rolconnlimit: 7 }]);
    expect(await server.query("select pg_has_role('pgvigil_maintain', 'app', 'member') as still")).toEqual([
      { still: true },
    ]);
    await server.query(
      'alter role pgvigil_monitor nologin password null connection limit -1; revoke app from pgvigil_owners',
    );
  });

  it.each([
    [
      'alter role pgvigil_monitor superuser',
      'role pgvigil_monitor is not as pgvigil needs it: it has superuser',
      'alter role pgvigil_monitor nosuperuser',
    ],
    [
      'alter role pgvigil_maintain createrole',
      'role pgvigil_maintain is not as pgvigil needs it: it has createrole',
      'alter role pgvigil_maintain nocreaterole',
    ],
    [
      'alter role pgvigil_owners bypassrls',
      'role pgvigil_owners is not as pgvigil needs it: it has bypassrls',
      'alter role pgvigil_owners nobypassrls',
    ],
    [
      'alter role pgvigil_owners inherit',
      'role pgvigil_owners is not as pgvigil needs it: it has inherit',
      'alter role pgvigil_owners noinherit',
    ],
    [
      'grant pg_read_all_data to pgvigil_monitor',
      'role pgvigil_monitor is not as pgvigil needs it: it has membership in pg_read_all_data',
      'revoke pg_read_all_data from pgvigil_monitor',
    ],
    [
      'grant postgres to pgvigil_owners',
      'role pgvigil_maintain is not as pgvigil needs it: it has membership in postgres',
      'revoke postgres from pgvigil_owners',
    ],
  ])('refuses roles that are more: %s', async (statement, message, cure) => {
    await server.query(statement);
    const failure = (await server.query(ROLES).catch((error: unknown) => error)) as pg.DatabaseError;
    expect(failure.message).toBe(message);
    expect(failure.hint).toContain(cure.replace(' from pgvigil_owners', ''));
    await server.query(cure);
    await server.query(ROLES);
  });

  it('refuses roles that are less', async () => {
    await server.query(
      major >= 16 ? 'grant pg_monitor to pgvigil_monitor with inherit false' : 'alter role pgvigil_monitor noinherit',
    );
    if (major >= 16) await server.query(ROLES);
    else await expect(server.query(ROLES)).rejects.toThrow('it has no inheritance from pg_monitor');
    await server.query('alter role pgvigil_monitor inherit');
    await server.query(ROLES);
    expect(await server.query("select pg_has_role('pgvigil_monitor', 'pg_monitor', 'usage') as inherits")).toEqual([
      { inherits: true },
    ]);
  });

  (major >= 16 ? it : it.skip)('refuses an owner whose rights are inherited by the grant itself', async () => {
    await server.query('grant app to pgvigil_owners with inherit true');
    await expect(server.query(ROLES)).rejects.toThrow('pgvigil_owners inherits the rights of app');
    await server.query('grant app to pgvigil_owners with inherit false');
    await server.query(ROLES);
    await server.query('revoke app from pgvigil_owners');
  });
});
