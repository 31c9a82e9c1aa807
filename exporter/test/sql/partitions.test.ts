/** Creating partitions ahead, and moving rows out of the default partition into them. */
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { holdLock, openSession, until } from '../support/database.ts';
import { CONTENTS, databaseWithPartitions, type Db, TRIPS } from './partitions_fixture.ts';

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let db: Db;
  let databases = 0;

  beforeAll(async () => {
    server = await startPostgres({ major });
  });
  beforeEach(async () => {
    db = await databaseWithPartitions(server, `test${++databases}`);
  });
  afterAll(() => server?.stop());

  const create = (argumentList = ''): Promise<Record<string, unknown>[]> =>
    db.query(`select *, lower(partition::text) as name from pgvigil.create_partitions_ahead(${argumentList})`);
  const bounds = (table: string): Promise<string[]> =>
    db.value(`select array_agg(pg_get_expr(relpartbound, c.oid) order by relname)
                from pg_inherits join pg_class c on c.oid = inhrelid where inhparent = '${table}'::regclass`);

  it('moves rows, referenced or not, and changes nothing else', async () => {
    await db.query(TRIPS);
    // An old partition makes the month before the current one a hole; the one before that stays out of reach.
    await db.query(`create table app.trip_old partition of app.trip for values from ('2001-01-01') to ('2001-02-01');
                    delete from app.leg where day < date_trunc('month', now()) - interval '1 month';
                    delete from app.trip where day < date_trunc('month', now()) - interval '1 month'`);
    const [before] = await db.query(CONTENTS);
    const made = await create();
    expect(made).toHaveLength(6);
    expect(made.map(({ rows_moved }) => Number(rows_moved))).toEqual([6, 6, 6, 6, 6, 6]);
    expect(made.map(({ action }) => action)).toEqual(
      made.map(() => 'created, rows moved, foreign keys validated again'),
    );
    expect(await db.query(CONTENTS)).toEqual([before]);
    // Months 5 and 6 are further ahead than was asked for.
    expect(await db.value('select count(*)::int from app.trip_default')).toBe(12);
    expect(
      await db.query(`select c.relname, c.reltuples::int, count(i)::int as indexes, bool_and(i.indisvalid) as valid
                        from pg_class c join pg_index i on i.indrelid = c.oid
                       where c.relname like 'trip\\_p%' and c.relkind = 'r' group by 1, 2 order by 1`),
    ).toEqual(
      made.map(({ name }) => ({
        relname: (name as string).replace('app.', ''),
        reltuples: 6,
        indexes: 2,
        valid: true,
      })),
    );
    expect(await create()).toEqual([]);
    // Keys still act, where the rows are now.
    await db.query("delete from app.leg; delete from app.trip where title = 'trip 1 of month 0'");
    await expect(
      db.query('insert into app.stop select 1000, max(trip_id) + 1, max(day) from app.trip'),
    ).rejects.toThrow('stop_trip');
    expect(await db.value('select count(*)::int from app.stop')).toBe((before.stops as unknown[]).length - 1);
  });

  it('moves rows with keys that are deferred, and lets no trigger of the table see it', async () => {
    await db.query(TRIPS);
    await db.query(`alter table app.stop alter constraint stop_trip deferrable initially deferred;
      create table app.seen (what text);
      create function app.see() returns trigger language plpgsql as
        $f$ begin insert into app.seen values (tg_op); return null; end $f$;
      create trigger see after insert or delete on app.trip for each row execute function app.see();
      create trigger see_always after delete on app.trip_default for each statement execute function app.see();
      alter table app.trip_default enable always trigger see_always`);
    const triggers = `select tgrelid::regclass::text, tgname, tgenabled from pg_trigger
                       where tgname like 'see%' and tgrelid::regclass::text not like '%\\_p2%' order by 1, 2`;
    const before = await db.query(triggers);
    await db.query('delete from app.stop; delete from app.leg');
    expect((await create())[0].action).toBe('created, rows moved');
    expect(await db.query('select * from app.seen')).toEqual([]);
    expect(await db.query(triggers)).toEqual(before);
    await db.query('delete from app.trip');
    expect(await db.value("select count(*)::int from app.seen where what = 'DELETE'")).toBe(54);
  });

  it('counts days, weeks and months in the zone of the policy, whatever the session speaks', async () => {
    await db.query(`
      create table a_day (at timestamptz) partition by range (at);
      create table a_week (at date) partition by range (at);
      create table a_month (at timestamp) partition by range (at);
      insert into pgvigil.partition_policy (parent, step, time_zone, premake) values
        ('a_day', 'day', 'Asia/Kolkata', 1), ('a_week', 'week', 'UTC', 1), ('a_month', 'month', 'UTC', 0);`);
    await db.query(
      "set datestyle = 'German'; set timezone = 'America/New_York'; select pgvigil.create_partitions_ahead()",
    );
    const [expected] = await db.query<Record<string, string>>(`
      select (date_trunc('day', now() at time zone 'Asia/Kolkata') at time zone 'Asia/Kolkata' at time zone 'UTC')::text as day,
             date_trunc('week', now() at time zone 'UTC')::date::text as week,
             date_trunc('month', now() at time zone 'UTC')::text as month,
             to_char(now() at time zone 'Asia/Kolkata', '"a_day_p"YYYY_MM_DD') as day_name,
             to_char(now() at time zone 'UTC', '"a_week_p"IYYY"w"IW') as week_name`);
    expect(expected.day).toMatch(/ 18:30:00$/);
    expect((await bounds('a_day'))[0]).toContain(`FROM ('${expected.day}+00') TO (`);
    expect((await bounds('a_week'))[0]).toContain(`FROM ('${expected.week}') TO (`);
    expect(await bounds('a_month')).toEqual([expect.stringContaining(`FROM ('${expected.month}') TO (`)]);
    expect(await db.value('select to_regclass($$' + expected.day_name + '$$) is not null')).toBe(true);
    expect(await db.value('select to_regclass($$' + expected.week_name + '$$) is not null')).toBe(true);
  });

  it('fills what is missing of a period, and gives a name that is taken a number', async () => {
    const long = 'ä'.repeat(31);
    await db.query(`
      create table ${long} (at date) partition by range (at);
      insert into pgvigil.partition_policy (parent, step, premake) values ('${long}', 'month', 0);
      do $$ begin
        execute format('create table half partition of ${long} for values from (%L) to (%L)',
                       date_trunc('month', now())::date + 5, date_trunc('month', now())::date + 10);
      end $$`);
    const made = await create(`'${long}'`);
    expect(made).toHaveLength(2);
    const names = await db.query<{ n: string; bytes: number }>(
      `select relname as n, octet_length(relname) as bytes from pg_class where relname like 'ä%\\_p2%' order by 1`,
    );
    expect(names.map(({ n }) => n.replace(/^ä+/, '')).sort()).toEqual([
      expect.stringMatching(/^_p\d{4}_\d\d$/),
      expect.stringMatching(/^_p\d{4}_\d\d_2$/),
    ]);
    expect(Math.max(...names.map(({ bytes }) => bytes))).toBeLessThanOrEqual(63);
  });

  it('works as pgvigil_maintain, for an owner who is somebody else; the grants go along', async () => {
    await db.query(`
      drop role if exists reader, app_owner, keeper;
      create role app_owner; create role reader; create role keeper login in role pgvigil_maintain;
      ${TRIPS}
      grant usage, create on schema app to app_owner;
      grant select on app.trip to reader; grant update (title) on app.trip to reader with grant option;
      alter default privileges for role app_owner in schema app grant insert on tables to public;
      do $$ declare t record; begin
        for t in select oid::regclass as name from pg_class where relnamespace = 'app'::regnamespace and relkind in ('r', 'p')
        loop execute format('alter table %s owner to app_owner', t.name); end loop;
      end $$`);
    const [before] = await db.query(CONTENTS);
    const keeper = await openSession(server.url(db.name, 'keeper'));
    try {
      const call = 'select * from pgvigil.create_partitions_ahead()';
      await expect(keeper.query(call)).rejects.toMatchObject({
        message: expect.stringContaining('keeper may not act as app_owner, the owner of app.') as string,
        hint: 'grant app_owner to pgvigil_owners;',
      });
      await db.query('grant app_owner to pgvigil_owners');
      expect(await keeper.query(call)).toHaveLength(5);
      expect(await keeper.query('select current_user')).toEqual([{ current_user: 'keeper' }]);
    } finally {
      await keeper.end();
    }
    expect(await db.query(CONTENTS)).toEqual([before]);
    const partition = "(select oid from pg_class where relname like 'trip\\_p%' and relkind = 'r' limit 1)";
    expect(
      await db.query(`select pg_get_userbyid(relowner) as owner,
                             array(select privilege_type from aclexplode(relacl) where grantee <> relowner) as others,
                             (select attacl::text from pg_attribute where attrelid = c.oid and attname = 'title') as title
                        from pg_class c where oid = ${partition}`),
    ).toEqual([{ owner: 'app_owner', others: ['SELECT'], title: '{reader=w*/app_owner}' }]);
    await db.query('drop owned by app_owner cascade; drop owned by reader; drop role keeper, reader, app_owner');
  });

  it('gives no grants where policies guard the rows', async () => {
    await db.query(`drop role if exists reader; create role reader; ${TRIPS}
      alter table app.trip enable row level security; grant select on app.trip to reader`);
    await create();
    expect(
      await db.value(
        "select bool_or(has_table_privilege('reader', oid, 'select')) from pg_class where relname like 'trip\\_p%' and relkind = 'r'",
      ),
    ).toBe(false);
    await db.query('drop owned by reader; drop role reader');
  });

  it('names who is in the way when there is no lock in time, and leaves everything as it was', async () => {
    await db.query(TRIPS);
    const [before] = await db.query(CONTENTS);
    const reader = await holdLock(server, 'select count(*) from app.trip', db.name);
    const other = await openSession(server.url(db.name));
    try {
      await other.query("set lock_timeout = '7s'");
      const call = "select * from pgvigil.create_partitions_ahead('app.trip', '50 ms')";
      await expect(other.query(call)).rejects.toMatchObject({
        code: '55P03',
        message: expect.stringMatching(
          `^no lock within 00:00:00.05 for the partitions of app.trip: .*pid ${reader.pid} \\(test, idle in transaction, `,
        ) as string,
      });
      expect(await db.query(CONTENTS)).toEqual([before]);
      await reader.query('rollback');
      await other.query('begin');
      expect(await other.query(call)).toHaveLength(5);
      // In the same transaction, where nothing else would bring it back.
      expect(await other.query('show lock_timeout')).toEqual([{ lock_timeout: '7s' }]);
      await other.query('commit');
    } finally {
      await reader.end();
      await other.end();
    }
  });

  it('waits for a row that is about to reference one that moves, and keeps it', async () => {
    await db.query(`${TRIPS}; delete from app.stop; delete from app.leg`);
    const writer = await holdLock(
      server,
      "insert into app.stop select 1, trip_id, day from app.trip where title = 'trip 1 of month 1'",
      db.name,
    );
    const mover = await openSession(server.url(db.name));
    try {
      const moved = mover.query("select * from pgvigil.create_partitions_ahead('app.trip', '1 minute')");
      await until(
        'it waits',
        async () =>
          (await db.value(`select count(*)::int from pg_locks where pid = ${mover.pid} and not granted`)) === 1,
      );
      // Reading goes on meanwhile.
      expect(await db.value('select count(*)::int from app.trip')).toBe(54);
      await writer.query('commit');
      expect((await moved).map(({ rows_moved }) => Number(rows_moved))).toEqual([6, 6, 6, 6, 6]);
      // The key is ON DELETE CASCADE: had the row been overlooked, it would be gone.
      expect(await db.value('select count(*)::int from app.stop')).toBe(1);
    } finally {
      await writer.end();
      await mover.end();
    }
  });

  it('lets who has read go on and write when there is nothing to move yet', async () => {
    await db.query(`${TRIPS}; delete from app.stop; delete from app.leg; delete from app.trip`);
    const app = await holdLock(server, 'select count(*) from app.trip', db.name);
    const mover = await openSession(server.url(db.name));
    try {
      const moved = mover.query("select * from pgvigil.create_partitions_ahead('app.trip', '1 minute')");
      await until(
        'it waits',
        async () =>
          (await db.value(`select count(*)::int from pg_locks where pid = ${mover.pid} and not granted`)) === 1,
      );
      await app.query('insert into app.trip (day) values (now())');
      await app.query('commit');
      expect((await moved).map(({ rows_moved }) => Number(rows_moved))).toEqual([1, 0, 0, 0, 0]);
    } finally {
      await app.end();
      await mover.end();
    }
  });

  it('refuses what would take long or lose rows, with the cure', async () => {
    await db.query(TRIPS);
    await expect(create("'app.trip', validate_limit => 1")).rejects.toMatchObject({
      code: '54000',
      message: expect.stringMatching(/foreign keys of app\.\w+, app\.\w+ \([\d.]+ \w+\)/) as string,
      hint: expect.stringContaining("create_partitions_ahead('app.trip', validate_limit => ") as string,
    });
    await expect(
      db.query('begin isolation level repeatable read; select pgvigil.create_partitions_ahead(); commit'),
    ).rejects.toThrow('read committed');
    await expect(create("'app.leg'")).rejects.toThrow('app.leg has no row in pgvigil.partition_policy');
    await expect(db.query("insert into pgvigil.partition_policy values ('app.stop', 'month')")).rejects.toThrow(
      'app.stop is not range-partitioned on one column',
    );
    await expect(db.query("update pgvigil.partition_policy set time_zone = 'Mars'")).rejects.toThrow('"Mars"');
    await db.query(`create table app.pinned (trip_id bigint, day date, foreign key (trip_id, day) references app.trip_default);
      insert into app.pinned select trip_id, day from app.trip where title = 'trip 3 of month 1'`);
    await expect(create()).rejects.toThrow('points at app.trip_default itself');
    await db.query('drop table app.stop, app.leg, app.pinned');
    expect(await create()).toHaveLength(5);
  });
});
