/** Smart refresh: never a change missed, never a reader made to wait, never work for nothing. */
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { holdLock, openSession, type Session, until } from '../support/database.ts';
import { applySql } from '../support/sql.ts';

interface Refreshed {
  outcome: string;
  reason: string;
  duration_seconds: number | null;
  rows_written: string | null;
}

interface Staleness {
  matviewname: string;
  ispopulated: boolean;
  last_refresh: Date | null;
  duration_seconds: number | null;
  changes_since_refresh: string | null;
  stale: boolean | null;
  size_bytes: string | null;
}

const FILES = ['50_matviews.sql', '51_matview_refresh.sql'];
const UNCHANGED = 'skipped: unchanged';

describe.each(POSTGRES_MAJORS)('materialised views on PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let session: Session;

  const refresh = async (view: string, from = session): Promise<Refreshed> =>
    (await from.query(`select * from pgvigil.refresh_matview('${view}')`))[0] as unknown as Refreshed;
  /** PostgreSQL 14 hears of a session's changes, and of what it had remembered itself, up to half a second later. */
  const changed = async (view: string): Promise<Refreshed> => {
    let result = await refresh(view);
    await until(`${view} is refreshed`, async () => {
      if (result.outcome === UNCHANGED) result = await refresh(view);
      return result.outcome !== UNCHANGED;
    });
    return result;
  };
  const settled = (view: string): Promise<void> =>
    until(`${view} is up to date`, async () => (await refresh(view)).outcome === UNCHANGED);
  const staleness = async (view: string): Promise<Staleness> =>
    (await session.query('select * from pgvigil.matview_staleness()')).find(
      ({ matviewname }) => matviewname === view,
    ) as unknown as Staleness;
  const record = async (view: string): Promise<Record<string, unknown>> =>
    (await session.query(`select * from pgvigil.matview_refresh where relid = '${view}'::regclass`))[0];
  /** Other sessions report what they wrote a little later; this waits until they have. */
  const reported = (view: string, writer: Session): Promise<void> =>
    until(`changes of ${view} are reported`, async () => {
      // A session that is idle reports late, before PostgreSQL 15 never.
      await writer.query('select');
      return (await staleness(view)).stale !== false;
    });
  /** What a later refresh goes by: how long the last one took. */
  const pretend = (view: string, seconds: number): Promise<unknown> =>
    session.query(`update pgvigil.matview_refresh
      set duration_seconds = ${seconds}, scans = pgvigil.matview_scans(relid) where relid = '${view}'::regclass`);

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { max_prepared_transactions: '1' } });
    await server.query(`create role pgvigil_monitor login; create role pgvigil_maintain login;
      create schema pgvigil; grant usage on schema pgvigil to pgvigil_monitor, pgvigil_maintain`);
    await applySql(server, 'postgres', ...FILES, ...FILES);
    await server.query(`
      create table sales (day date, amount int) partition by range (day);
      create table sales_1 partition of sales for values from ('2026-01-01') to ('2026-02-01');
      create table sales_2 partition of sales for values from ('2026-02-01') to ('2026-03-01');
      create table shops (shop int primary key);
      insert into sales select date '2026-01-01' + i % 59, i from generate_series(1, 1000) i;
      insert into shops select generate_series(1, 10);
      create view positive as select * from sales where amount > 0;
      create materialized view daily as select p.day, count(*) as n from positive p cross join shops group by p.day;
      create unique index on daily (day);
      create materialized view total as select sum(n) as n from daily;
      create materialized view keyless as select shop, shop * 2 as twice from shops;
      create unique index on keyless (shop) where shop > 3;
      create unique index on keyless ((shop + 0));
      create materialized view clock as select shop, now() as made from shops`);
    session = await openSession(server.url());
  });
  afterAll(async () => {
    await session?.end();
    await server?.stop();
  });

  it('refreshes once, then only after a change to a partition below a view', async () => {
    // PostgreSQL 14 may still be hearing of the rows that the tables were filled with.
    await until('counters at rest', async () => (await refresh('daily')).outcome === UNCHANGED);
    const { refreshes, skips } = await record('daily');
    const nothing = { outcome: UNCHANGED, reason: 'nothing was written since', duration_seconds: null };
    expect(await refresh('daily')).toMatchObject(nothing);
    await session.query(`insert into sales values ('2026-02-03', 7)`);
    // The same session, at once: its own changes count although they are not reported yet.
    const second = await (major === 14 ? changed('daily') : refresh('daily'));
    expect(second).toMatchObject({ outcome: 'refreshed', reason: '1 rows written since; plain because that is short' });
    expect(second.duration_seconds).toBeGreaterThan(0);
    expect(second.rows_written).toBe('59');
    expect(await record('daily')).toMatchObject({
      refreshes: String(Number(refreshes) + 1),
      skips: expect.stringMatching(major === 14 ? /./ : `^${Number(skips) + 1}$`) as unknown,
      last_method: 'plain',
      last_error: null,
    });
  });

  it.each(['update shops set shop = shop', 'delete from shops where shop = 10'])('sees: %s', async (statement) => {
    await settled('keyless');
    await session.query(statement);
    expect((await changed('keyless')).outcome).toBe('refreshed');
  });

  it.each([
    ['truncate sales_2', 'a table that it reads was truncated or rewritten'],
    ['alter table sales detach partition sales_2', 'a table or partition that it reads came or went'],
    [
      'create or replace view positive as select * from sales where amount > 5',
      'the query of a view that it reads was changed',
    ],
  ])('sees what no counter tells: %s', async (statement, reason) => {
    await settled('daily');
    await session.query(statement);
    expect(await staleness('daily')).toMatchObject({ stale: true, changes_since_refresh: null });
    expect((await changed('daily')).reason).toContain(`${reason}; plain`);
    const [{ same }] = await session.query(
      'select sum(n) = (select count(*) from positive cross join shops) as same from daily',
    );
    expect(same).toBe(true);
  });

  it('never misses a change that was committed meanwhile, whenever it is reported', async () => {
    const writer = await openSession(server.url());
    try {
      // Committed before the refresh and reported after it: one refresh too many, with the row already there.
      await refresh('keyless');
      await writer.query('insert into shops values (100)');
      await refresh('keyless');
      await reported('keyless', writer);
      expect((await changed('keyless')).outcome).toBe('refreshed');
      // Open during the refresh: not in the view, so it must come with the next one.
      await writer.query('begin');
      await writer.query('insert into shops values (101)');
      await session.query(`select * from pgvigil.refresh_matview('keyless', force => true)`);
      await writer.query('commit');
      await reported('keyless', writer);
      expect((await changed('keyless')).outcome).toBe('refreshed');
      expect(await session.query('select shop from keyless where shop > 99 order by 1')).toEqual([
        { shop: 100 },
        { shop: 101 },
      ]);
    } finally {
      await writer.end();
    }
  });

  it('remembers the counters of before the snapshot', async () => {
    await settled('daily');
    const reader = await holdLock(server, 'select from daily limit 1');
    const writer = await holdLock(server, 'lock table sales_1 in access exclusive mode');
    try {
      await server.query('update shops set shop = shop where shop = 1');
      // Long enough after its last report that it reports with its commit.
      await writer.query(`insert into sales values ('2026-01-06', 80); select pg_sleep(1.1)`);
      await until('a reason to refresh', async () => (await staleness('daily')).stale === true);
      // It has its snapshot, and waits to read the table.
      const refreshing = refresh('daily');
      await until(
        'the refresh waits',
        async () => (await reader.query('select from pg_locks where not granted')).length > 0,
      );
      await writer.query('commit');
      expect((await refreshing).outcome).toBe('refreshed concurrently');
      await reported('daily', writer);
      await changed('daily');
      const [{ same }] = await session.query(
        'select sum(n) = (select count(*) from positive cross join shops) as same from daily',
      );
      expect(same).toBe(true);
    } finally {
      await reader.end();
      await writer.end();
    }
  });

  it('never takes what it wrote itself for what somebody else wrote', async () => {
    const first = await openSession(server.url());
    const second = await openSession(server.url());
    try {
      // Both are too young to have reported: the one row that the first one wrote looks like the one of the second.
      await first.query('begin');
      await first.query('insert into shops values (201)');
      await first.query(`select * from pgvigil.refresh_matview('keyless', force => true)`);
      await first.query('commit');
      await second.query('insert into shops values (202)');
      expect((await refresh('keyless', second)).outcome).toBe('refreshed');
      expect(await session.query('select count(*)::int from keyless where shop > 200')).toEqual([{ count: 2 }]);
    } finally {
      await first.end();
      await second.end();
    }
  });

  it('refreshes when the counters began anew, and says that staleness was unknown', async () => {
    await settled('keyless');
    await session.query('select pg_stat_reset()');
    await until('the reset', async () => (await staleness('keyless')).stale === null);
    expect((await changed('keyless')).reason).toMatch(/^the statistics were reset since; plain/);
    await settled('keyless');
    // As after a failover: what is remembered is of another server.
    await session.query(
      `update pgvigil.matview_refresh set state = jsonb_set(state, array['tables', 'shops'::regclass::oid::text, '1'], '999999')`,
    );
    expect((await changed('keyless')).reason).toMatch(/^the counters of a table that it reads went backwards; plain/);
  });

  it('refreshes after a crash, which loses the counters, even when they have come to the same number again', async () => {
    await server.query('create database crash');
    await server.query('create schema pgvigil', 'crash');
    await applySql(server, 'crash', ...FILES);
    await server.query('create table t (a int); create materialized view m as select a from t', 'crash');
    const refreshed = async (): Promise<unknown> => {
      await server.query('insert into t values (1)', 'crash');
      return (await server.query(`select reason from pgvigil.refresh_matview('m')`, 'crash'))[0];
    };
    await refreshed();
    await session.end();
    await server.restart('immediate');
    session = await openSession(server.url());
    expect(await refreshed()).toEqual({
      reason: expect.stringContaining('the statistics were reset since; plain') as unknown,
    });
  });

  it('always refreshes what depends on more than counted tables', async () => {
    await session.query(`
      create materialized view settings as select count(*) from pg_settings;
      create function count_shops() returns bigint language sql stable as 'select count(*) from public.shops';
      create materialized view hidden as select day, count_shops() from daily;
      create materialized view today as select shop, current_date from shops`);
    const reasons = {
      clock: 'it calls now()',
      settings: 'it reads',
      hidden: 'it calls count_shops()',
      today: 'it asks for the time',
    };
    for (const [view, reason] of Object.entries(reasons)) {
      await refresh(view);
      const again = await refresh(view);
      expect(again.outcome).toMatch(/^refreshed/);
      expect(again.reason).toContain(`whether it changed cannot be known: ${reason}`);
      expect(await staleness(view)).toMatchObject({ stale: null, changes_since_refresh: null });
    }
  });

  it('goes concurrently when a reader would wait, and leaves the reader alone', async () => {
    await settled('daily');
    await session.query(`insert into sales values ('2026-01-05', 70)`);
    const reader = await holdLock(server, 'select from daily limit 1');
    try {
      const result = await changed('daily');
      expect(result).toMatchObject({ outcome: 'refreshed concurrently', rows_written: '2' });
      expect(result.reason).toContain(`concurrently because pid ${reader.pid} reads it`);
    } finally {
      await reader.end();
    }
    await until(
      'the reader is gone',
      async () => (await server.query(`select from pg_locks where relation = 'daily'::regclass`)).length === 0,
    );
  });

  it('goes concurrently when the view was read lately and the last refresh was long', async () => {
    await settled('daily');
    await pretend('daily', 5);
    await session.query(`insert into sales values ('2026-01-05', 71)`);
    expect((await changed('daily')).reason).toContain('plain because nobody reads it');
    await pretend('daily', 5);
    await session.query(`insert into sales values ('2026-01-05', 72); select * from daily`);
    expect((await changed('daily')).reason).toContain('concurrently because it was read since the last time');
    await pretend('daily', 0.1);
    await session.query(`insert into sales values ('2026-01-05', 73); select * from daily`);
    expect((await changed('daily')).reason).toContain('plain because that is short');
  });

  it('has only the plain way without a usable unique index, and gives up when a reader is in it', async () => {
    await session.query('update shops set shop = shop');
    expect((await changed('keyless')).reason).toContain(
      'plain because it has no unique index on plain columns without a condition',
    );
    await session.query('update shops set shop = shop');
    const reader = await holdLock(server, 'select from keyless limit 1');
    try {
      const locked = await changed('keyless');
      expect(locked).toMatchObject({ outcome: 'skipped: locked', rows_written: null, duration_seconds: null });
      expect(locked.reason).toContain(`pid ${reader.pid}`);
      expect(await record('keyless')).toMatchObject({ last_error: locked.reason });
    } finally {
      await reader.end();
    }
    await until('the lock is free', async () => (await changed('keyless')).outcome === 'refreshed');
    expect(await record('keyless')).toMatchObject({ last_error: null });
  });

  it('falls back on the concurrent way when the lock for a plain one is not to be had', async () => {
    await settled('daily');
    await session.query(`insert into sales values ('2026-01-05', 74)`);
    // A prepared transaction has read the view; it is no reader that waits, but it keeps its locks.
    await session.query(`begin; select from daily limit 1; prepare transaction 'reading'`);
    try {
      const result = await changed('daily');
      expect(result).toMatchObject({ outcome: 'refreshed concurrently' });
      expect(result.reason).toContain('concurrently because a plain one would have waited');
      await session.query('update shops set shop = shop');
    } finally {
      await session.query(`commit prepared 'reading'`);
    }
  });

  it('does the work once for two callers', async () => {
    const first = await openSession(server.url());
    await first.query(`insert into sales values ('2026-01-05', 75)`);
    await reported('daily', first);
    await pretend('daily', 0.1);
    try {
      await first.query('begin');
      expect(await refresh('daily', first)).toMatchObject({ outcome: 'refreshed' });
      expect(await refresh('daily')).toMatchObject({
        outcome: 'skipped: already running',
        reason: `already running (pid ${first.pid})`,
      });
      // It holds what a size would wait for, and is not waited for.
      await session.query(`set lock_timeout = '100ms'`);
      expect(await staleness('daily')).toMatchObject({ size_bytes: null });
      expect(Number((await staleness('total')).size_bytes)).toBeGreaterThan(0);
      await session.query('reset lock_timeout');
      await first.query('commit');
      await settled('daily');
    } finally {
      await first.end();
    }
  });

  it('records what went wrong and keeps what was there', async () => {
    await session.query(`create table ratios (a int, b int); insert into ratios values (1, 1);
      create materialized view ratio as select a / b as q from ratios`);
    await refresh('ratio');
    const before = await record('ratio');
    await session.query('insert into ratios values (1, 0)');
    expect(await changed('ratio')).toMatchObject({ outcome: 'failed', reason: 'division by zero' });
    expect(await record('ratio')).toMatchObject({
      last_error: 'division by zero',
      failures: '1',
      last_refreshed_at: before.last_refreshed_at,
      state: before.state,
    });
    expect(await session.query('select * from ratio')).toEqual([{ q: 1 }]);
    await session.query('delete from ratios where b = 0');
    expect((await changed('ratio')).outcome).toBe('refreshed');
  });
});
