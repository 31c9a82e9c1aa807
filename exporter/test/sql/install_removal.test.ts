/** What `pgvigil sql uninstall` refuses, what it leaves and what it takes. Its own small set of files. */
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { holdLock } from '../support/database.ts';
import type { Bundle } from '../../src/sql/bundles.ts';
import { uninstallBundles, type UninstallOptions } from '../../src/sql/uninstall.ts';
import {
  dropInstalled,
  type Fixture,
  freshDatabase,
  install,
  makeFixture,
  pgvigilSql,
  withConnection,
} from './installer.ts';

describe.each([14, 16, 18] as const)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let fixture: Fixture;
  let database: string;

  beforeAll(async () => void (server = await startPostgres({ major })));
  afterAll(() => server?.stop());
  beforeEach(async () => {
    fixture = makeFixture();
    database = await freshDatabase(server);
    await install(server.url(database), [fixture.functions(), fixture.music()]);
  });
  afterEach(async () => {
    fixture.remove();
    await dropInstalled(server);
  });

  const uninstall = async (bundles: readonly Bundle[], options: Partial<UninstallOptions> = {}, user = 'postgres') => {
    const lines: string[] = [];
    const report = (line: string): void => void lines.push(line);
    const all: UninstallOptions = { roles: false, yes: false, waitSeconds: 5, report, ...options };
    const kept = await withConnection(server.url(database, user), (client) => uninstallBundles(client, bundles, all));
    return { kept, lines };
  };
  const schemas = async (): Promise<unknown> =>
    (
      await server.query(
        "select nspname from pg_namespace where nspname in ('pgvigil', 'musicdb') order by 1",
        database,
      )
    ).map(({ nspname }) => nspname);
  const roles = async (): Promise<unknown> =>
    (await server.query("select rolname from pg_roles where rolname like 'pgvigil%' order by 1")).map(
      ({ rolname }) => rolname,
    );
  const ALL_ROLES = ['pgvigil_maintain', 'pgvigil_monitor', 'pgvigil_owners'];

  it('takes its schema and leaves the samples and the roles', async () => {
    expect(await uninstall([fixture.functions()])).toEqual({ kept: [], lines: ['schema pgvigil is dropped'] });
    expect(await schemas()).toEqual(['musicdb']);
    expect(await roles()).toEqual(ALL_ROLES);
    expect(await uninstall([fixture.functions()])).toEqual({ kept: [], lines: ['schema pgvigil is not there'] });
    expect(await uninstall([fixture.music()])).toEqual({ kept: [], lines: ['schema musicdb is dropped'] });
  });

  it('takes a sample alone, and forgets it', async () => {
    await uninstall([fixture.music()]);
    expect(await schemas()).toEqual(['pgvigil']);
    expect(
      await server.query("select count(*)::int from pgvigil.installed_file where bundle = 'musicdb'", database),
    ).toEqual([{ count: 0 }]);
  });

  it('refuses, even with --yes, while others build on it, and names them all', async () => {
    await server.query(
      `create schema "My App";
       create table "My App".t (id int default pgvigil.answer(), parent int references pgvigil.thing);
       create view "My App".v as select * from pgvigil.things;
       create index i on "My App".t ((id + 1));
       create function "My App".f(pgvigil.thing) returns int language sql as 'select 1';
       create table public.child () inherits (pgvigil.thing)`,
      database,
    );
    const failure = (await uninstall([fixture.functions()], { yes: true }).catch((error: unknown) => error)) as Error;
    expect(failure.message.split('\n')).toEqual([
      'nothing was removed, because objects outside depend on what would go:',
      '  constraint t_parent_fkey on table "My App".t depends on column id of table pgvigil.thing',
      '  default value for column id of table "My App".t depends on function pgvigil.answer()',
      '  function "My App".f(pgvigil.thing) depends on type pgvigil.thing',
      expect.stringMatching(/^ {2}rule _RETURN on view "My App".v depends on (column id of )?view pgvigil.things/),
      '  table public.child depends on table pgvigil.thing',
      '  Cure: drop or change them first, then uninstall again.',
    ]);
    expect(await schemas()).toEqual(['musicdb', 'pgvigil']);
    expect(await server.query('select pgvigil.answer()', database)).toEqual([{ answer: 42 }]);
  });

  it('refuses when a sample needs it, until that goes too', async () => {
    await server.query('create view musicdb.answers as select pgvigil.answer()', database);
    await expect(uninstall([fixture.functions()], { yes: true })).rejects.toThrow(
      /view musicdb.answers depends on function pgvigil.answer/,
    );
    expect(await uninstall([fixture.functions(), fixture.music()], { yes: true })).toMatchObject({ kept: [] });
    expect(await schemas()).toEqual([]);
  });

  it('counts the rows that would be lost, names what others added, and takes them only with --yes', async () => {
    await server.query(
      `insert into musicdb.tracks select i, 'a' from generate_series(1, 1234) i;
       create view musicdb.mine as select 1;
       create function musicdb.mine() returns int language sql as 'select 1'`,
      database,
    );
    const lost =
      '\n  1234 rows of musicdb.tracks\n  function musicdb.mine(), which the installer did not make\n  view musicdb.mine, which the installer did not make';
    await expect(uninstall([fixture.music()])).rejects.toThrow(
      `nothing was removed, because schema musicdb holds what could not be made again:${lost}\n  Cure: save what you need, then uninstall again with --yes.`,
    );
    expect(await schemas()).toEqual(['musicdb', 'pgvigil']);
    const { lines } = await uninstall([fixture.music()], { yes: true });
    expect(lines).toEqual([`lost with schema musicdb:${lost}`, 'schema musicdb is dropped']);
  });

  it('takes the roles only when nothing anywhere needs them', async () => {
    const second = await freshDatabase(server);
    await install(server.url(second), [fixture.functions()]);
    await server.query('create role watcher login; grant pgvigil_monitor to watcher');
    await server.query('grant select on musicdb.tracks to pgvigil_maintain', database);
    const { kept, lines } = await uninstall([fixture.functions()], { roles: true });
    expect(lines).toEqual(['schema pgvigil is dropped']);
    expect(kept).toEqual([
      'role pgvigil_maintain is named by table musicdb.tracks',
      `role pgvigil_maintain is named in database ${second}: pgvigil sql uninstall there`,
      `role pgvigil_monitor is named in database ${second}: pgvigil sql uninstall there`,
      'role watcher has pgvigil_monitor: revoke pgvigil_monitor from watcher;',
    ]);
    expect(await roles()).toEqual(ALL_ROLES);
    const cli = await pgvigilSql('uninstall', '--roles', '--db', server.url(database));
    expect(cli).toMatchObject({
      status: 1,
      out: expect.stringContaining('The roles stay, because they are needed:\n  role') as string,
    });
    await server.query(`drop database ${second}`);
    await server.query('revoke pgvigil_monitor from watcher; drop role watcher');
    await server.query('revoke all on musicdb.tracks from pgvigil_maintain', database);
    expect((await uninstall([fixture.functions()], { roles: true })).kept).toEqual([]);
    expect(await roles()).toEqual([]);
  });

  it('names who holds what it would have to wait for', async () => {
    const reader = await holdLock(server, 'select * from musicdb.tracks', database);
    const failure = await uninstall([fixture.music()], { lockTimeoutMs: 50 }).catch((error: unknown) => error);
    expect((failure as Error).message).toMatch(
      new RegExp(`pid ${reader.pid} .* has locked musicdb\\.[^]*Cure: wait until it is done, or end it`),
    );
    expect(await schemas()).toEqual(['musicdb', 'pgvigil']);
    await reader.end();
  });

  it('changes nothing where the login may not', async () => {
    await server.query('create role stranger login');
    await expect(uninstall([fixture.functions()], { yes: true }, 'stranger')).rejects.toThrow(
      /permission denied|must be owner/,
    );
    expect(await schemas()).toEqual(['musicdb', 'pgvigil']);
    await server.query('drop role stranger');
  });
});
