/** How near tables are to their own thresholds of autovacuum, what holds VACUUM back, and how far off wraparound is. */
import { POSTGRES_MAJORS, type PostgresServer, startStandby } from '../../../demo/servers/index.ts';
import { openSession, until } from '../support/database.ts';
import { startAdvised, watch } from './advisors.ts';

interface Need {
  readonly [column: string]: unknown;
  readonly vacuum_threshold: number;
  readonly vacuum_need_ratio: number;
  readonly insert_need_ratio: number | null;
  readonly analyze_need_ratio: number;
  readonly reason: string | null;
  readonly statement: string | null;
  readonly blocked_by: string | null;
}

const TABLES = `
  create table plain (a int);
  create table eager (a int) with (autovacuum_vacuum_threshold = 10, autovacuum_vacuum_scale_factor = 0);
  create table off (a int) with (autovacuum_enabled = false);
  create table appended (a int);
  create table never_for_inserts (a int) with (autovacuum_vacuum_insert_threshold = -1);
  create table analysed (a int) with (autovacuum_analyze_threshold = 100000);
  create table old (a int) with (autovacuum_freeze_max_age = 100000);
  create table older (a int) with (autovacuum_freeze_max_age = 2000000000);
  create table toasted (a int, big text) with (toast.autovacuum_vacuum_threshold = 5, toast.autovacuum_vacuum_scale_factor = 0);
  alter table toasted alter big set storage external;
  create table parts (a int) partition by range (a);
  create table parts_1 partition of parts for values from (0) to (2000000);
  create table "Odd; one" (a int);
  insert into plain select generate_series(1, 1000); insert into eager select generate_series(1, 1000);
  insert into off select generate_series(1, 1000); insert into parts select generate_series(1, 1000);
  insert into never_for_inserts select generate_series(1, 1000); insert into analysed select generate_series(1, 1000);
  insert into toasted select g, repeat('x', 5000) from generate_series(1, 100) g;
  insert into "Odd; one" select generate_series(1, 1000)`;

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  const ask = async (minNeed = 0): Promise<Record<string, Need>> =>
    Object.fromEntries(
      (await watch<Need>(server, `select * from pgvigil.vacuum_need(${minNeed}) where schemaname = 'public'`)).map(
        (row) => [row.relname as string, row],
      ),
    );
  /** Changes, and waits until they are counted. */
  const change = async (sql: string): Promise<void> => {
    const total = async (): Promise<number> =>
      Number(
        (
          await server.query(
            "select sum(n_tup_ins + n_tup_upd + n_tup_del) as n from pg_stat_all_tables where schemaname <> 'pg_catalog'",
          )
        )[0].n,
      );
    const before = await total();
    await server.query(sql);
    await until('the changes are counted', async () => (await total()) > before);
  };

  beforeAll(async () => {
    server = await startAdvised(major, {
      synchronous_commit: 'off',
      autovacuum: 'on',
      autovacuum_naptime: '2000000s',
      max_prepared_transactions: '2',
      wal_level: 'logical',
    });
    await server.query(TABLES);
    await server.query('vacuum analyze');
    await until('the vacuum is counted', async () =>
      Object.values(await ask()).every(({ last_vacuum }) => last_vacuum !== null),
    );
  });
  afterAll(() => server?.stop());

  it('goes by the settings, and by the options of the table where it has some', async () => {
    await change(
      `delete from plain where a <= 100; delete from eager where a <= 100; delete from off where a <= 500; delete from parts where a <= 250;
       delete from never_for_inserts where a <= 100; delete from analysed where a <= 500; delete from "Odd; one" where a <= 500`,
    );
    const need = await ask();
    // 50 + 0.2 × 1000 rows; analyze at 50 + 0.1 × 1000.
    expect(need.plain).toMatchObject({
      live_rows: '900',
      dead_rows: '100',
      dead_ratio: 0.1,
      vacuum_threshold: 250,
      vacuum_need_ratio: 0.4,
      statement: null,
      reason: null,
      autovacuum_enabled: true,
      running: false,
    });
    expect(need.plain.analyze_need_ratio).toBeCloseTo(100 / 150, 6);
    expect(need.eager).toMatchObject({ vacuum_threshold: 10, vacuum_need_ratio: 10, statement: 'VACUUM public.eager' });
    expect(need.off).toMatchObject({
      autovacuum_enabled: false,
      vacuum_need_ratio: 2,
      statement: 'VACUUM (ANALYZE) public.off',
    });
    expect(need.off.reason).toContain('autovacuum is off for it');
    expect(need.analysed).toMatchObject({ statement: 'VACUUM public.analysed' });
    expect(need['Odd; one'].statement).toBe('VACUUM (ANALYZE) public."Odd; one"');
    // Partitions, not what they are parts of.
    expect(need.parts_1.vacuum_need_ratio).toBe(1);
    expect(need.parts).toBeUndefined();
    expect(Object.keys(await ask(2)).sort()).toEqual(['Odd; one', 'analysed', 'eager', 'off']);
  });

  it('reckons TOAST to its table, by options of its own', async () => {
    await change('delete from toasted where a <= 10');
    const { toasted } = await ask();
    expect(toasted).toMatchObject({ dead_rows: '10', toast_dead_rows: '30', vacuum_need_ratio: 6 });
    await server.query(
      'alter table toasted reset (toast.autovacuum_vacuum_threshold, toast.autovacuum_vacuum_scale_factor)',
    );
    // Now as its table: 50 + 0.2 × 300 chunks.
    await server.query('alter table toasted set (autovacuum_vacuum_threshold = 0)');
    expect((await ask()).toasted.vacuum_need_ratio).toBeCloseTo(Math.max(10 / 20, 30 / 60), 6);
  });

  it('knows that inserts alone call for a vacuum', async () => {
    await change(
      'insert into appended select generate_series(1, 3000); insert into never_for_inserts select generate_series(1, 3000)',
    );
    const need = await ask();
    expect(need.appended).toMatchObject({
      insert_need_ratio: 3,
      vacuum_need_ratio: 0,
      statement: 'VACUUM (ANALYZE) public.appended',
    });
    expect(need.appended.reason).toContain('more inserted rows');
    expect(need.never_for_inserts.insert_need_ratio).toBeNull();
  });

  it('knows the limit of 18, and its count of pages not frozen', async () => {
    await server.query('create table vast (a int); insert into vast select generate_series(1, 10000)');
    // A session that is just ending would keep some pages from being frozen.
    await until('all of it is frozen', async () => {
      await server.query('vacuum (freeze, analyze) vast');
      if (major < 18) return true;
      return (
        (await server.query("select from pg_class where relname = 'vast' and relallfrozen = relpages")).length === 1
      );
    });
    await server.query("update pg_class set reltuples = 1e9 where relname = 'vast'");
    await change('insert into vast select generate_series(1, 2000)');
    const { vast } = await ask();
    // 50 + 0.2 × 1e9; from 18 on no more than autovacuum_vacuum_max_threshold.
    expect(vast.vacuum_threshold).toBe(major < 18 ? 200_000_050 : 100_000_000);
    const unfrozen = await watch<{ insert_threshold: number }>(
      server,
      "select insert_threshold from pgvigil.autovacuum_settings() where relid = 'vast'::regclass",
    );
    // 1000 + 0.2 × 1e9 × the part of the pages that is not frozen: none was.
    expect(unfrozen[0].insert_threshold).toBe(major < 18 ? 200_001_000 : 1000);
    if (major >= 18) {
      await server.query('alter table vast set (autovacuum_vacuum_max_threshold = 7)');
      expect((await ask()).vast.vacuum_threshold).toBe(7);
      await server.query('alter table vast set (autovacuum_vacuum_max_threshold = -1)');
      expect((await ask()).vast.vacuum_threshold).toBe(200_000_050);
    }
  });

  it('compares ages with what makes autovacuum freeze: a table can only ask for less', async () => {
    const { old, older } = await ask();
    expect(Number(old.xid_age_ratio)).toBeCloseTo(Number(old.xid_age) / 100_000, 9);
    expect(Number(older.xid_age_ratio)).toBeCloseTo(Number(older.xid_age) / 200_000_000, 9);
    expect(Number(old.mxid_age_ratio)).toBe(Number(old.mxid_age) / 400_000_000);
  });

  it('names who keeps VACUUM from removing rows: a session, a prepared transaction, a slot', async () => {
    const blocked = async (): Promise<string | null> => (await ask()).eager.blocked_by;
    const holders = (): Promise<{ kind: string; name: string }[]> =>
      watch(server, 'select kind, name from pgvigil.xmin_holders()');
    expect(await blocked()).toBeNull();
    expect(await holders()).toEqual([]);

    const session = await openSession(server.url('postgres', 'postgres'), { application_name: 'report' });
    await session.query('begin isolation level repeatable read');
    await session.query('select from plain');
    await change('delete from eager where a <= 200');
    await server.query('vacuum eager');
    expect(await holders()).toEqual([
      { kind: 'session', name: `pid ${session.pid}, postgres, idle in transaction, report` },
    ]);
    await until('the vacuum is counted', async () => (await blocked()) !== null);
    expect(await blocked()).toMatch(
      /^session pid \d+, postgres, idle in transaction, report \(holds \d+ transactions back\)$/,
    );
    // Who is not in need is not blocked.
    expect((await ask()).plain.blocked_by).toBeNull();
    await session.end();
    await until('the session is gone', async () => (await holders()).length === 0);

    await server.query("begin; insert into plain values (1); prepare transaction 'forgotten'");
    expect(await holders()).toEqual([{ kind: 'prepared transaction', name: 'forgotten, postgres' }]);
    await server.query("rollback prepared 'forgotten'");

    // A logical slot keeps rows of the catalogue only, a physical one without a standby nothing.
    await server.query(
      "select pg_create_logical_replication_slot('logical', 'test_decoding'), pg_create_physical_replication_slot('physical')",
    );
    expect(await holders()).toEqual([]);
    await server.query("select pg_drop_replication_slot('logical'), pg_drop_replication_slot('physical')");
  });

  it('does not take sessions of other databases for holders', async () => {
    await server.query('create database elsewhere');
    const session = await openSession(server.url('elsewhere'));
    await session.query('begin isolation level repeatable read');
    await session.query('select 1');
    expect(await watch(server, 'select * from pgvigil.xmin_holders()')).toEqual([]);
    await session.end();
  });

  it('asks for a freeze before autovacuum would force one', async () => {
    expect((await ask()).old.statement).toBeNull();
    await server.query('do $$ begin for i in 1..91000 loop perform txid_current(); commit; end loop; end $$');
    const { old, older } = await ask();
    expect(old.statement).toBe('VACUUM (FREEZE) public.old');
    expect(old.reason).toMatch(/^its age is 9\d % of what autovacuum waits for/);
    expect(older.statement).toBeNull();
    await server.query(old.statement!);
    expect((await ask()).old.xid_age_ratio).toBeLessThan(0.1);
  });

  it('counts down to where the server stops', async () => {
    const rows = await watch<Record<string, string>>(server, 'select * from pgvigil.freeze_headroom()');
    const [all] = await server.query<{ names: string[] }>(
      'select array_agg(datname::text order by datname) as names from pg_database',
    );
    expect(rows.map(({ datname }) => datname).sort()).toEqual(all.names);
    const row = rows.find(({ datname }) => datname === 'postgres')!;
    const age = Number(row.xid_age);
    expect(Number(row.xids_to_autovacuum)).toBe(200_000_000 - age);
    expect(Number(row.xids_to_failsafe)).toBe(1_600_000_000 - age);
    expect(Number(row.xids_to_stop)).toBe(2_147_483_647 - 3_000_000 - age);
    expect(Number(row.mxids_to_stop)).toBe(2_147_483_647 - 3_000_000 - Number(row.mxid_age));
    expect(Number(row.mxids_to_autovacuum)).toBe(400_000_000 - Number(row.mxid_age));
  });
});

it('names a standby whose queries hold VACUUM back', async () => {
  const primary = await startAdvised(17);
  const standby = await startStandby(primary, {
    settings: { hot_standby_feedback: 'on', wal_receiver_status_interval: '1s' },
  });
  try {
    const session = await openSession(standby.url());
    await session.query('begin isolation level repeatable read');
    await session.query('select 1');
    const holders = (): Promise<unknown[]> => watch(primary, 'select kind, name from pgvigil.xmin_holders()');
    await until('feedback arrives', async () => (await holders()).length > 0);
    expect(await holders()).toEqual([{ kind: 'standby feedback', name: `standby_${standby.port}` }]);
    await session.end();
  } finally {
    await standby.stop();
    await primary.stop();
  }
});
