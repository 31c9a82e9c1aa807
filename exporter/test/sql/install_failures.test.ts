/** What an installer says and leaves when it cannot go on. Its own small set of files. */
import { setTimeout } from 'node:timers/promises';
import {
  type PostgresServer,
  ServerUnavailable,
  startPgBouncer,
  startPostgres,
  startStandby,
} from '../../../demo/servers/index.ts';
import { holdLock, openSession } from '../support/database.ts';
import { dropInstalled, type Fixture, freshDatabase, install, makeFixture, pgvigilSql, THINGS } from './installer.ts';

const MAJORS = [14, 18] as const;

describe.each(MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let fixture: Fixture;
  let database: string;
  let url: string;
  const tables = async (): Promise<unknown[]> =>
    (
      await server.query(
        "select relname from pg_class where relnamespace = to_regnamespace('pgvigil') and relkind = 'r' and not relispartition order by 1",
        database,
      )
    ).map(({ relname }) => relname);

  beforeAll(async () => void (server = await startPostgres({ major })));
  afterAll(() => server?.stop());
  beforeEach(async () => {
    fixture = makeFixture();
    database = await freshDatabase(server);
    url = server.url(database);
  });
  afterEach(async () => {
    fixture.remove();
    await dropInstalled(server);
  });

  it('rolls a file back alone, and names file, line and cause', async () => {
    fixture.write('04_broken.sql', 'create table pgvigil.half (id int);\n\nselect\n  nonsense;\n');
    fixture.write('05_later.sql', 'create table pgvigil.later (id int);');
    await expect(install(url, [fixture.functions()])).rejects.toThrow(
      /^04_broken.sql, line 4: column "nonsense" does not exist\n {2}Nothing of this file was applied; the files before it stay/,
    );
    expect(await tables()).toEqual(['installed_file', 'installed_object', 'thing']);
    expect(await server.query('select file from pgvigil.installed_file order by 1', database)).toEqual([
      { file: '01_schema.sql' },
      { file: '02_roles.sql' },
      { file: '03_things.sql' },
    ]);
    fixture.write('04_broken.sql', 'create table pgvigil.half (id int);');
    await install(url, [fixture.functions()]);
    expect(await tables()).toEqual(['half', 'installed_file', 'installed_object', 'later', 'thing']);
  });

  it('applies nothing that it cannot note', async () => {
    await install(url, [fixture.functions()]);
    await server.query(
      "alter table pgvigil.installed_file add constraint full_up check (file <> '04_more.sql')",
      database,
    );
    fixture.write('04_more.sql', 'create table pgvigil.more (id int);');
    await expect(install(url, [fixture.functions()])).rejects.toThrow(
      /^04_more.sql: new row .* violates check constraint "full_up"/,
    );
    expect(await tables()).toEqual(['installed_file', 'installed_object', 'thing']);
  });

  it('finds the line of an error for which the server gives no position', async () => {
    const text =
      "-- a; comment\ncreate table pgvigil.half (id int); select ';';\n\n/* ; */\ndo $x$ begin\n  perform 1;\n  raise 'no; way';\nend $x$;\n";
    fixture.write('04_broken.sql', text);
    await expect(install(url, [fixture.functions()])).rejects.toThrow(
      /^04_broken.sql, line 5: no; way\n {2}Where: PL\/pgSQL function inline_code_block line 3 at RAISE\n/,
    );
  });

  it('asks for exactly what a login without CREATEROLE needs of an administrator, and then works', async () => {
    await server.query('create role plain login');
    database = await freshDatabase(server, 'plain');
    url = server.url(database, 'plain');
    const failure = (await install(url, [fixture.functions()]).catch((error: unknown) => error)) as Error;
    expect(failure.message).toMatch(
      /^02_roles.sql, line \d+: the roles of pgvigil are not complete, and plain may not complete them: /,
    );
    const [, statements] = /Cure: Ask an administrator \(a superuser\) to run this once, [^:]*: (.*)$/m.exec(
      failure.message,
    )!;
    expect(await tables()).toEqual(['installed_file', 'installed_object']);
    await server.query(statements);
    await install(url, [fixture.functions()]);
    expect(await tables()).toContain('thing');
    await dropInstalled(server);
    await server.query('drop role plain');
  });

  it.each([
    [
      'no CREATE on the database',
      'stranger',
      'select 1',
      /^01_schema.sql, line \d+: permission denied for database [^]*Cure: as the owner of the database: grant create on database fresh_\d+ to stranger;/,
    ],
    [
      'an extension that only a superuser may create',
      'owner',
      'create extension pageinspect',
      /Cure: have a superuser run that create extension once/,
    ],
    [
      'an extension that the server does not have',
      'postgres',
      'create extension nothing',
      /Cure: install PostgreSQL's contrib package/,
    ],
    [
      'a changed result type',
      'postgres',
      `${THINGS}\ndrop view pgvigil.things; create or replace function pgvigil.answer() returns text language sql as 'select null'`,
      /cannot change return type[^]*Cure: this version changed its results: pgvigil sql uninstall, then install/,
    ],
  ])('names the cure for %s', async (_what, user, text, message) => {
    await server.query('create role owner login createrole; create role stranger login');
    try {
      await install(url, [fixture.functions()]);
      if (user === 'owner')
        await server.query(`alter database ${database} owner to owner; drop schema pgvigil cascade`, database);
      if (user === 'stranger') await server.query(`drop schema pgvigil cascade`, database);
      fixture.write('03_things.sql', text);
      await expect(install(server.url(database, user), [fixture.functions()])).rejects.toThrow(message);
    } finally {
      await dropInstalled(server);
      await server.query('drop role owner, stranger');
    }
  });

  it('will not install into a schema that somebody else owns', async () => {
    await server.query('create role mallory; create schema pgvigil authorization mallory', database);
    await expect(install(url, [fixture.functions()])).rejects.toThrow(
      /^schema pgvigil is there already and belongs to mallory[^]*Cure: Look at what it holds/,
    );
    await server.query('drop schema pgvigil; drop role mallory', database);
  });

  it('waits for another installer, names it, and gives up', async () => {
    const other = await openSession(url, { application_name: 'other installer' });
    await other.query('select pg_advisory_lock(1885828713, 1734962176)');
    const named = `pid ${other.pid} (application 'other installer', user postgres)`;
    await expect(install(url, [fixture.functions()], { waitSeconds: 0 })).rejects.toThrow(
      `another installer is at work in this database: ${named}. Waited 0 s.`,
    );
    const waiting = install(url, [fixture.functions()], { waitSeconds: 60 });
    await setTimeout(500);
    await other.end();
    expect((await waiting).lines[0]).toBe(`waiting up to 60 s for another installer: ${named}`);
    expect(await tables()).toContain('thing');
  });

  it('two at a time in one database, and in two, end well', async () => {
    const second = await freshDatabase(server);
    const urls = [url, url, server.url(second), server.url(second)];
    const all = await Promise.all(urls.map((to) => install(to, [fixture.functions()])));
    expect(all.flatMap(({ installed }) => installed.map(({ differences }) => differences))).toEqual([[], [], [], []]);
  });

  it('does not queue for a lock for long: it tries again, then names who holds it', async () => {
    await install(url, [fixture.functions()]);
    const holder = await holdLock(server, 'lock table pgvigil.thing in access share mode', database);
    fixture.write('04_more.sql', 'alter table pgvigil.thing add column if not exists more int;');
    const failure = (await install(url, [fixture.functions()], { lockTimeoutMs: 100 }).catch(
      (error: unknown) => error,
    )) as Error;
    expect(failure.message).toMatch(/^04_more.sql, line 1: canceling statement due to lock timeout after 5 attempts\n/);
    expect(failure.message).toContain(`pid ${holder.pid} (application 'test', user postgres, idle in transaction`);
    expect(failure.message).toMatch(
      /has locked pgvigil\.thing\n[^]*Cure: wait until it is done, or end it: select pg_terminate_backend/,
    );
    const trying = install(url, [fixture.functions()], { lockTimeoutMs: 100 });
    await setTimeout(700);
    await holder.end();
    expect((await trying).lines).toContainEqual(expect.stringMatching(/^04_more.sql +installed$/));
  });

  it('does not mind what the role or the database has set', async () => {
    await server.query('create role odd superuser login');
    for (const setting of [
      'search_path = pg_temp',
      'default_transaction_read_only = on',
      'standard_conforming_strings = off',
      'quote_all_identifiers = on',
      "datestyle = 'German'",
      'statement_timeout = 1',
      'lock_timeout = 1',
      "default_transaction_isolation = 'serializable'",
    ]) {
      await server.query(`alter role odd set ${setting}`);
    }
    const { installed } = await install(server.url(database, 'odd'), [fixture.functions(), fixture.music()]);
    expect(installed.map(({ differences }) => differences)).toEqual([[], []]);
    // Whoever looks with other settings sees the same.
    expect((await install(url, [fixture.functions(), fixture.music()])).installed[0].differences).toEqual([]);
    await dropInstalled(server);
    await server.query('drop role odd');
  });
});

describe('where no installer can work', () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await startPostgres({ major: 17 })));
  afterAll(() => server?.stop());

  it('a standby', async () => {
    const standby = await startStandby(server);
    try {
      const refused = { status: 1, err: expect.stringContaining('this server is a standby') as string };
      expect(await pgvigilSql('install', '--db', standby.url())).toMatchObject(refused);
      expect(await pgvigilSql('uninstall', '--db', standby.url())).toMatchObject(refused);
      expect(await pgvigilSql('status', '--db', standby.url())).toMatchObject({ status: 1, err: '' });
    } finally {
      await standby.stop();
    }
  });

  it.each(['debian12', 'newer'] as const)('a pooler (PgBouncer %s)', async (version) => {
    const databases = { '*': `host=127.0.0.1 port=${server.port}` };
    const bouncer = await startPgBouncer({ version, databases, settings: { pool_mode: 'transaction' } }).catch(
      (error: unknown) => {
        if (!(error instanceof ServerUnavailable)) throw error;
        return console.warn(`skipped: ${error.message}`);
      },
    );
    if (bouncer === undefined) return;
    try {
      const { status, err } = await pgvigilSql('install', '--db', bouncer.url('postgres'));
      expect(status).toBe(1);
      expect(err).toMatch(/goes through a pooler such as PgBouncer[^]*Cure: connect to PostgreSQL itself/);
      expect(await server.query("select to_regnamespace('pgvigil') as schema")).toEqual([{ schema: null }]);
    } finally {
      await bouncer.stop();
    }
  });

  it('nobody, a wrong password, a wrong command line: no secret in the message', async () => {
    const secret = 'hunter2secret';
    const runs = [
      await pgvigilSql('install', '--db', `postgresql://u:${secret}@127.0.0.1:1/x`),
      await pgvigilSql('status', '--db', `postgresql://nobody:${secret}@127.0.0.1:${server.port}/nowhere`),
      await pgvigilSql('status', '--db', `postgresql://u:${secret}@h:port/x`),
      await pgvigilSql('install', '--sample', 'movies', '--db', `host=x password=${secret}`),
      await pgvigilSql('install', '--wait', 'long'),
      await pgvigilSql('uninstall', '--roles', '--sample', 'musicdb'),
      await pgvigilSql(),
    ];
    expect(runs.map(({ status }) => status)).toEqual([1, 1, 2, 2, 2, 2, 2]);
    expect(runs.map(({ err }) => err.trim()).every((err) => err.length > 0)).toBe(true);
    expect(JSON.stringify(runs)).not.toContain(secret);
  });
});
