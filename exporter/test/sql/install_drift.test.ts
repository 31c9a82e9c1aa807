/** What `pgvigil sql status` notices, and what installing again puts right. Its own small set of files. */
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import type { Bundle } from '../../src/sql/bundles.ts';
import { isInPlace, readStatus } from '../../src/sql/status.ts';
import {
  dropInstalled,
  type Fixture,
  freshDatabase,
  install,
  makeFixture,
  THINGS,
  withConnection,
} from './installer.ts';

describe.each([14, 18] as const)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let fixture: Fixture;
  let database: string;
  let url: string;

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

  const bundles = (): Bundle[] => [fixture.functions(), fixture.music()];
  const look = async (version = '1.0.0', user = 'postgres') => {
    const status = await withConnection(server.url(database, user), (client) => readStatus(client, bundles(), version));
    return {
      files: Object.fromEntries(status.bundles.flatMap(({ files }) => files.map(({ file, state }) => [file, state]))),
      objects: status.bundles.flatMap(({ objects }) =>
        objects.differences.map(({ state, kind, identity, file }) => `${state}: ${kind} ${identity} (${file})`),
      ),
      unverified: status.bundles.reduce((sum, { objects }) => sum + objects.unverified, 0),
      inPlace: status.bundles.every(isInPlace),
    };
  };
  const SAME = { '01_schema.sql': 'same', '02_roles.sql': 'same', '03_things.sql': 'same', '01-music.sql': 'same' };

  it('files: changed since, newer and older package, new and gone', async () => {
    await install(url, bundles());
    expect(await look()).toEqual({ files: SAME, objects: [], unverified: 0, inPlace: true });
    fixture.write('03_things.sql', `${THINGS}-- changed\n`);
    expect((await look()).files).toEqual({ ...SAME, '03_things.sql': 'drift' });
    expect((await look('1.0.10')).files).toEqual({ ...SAME, '03_things.sql': 'newer package' });
    expect((await look('0.9.0')).files).toEqual({ ...SAME, '03_things.sql': 'older package' });
    fixture.write('04_new.sql', 'select 1');
    expect(await look()).toMatchObject({ files: { '04_new.sql': 'not installed' }, inPlace: false });
    const { lines } = await install(url, bundles(), { version: '1.1.0' });
    expect(lines).toContain('03_things.sql  updated (from pgvigil 1.0.0)');
    expect(await look()).toMatchObject({ files: { '04_new.sql': 'same' }, inPlace: true });
    fixture.write('04_new.sql', '');
    await server.query("update pgvigil.installed_file set file = '05_gone.sql' where file = '04_new.sql'", database);
    expect((await look()).files).toMatchObject({ '04_new.sql': 'not installed', '05_gone.sql': 'not in package' });
    await install(url, bundles());
    expect((await look()).files).toEqual({ ...SAME, '04_new.sql': 'same' });
  });

  /** What somebody does to the object that the fixture makes for it, and how status names it. */
  const REPAIRABLE: readonly (readonly [doing: string, named: string])[] = [
    [
      "create or replace function pgvigil.f1() returns int language sql as 'select 2'",
      'changed: function pgvigil.f1()',
    ],
    ['drop function pgvigil.f2()', 'missing: function pgvigil.f2()'],
    ['grant execute on function pgvigil.f3() to public', 'changed: function pgvigil.f3()'],
    ['revoke execute on function pgvigil.f4() from pgvigil_monitor', 'changed: function pgvigil.f4()'],
    ['alter function pgvigil.f5() security definer', 'changed: function pgvigil.f5()'],
    ['create or replace view pgvigil.things as select id + 1 as id from pgvigil.thing', 'changed: view pgvigil.things'],
    ['drop index pgvigil.thing_name', 'missing: index pgvigil.thing_name'],
    ['drop view musicdb.titles', 'missing: view musicdb.titles'],
    ['revoke usage on schema pgvigil from pgvigil_monitor', 'changed: schema pgvigil'],
    ['revoke pg_monitor from pgvigil_monitor', 'changed: role pgvigil_monitor'],
  ];
  const FUNCTIONS = [1, 2, 3, 4, 5].map(
    (n) => `create or replace function pgvigil.f${n}() returns int language sql as 'select 1';
      revoke all on function pgvigil.f${n}() from public;
      grant execute on function pgvigil.f${n}() to pgvigil_monitor;`,
  );

  it('names what somebody changed, and puts it right', async () => {
    fixture.write('04_functions.sql', FUNCTIONS.join('\n'));
    await install(url, bundles());
    for (const [statement] of REPAIRABLE) await server.query(statement, database);
    const { files, objects, inPlace } = await look();
    expect({ files, inPlace }).toEqual({ files: { ...SAME, '04_functions.sql': 'same' }, inPlace: false });
    expect(objects.map((line) => line.replace(/ \([^()]*\)$/, '')).sort()).toEqual(
      REPAIRABLE.map(([, name]) => name).sort(),
    );
    expect(objects).toContain('missing: view musicdb.titles (01-music.sql)');
    const { installed } = await install(url, bundles());
    expect(installed.map(({ differences }) => differences)).toEqual([[], []]);
    expect(await look()).toMatchObject({ objects: [], inPlace: true });
  });

  /** The same for tables; what an operator may tune and add has no name. */
  const TABLES: readonly (readonly [doing: string, named: readonly string[]])[] = [
    ['alter table pgvigil.t1 drop column name', ['missing: column pgvigil.t1.name', 'missing: index pgvigil.t1_name']],
    ['alter table pgvigil.t2 alter column name drop default', ['changed: column pgvigil.t2.name']],
    [
      'alter table pgvigil.t3 drop constraint t3_pkey',
      ['missing: constraint t3_pkey on pgvigil.t3', 'missing: index pgvigil.t3_pkey'],
    ],
    ['drop table pgvigil.t4', ['missing: table pgvigil.t4']],
    ['alter table pgvigil.t5 set (autovacuum_vacuum_scale_factor = 0.01)', []],
    [
      'create trigger t before update on pgvigil.t6 for each row execute function suppress_redundant_updates_trigger()',
      [],
    ],
    [
      "update pg_index set indisvalid = false where indexrelid = 'pgvigil.t7_name'::regclass",
      ['changed: index pgvigil.t7_name'],
    ],
  ];

  it('names what somebody did to tables: a line for a table, not one for each column of it', async () => {
    const made = TABLES.map(
      (_, i) => `create table if not exists pgvigil.t${i + 1} (id int primary key, name text default 'none');
        create index if not exists t${i + 1}_name on pgvigil.t${i + 1} (name);`,
    );
    fixture.write('04_tables.sql', made.join('\n'));
    await install(url, bundles());
    for (const [statement] of TABLES) await server.query(statement, database);
    const named = TABLES.flatMap(([, names]) => names.map((name) => `${name} (04_tables.sql)`));
    expect((await look()).objects.sort()).toEqual(named.sort());
  });

  it('goes on naming what it cannot put right, and says so when it installs', async () => {
    await install(url, bundles());
    await server.query('alter table musicdb.tracks alter column title drop not null', database);
    const { installed } = await install(url, bundles());
    expect(installed[1].differences).toEqual([
      { state: 'changed', kind: 'column', identity: 'musicdb.tracks.title', file: '01-music.sql' },
    ]);
    expect(await look()).toMatchObject({
      inPlace: false,
      objects: ['changed: column musicdb.tracks.title (01-music.sql)'],
    });
  });

  it('does not take for its own what others add, nor miss partitions that come and go', async () => {
    fixture.write(
      '04_parts.sql',
      `create table if not exists pgvigil.part (day date not null primary key) partition by range (day);
      create index if not exists part_month on pgvigil.part (extract(month from day));
      create table if not exists pgvigil.part_one partition of pgvigil.part for values from ('2026-01-01') to ('2026-02-01');`,
    );
    await install(url, bundles());
    await server.query(
      'create table pgvigil.mine (id int); create index my_index on pgvigil.thing (name, id)',
      database,
    );
    await install(url, bundles());
    await server.query('drop table pgvigil.mine; drop index pgvigil.my_index; drop table pgvigil.part_one', database);
    expect(await look()).toMatchObject({ objects: [], inPlace: true });
    await server.query(
      "create table pgvigil.part_two partition of pgvigil.part for values from ('2026-02-01') to ('2026-03-01')",
      database,
    );
    expect(await look()).toMatchObject({ objects: [], inPlace: true });
  });

  it('takes over what was applied by hand before it was first asked', async () => {
    for (const { files } of bundles()) for (const { text } of files) await server.query(text, database);
    await install(url, bundles());
    expect(await look()).toMatchObject({ files: SAME, inPlace: true });
    await server.query('drop index pgvigil.thing_name', database);
    expect((await look()).objects).toEqual([expect.stringMatching(/^missing: index pgvigil.thing_name/)]);
  });

  it('after a major upgrade only presence is known, until it is installed again', async () => {
    await install(url, bundles());
    await server.query(
      "update pgvigil.installed_object set server_major = 13, fingerprint = md5('as 13 printed it')",
      database,
    );
    await server.query('drop function pgvigil.answer()', database);
    const after = await look();
    expect(after).toMatchObject({ objects: ['missing: function pgvigil.answer() (03_things.sql)'], inPlace: false });
    expect(after.unverified).toBeGreaterThan(20);
    await install(url, bundles());
    expect(await look()).toEqual({ files: SAME, objects: [], unverified: 0, inPlace: true });
  });

  it('is asked by a member of pgvigil_monitor; whoever may not know is told how', async () => {
    await install(url, bundles());
    await server.query('create role watcher login; create role nobody login; grant pgvigil_monitor to watcher');
    expect((await look('1.0.0', 'watcher')).inPlace).toBe(true);
    await expect(look('1.0.0', 'nobody')).rejects.toThrow(
      /permission denied for schema pgvigil\n {2}Cure: grant pgvigil_monitor to/,
    );
    await server.query('drop role watcher, nobody');
  });
});
