/**
 * What ends an action early: somebody's long transaction, behind which it gives up in time and keeps nobody else waiting
 * for long; somebody who cancels it; the end of the window.
 */
import { POSTGRES_MAJORS } from '../../../demo/servers/index.ts';
import type { MaintenanceWindow } from '../../src/config/types.ts';
import type { Job } from '../../src/contract/index.ts';
import { holdLock, openSession, type Session, until } from '../support/database.ts';
import {
  ADMIN,
  endJobs,
  oidOf,
  PATIENT,
  type PostgresServer,
  prepareState,
  refusalOf,
  type Rig,
  startRig,
  startTarget,
  waitsForLock,
} from './fixture.ts';

const TABLES = `
  set role shop_owner;
  create table shop.track (id int primary key, title text);
  insert into shop.track select n, 'title ' || n from generate_series(1, 5000) n;
  create index track_title on shop.track (title);
  create table shop.wide (id int primary key, title text) with (autovacuum_enabled = off, fillfactor = 10);
  insert into shop.wide select n, 'title ' || n from generate_series(1, 20000) n;
  create materialized view shop.plain as select count(*) from shop.track;
  reset role;
  create role clerk login; grant usage on schema shop to clerk; grant select, insert on all tables in schema shop to clerk`;

/** Seconds. */
const BUDGET = 3;
const TRY_SECONDS = 0.3;
/** Whoever waits so long behind us, in ms, waits for all of the budget, and not for a try. */
const WAIT_MS = 2500;

/** A window of every day that is open since an hour ago. */
function windowUntil(closes: number): MaintenanceWindow {
  const until = (closes % 86_400_000) / 60_000;
  const days = [0, 1, 2, 3, 4, 5, 6];
  return { name: 'short', days, from: (until + 1440 - 60) % 1440, until, timezone: 'UTC', targets: [] };
}

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  const rigs: Rig[] = [];
  const sessions: Session[] = [];
  const start = async (options: Parameters<typeof startRig>[1] = {}): Promise<Rig> => {
    const timings = { lockTrySeconds: TRY_SECONDS };
    const rig = await startRig(server, { state: server, lockBudgetSeconds: BUDGET, timings, ...options });
    rigs.push(rig);
    return rig;
  };
  const hold = async (sql: string): Promise<Session> => {
    const session = await holdLock(server, sql);
    sessions.push(session);
    return session;
  };
  const release = async (): Promise<void> => {
    for (const session of sessions.splice(0)) await session.end();
  };

  /** Somebody's everyday statement, again and again until `job` has ended. @returns how often it went well. */
  async function meanwhile(rig: Rig, sql: string, job: Job): Promise<{ ended: Job; went: number }> {
    const clerk = await openSession(server.url('postgres', 'clerk'));
    await clerk.query(`set lock_timeout = ${WAIT_MS}`);
    let went = 0;
    let ended: Job;
    try {
      do {
        await clerk.query(sql);
        went++;
        ended = await rig.jobs.get(job.id);
      } while (ended.finishedAt === null);
    } finally {
      await clerk.end();
    }
    return { ended, went };
  }

  beforeAll(async () => {
    server = await startTarget({ major, settings: { track_commit_timestamp: 'off' } });
    await server.query(TABLES);
    await prepareState(server);
  });
  afterEach(async () => {
    await release();
    for (const rig of rigs.splice(0)) await rig.close();
    await endJobs(server);
    await server.query('alter role operator reset all');
  });
  afterAll(() => server?.stop());

  it('gives up a plain refresh behind a reader; other readers go on', async () => {
    const reader = await hold('select * from shop.plain');
    const rig = await start();
    const job = await rig.start('refresh_matview', { view: await oidOf(server, 'shop.plain') });
    const { ended, went } = await meanwhile(rig, 'select * from shop.plain', job);
    expect(ended.state).toBe('failed');
    expect(ended.message).toContain(`longer for locks than the ${BUDGET} s that it may`);
    expect(ended.message).toContain(`pid ${reader.pid} (test, user postgres, idle in transaction`);
    expect(went).toBeGreaterThan(2);
  });

  it('gives up a rebuild behind a writer; writers go on; what is left is named, and dropped once that is possible', async () => {
    const writer = await hold("insert into shop.track values (-1, 'x')");
    const rig = await start();
    const job = await rig.start('reindex', { index: await oidOf(server, 'shop.track_title') });
    const { ended } = await meanwhile(
      rig,
      "insert into shop.track select coalesce(max(id), 0) + 1, 'y' from shop.track",
      job,
    );
    expect(ended.state).toBe('failed');
    expect(ended.message).toContain(`blocked by pid ${writer.pid}`);
    expect(ended.hint).toMatch(/shop\.track_title_ccnew.*Drop leftover index/);
    expect(ended.verified.map(({ state }) => state)).toContain('missing');
    // The old index serves on.
    expect(
      await server.query("select indisvalid from pg_index where indexrelid = 'shop.track_title'::regclass"),
    ).toEqual([{ indisvalid: true }]);
    await release();
    const dropped = await rig.complete('drop_leftover', { index: await oidOf(server, 'shop.track_title_ccnew') });
    expect(dropped.state).toBe('done');
    expect((await rig.complete('reindex', { index: await oidOf(server, 'shop.track_title') })).state).toBe('done');
  });

  it('stops when it is cancelled, and says by whom; until then it names whom it waits for', async () => {
    const writer = await hold("insert into shop.track values (-2, 'x')");
    const rig = await start({ lockBudgetSeconds: PATIENT });
    const job = await rig.start('create_index', {
      table: await oidOf(server, 'shop.track'),
      columns: [{ name: 'title', order: 'asc' }],
    });
    await until('it waits', () => waitsForLock(rig, job.id));
    const [blocker] = (await rig.jobs.get(job.id)).progress!.blockedBy;
    expect(blocker).toContain(`pid ${writer.pid} (test, user postgres`);
    await rig.jobs.cancel(job.id, { login: 'grace', role: 'Admin' });
    const ended = await rig.ended(job.id);
    expect(ended).toMatchObject({ state: 'cancelled', cancelRequested: true });
    expect(ended.message).toContain('cancelled by grace');
    expect(ended.hint).toMatch(/shop\.track_title_idx.*Drop leftover index/);
    await release();
    expect((await rig.complete('drop_leftover', { index: await oidOf(server, 'shop.track_title_idx') })).state).toBe(
      'done',
    );
  });

  it('refuses while somebody else maintains the table', async () => {
    // An index build that waits for this transaction, of somebody who is no pgvigil.
    await hold("insert into shop.track values (-3, 'x')");
    const other = await openSession(server.url());
    sessions.push(other);
    other.query('create index concurrently other on shop.track (id, title)').catch(() => undefined);
    await until('the other build waits', async () => {
      const rows = await server.query('select from pg_stat_progress_create_index');
      return rows.length > 0;
    });
    const rig = await start();
    const plan = await rig.plan('vacuum', { table: await oidOf(server, 'shop.track') });
    expect(plan.runnable).toBe(false);
    expect(plan.preconditions.find(({ state }) => state === 'missing')!.message).toBe(
      `an index build of shop.track runs: pid ${other.pid} (test)`,
    );
    await release();
    await until(
      'it is gone',
      async () => (await server.query('select from pg_stat_progress_create_index')).length === 0,
    );
    await server.query('drop index if exists shop.other');
  });

  it('stops a vacuum when the window ends, and starts none outside it', async () => {
    await server.query(
      "alter role operator set vacuum_cost_delay = '100ms'; alter role operator set vacuum_cost_limit = 1",
    );
    const params = { table: await oidOf(server, 'shop.wide') };
    const windows = [windowUntil(Date.now() + 3_000_000)];
    const rig = await start({ windows });
    const plan = await rig.plan('vacuum', params);
    expect(plan.window).toMatchObject({ open: true, closesAt: expect.any(String) as string });
    const job = await rig.jobs.run('vacuum', plan.id, ADMIN);
    await until('it scans', async () => ((await rig.jobs.get(job.id)).progress?.ratio ?? 0) > 0);
    // Now that it is seen at work, the window ends soon; before, a busy machine could need longer than the window is open.
    const closes = Math.ceil(Date.now() / 1000) * 1000 + 1000;
    windows[0] = windowUntil(closes);
    const ended = await rig.ended(job.id);
    expect(ended).toMatchObject({
      state: 'cancelled',
      message: expect.stringMatching(/vacuum shop\.wide: stopped, the maintenance window has ended$/) as string,
    });
    expect(new Date(ended.finishedAt!).getTime()).toBeGreaterThanOrEqual(closes);
    expect(await server.query("select from pg_stat_progress_vacuum where relid = 'shop.wide'::regclass")).toEqual([]);
    const later = await rig.plan('vacuum', params);
    expect(later).toMatchObject({ runnable: false, window: { open: false, closesAt: null } });
    expect(await refusalOf(rig.jobs.run('vacuum', later.id, ADMIN))).toMatchObject({ code: 'conflict' });
  });
});

it('runs one heavy job per database at a time; the other waits and says for what', async () => {
  const server = await startTarget();
  let rig: Rig | undefined;
  const sessions: Session[] = [];
  try {
    await server.query(TABLES);
    await prepareState(server);
    rig = await startRig(server, { state: server, lockBudgetSeconds: PATIENT });
    sessions.push(await holdLock(server, "insert into shop.track values (-1, 'x')"));
    const first = await rig.start('reindex', { index: await oidOf(server, 'shop.track_title') });
    await until('the first runs', async () => (await rig!.jobs.get(first.id)).state === 'running');
    const second = await rig.start('refresh_matview', { view: await oidOf(server, 'shop.plain') });
    await until('the second waits', async () => (await rig!.jobs.get(second.id)).message !== '');
    expect(await rig.jobs.get(second.id)).toMatchObject({
      state: 'confirmed',
      message: 'waits for its turn: Rebuild index shop.track_title runs in this database',
    });
    const released = new Date();
    await sessions.pop()!.end();
    const [one, two] = [await rig.ended(first.id), await rig.ended(second.id)];
    expect([one.state, two.state, two.message]).toEqual(['done', 'done', '']);
    expect(new Date(two.startedAt!).getTime()).toBeGreaterThanOrEqual(released.getTime());
  } finally {
    for (const session of sessions) await session.end();
    await rig?.close();
    await server.stop();
  }
});
