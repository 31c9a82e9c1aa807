/** Who may refresh and who may look; all views at once; what is refused. */
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { openSession, type Session, until } from '../support/database.ts';
import { applySql } from '../support/sql.ts';

interface Refreshed {
  readonly matview: string;
  readonly outcome: string;
  readonly reason: string;
}

/** From this one on there is the privilege MAINTAIN, and a role that has it everywhere. */
const MAINTAIN = 17;

describe.each(POSTGRES_MAJORS)('materialised views on PostgreSQL %i', (major) => {
  let server: PostgresServer;
  const sessions: Session[] = [];
  const login = async (user: string): Promise<Session> => {
    const session = await openSession(server.url('postgres', user));
    sessions.push(session);
    return session;
  };
  /** By its number: to write its name one needs USAGE on the schema. */
  const refresh = async (session: Session): Promise<Refreshed> =>
    (
      await session.query(`select r.* from pg_class c, pgvigil.refresh_matview(c.oid, force => true) r
        where c.relname = 'totals'`)
    )[0] as unknown as Refreshed;

  beforeAll(async () => {
    server = await startPostgres({ major });
    await applySql(server, 'postgres', '01_schema.sql', '02_roles.sql', '50_matviews.sql', '51_matview_refresh.sql');
    await server.query(`
      create role exporter login in role pgvigil_monitor;
      create role worker login in role pgvigil_maintain;
      create role keeper;
      create schema shop authorization keeper;
      set role keeper;
      create table shop.sales (amount int);
      create materialized view shop.totals as select sum(amount) from shop.sales;
      create materialized view shop.a_summary as select sum from shop.totals;
      reset role`);
    // PostgreSQL 14 sets the time of the last reset with the first statistics of a database.
    await until('statistics', async () => {
      const rows = await server.query(
        'select from pg_stat_database where datname = current_database() and stats_reset is not null',
      );
      return major > 14 || rows.length > 0;
    });
  });
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.end();
  });
  afterAll(() => server?.stop());

  it('nobody else may call anything', async () => {
    await server.query('create role stranger login; grant usage on schema pgvigil to stranger');
    const stranger = await login('stranger');
    for (const call of [
      `select pgvigil.refresh_matview('shop.totals')`,
      'call pgvigil.refresh_matviews()',
      'select pgvigil.matview_refresh_begins(1)',
      `select pgvigil.matview_refresh_ends(1, 'plain')`,
      `select pgvigil.note_matview_refresh(1, 'plain', now(), null)`,
      'select pgvigil.matview_staleness()',
      'select pgvigil.matview_state(1)',
      'select from pgvigil.matview_refresh',
    ]) {
      await expect(stranger.query(call)).rejects.toThrow(/permission denied/);
    }
    const exporter = await login('exporter');
    await expect(refresh(exporter)).rejects.toThrow('permission denied for function refresh_matview');
  });

  it('says which right is missing, and writes it down', async () => {
    const worker = await login('worker');
    const { outcome, reason } = await refresh(worker);
    expect(outcome).toBe('failed');
    expect(reason).toContain(
      'worker needs to be a member of keeper, which owns the view, or (from PostgreSQL 17 on) MAINTAIN on it and USAGE on schema shop',
    );
    expect(await worker.query('select last_error, failures from pgvigil.matview_refresh')).toEqual([
      { last_error: reason, failures: '1' },
    ]);
  });

  it('refreshes as the owner, where the caller may become that, and is itself again afterwards', async () => {
    await server.query(
      major >= 16 ? 'grant keeper to pgvigil_owners with inherit false' : 'grant keeper to pgvigil_owners',
    );
    const worker = await login('worker');
    try {
      expect(await refresh(worker)).toMatchObject({ outcome: 'refreshed' });
      expect(await worker.query('select current_user')).toEqual([{ current_user: 'worker' }]);
      await worker.query('begin');
      await refresh(worker);
      expect(await worker.query(`select current_user, current_setting('lock_timeout')`)).toEqual([
        { current_user: 'worker', current_setting: '0' },
      ]);
      await worker.query('commit');
      // One role above the worker's own is what it comes back to.
      await worker.query('set role pgvigil_maintain');
      expect(await refresh(worker)).toMatchObject({ outcome: 'refreshed' });
      expect(await worker.query('select current_user')).toEqual([{ current_user: 'pgvigil_maintain' }]);
    } finally {
      await server.query('revoke keeper from pgvigil_owners');
    }
  });

  (major >= MAINTAIN ? it : it.skip)('refreshes with MAINTAIN and nothing more', async () => {
    await server.query('grant usage on schema shop to pgvigil_maintain');
    const worker = await login('worker');
    expect(await refresh(worker)).toMatchObject({ outcome: 'refreshed' });
    await expect(worker.query('select from shop.totals')).rejects.toThrow('permission denied');
    await server.query('revoke usage on schema shop from pgvigil_maintain');
  });

  it('is watched in a read-only transaction, also views that were never refreshed', async () => {
    const exporter = await login('exporter');
    await exporter.query(`set default_transaction_read_only = on; set lock_timeout = '100ms'`);
    const rows = await exporter.query('select * from pgvigil.matview_staleness()');
    expect(rows.map((row) => Object.keys(row).join())).toEqual(
      Array(2).fill(
        'schemaname,matviewname,ispopulated,last_refresh,duration_seconds,changes_since_refresh,stale,size_bytes',
      ),
    );
    expect(rows[0]).toMatchObject({
      schemaname: 'shop',
      matviewname: 'a_summary',
      ispopulated: true,
      last_refresh: null,
      duration_seconds: null,
      changes_since_refresh: null,
      stale: null,
    });
    expect(rows[1].last_refresh).toBeInstanceOf(Date);
  });

  it('refreshes all of them, each committed by itself, those that others read first', async () => {
    const admin = await login('postgres');
    await admin.query(`create materialized view broken as select 1 / amount as q from shop.sales with no data;
      insert into shop.sales values (0), (7)`);
    const call = async (): Promise<Refreshed[]> =>
      (await admin.query('call pgvigil.refresh_matviews()'))[0].results as Refreshed[];
    const results = await call();
    expect(results.map(({ matview }) => matview)).toEqual(['shop.totals', 'broken', 'shop.a_summary']);
    expect(results.map(({ outcome }) => outcome)).toEqual(['refreshed', 'failed', 'refreshed']);
    expect(await admin.query('select sum from shop.a_summary')).toEqual([{ sum: '7' }]);
    await until('nothing is left to do', async () =>
      (await call()).every(({ matview, outcome }) => matview === 'broken' || outcome === 'skipped: unchanged'),
    );
    // A view over a view that is out of date is out of date.
    await admin.query('truncate shop.sales');
    const stale = await admin.query(
      `select matviewname, stale from pgvigil.matview_staleness() where schemaname = 'shop'`,
    );
    expect(stale).toEqual([
      { matviewname: 'a_summary', stale: true },
      { matviewname: 'totals', stale: true },
    ]);
    await expect(admin.query('begin; call pgvigil.refresh_matviews()')).rejects.toThrow(
      'invalid transaction termination',
    );
    await admin.query('rollback; drop materialized view broken');
    await call();
    expect(await admin.query('select count(*)::int from pgvigil.matview_refresh')).toEqual([{ count: 2 }]);
  });

  it('refuses what is no materialised view, and snapshots that are older than the counters', async () => {
    const admin = await login('postgres');
    await expect(admin.query(`select pgvigil.refresh_matview('shop.sales')`)).rejects.toThrow(
      'shop.sales is not a materialised view',
    );
    for (const call of [
      `pgvigil.refresh_matview('shop.totals')`,
      `pgvigil.matview_refresh_begins('shop.totals'::regclass)`,
    ]) {
      await admin.query('begin isolation level repeatable read');
      await expect(admin.query(`select ${call}`)).rejects.toThrow('read committed');
      await admin.query('rollback');
    }
  });
});
