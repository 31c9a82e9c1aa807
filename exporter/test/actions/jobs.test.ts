/** The life of a job: expiry of plans and deliveries, windows, what the exporter's role may do with the audit. */
import pg from 'pg';
import { createQueues } from '../../src/jobs/queue.ts';
import { holdLock, openSession, until } from '../support/database.ts';
import {
  ADMIN,
  oidOf,
  type PostgresServer,
  prepareState,
  refusalOf,
  type Rig,
  startRig,
  startTarget,
} from './fixture.ts';

const TABLES = `
  create extension pg_stat_statements;
  set role shop_owner;
  create table shop.track (id int primary key, title text) with (autovacuum_enabled = off);
  insert into shop.track select n, 'title ' || n from generate_series(1, 20000) n;
  create index track_title on shop.track (title)`;

let server: PostgresServer;
const rigs: Rig[] = [];
const start = async (options: Parameters<typeof startRig>[1] = {}): Promise<Rig> => {
  const rig = await startRig(server, { state: server, ...options });
  rigs.push(rig);
  return rig;
};

beforeAll(async () => {
  server = await startTarget();
  await server.query(TABLES);
  await prepareState(server);
});
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
  await server.query('alter role operator reset all');
});
afterAll(() => server?.stop());

const vacuumed = async (): Promise<number> => {
  const [{ calls }] = await server.query<{ calls: number }>(
    "select coalesce(sum(calls), 0)::int as calls from pg_stat_statements where query ilike '%vacuum shop.track%'",
  );
  return calls;
};

/** So long for each page of the table, twenty times as long for each that is changed. */
const slowDown = (delay = '100ms'): Promise<unknown> =>
  server.query(
    `update shop.track set title = title || '.';
     alter role operator set vacuum_cost_delay = '${delay}'; alter role operator set vacuum_cost_limit = 1`,
  );

it('runs an action once that takes longer than the queue waits for it, whoever is delivered to, and how often', async () => {
  const owner = new pg.Client(server.url('state'));
  await owner.connect();
  await owner.query('set role pgvigil_state_owner');
  await createQueues(owner, 1);
  const [first, second] = [await start(), await start()];
  const blocker = await holdLock(server, 'insert into shop.track values (-1)');
  await server.query('select pg_stat_statements_reset()');
  const job = await first.start('reindex', { index: await oidOf(server, 'shop.track_title') });
  await until('it runs', async () => (await second.jobs.get(job.id)).state === 'running');
  // The delivery again, as if pg-boss had given it up and tried once more.
  const redelivered = await owner.query(
    `insert into pgvigil_queue.job (name, data, retry_limit) values ('pgvigil-action', $1, 0) returning id`,
    [{ job: job.id }],
  );
  await until('the second delivery is done', async () => {
    const { rows } = await owner.query<{ state: string }>('select state::text from pgvigil_queue.job where id = $1', [
      (redelivered.rows[0] as { id: string }).id,
    ]);
    return rows[0].state === 'completed';
  });
  await blocker.end();
  expect(await first.ended(job.id)).toMatchObject({ state: 'done' });
  const [{ calls }] = await server.query<{ calls: number }>(
    "select sum(calls)::int as calls from pg_stat_statements where query ilike '%reindex index concurrently%'",
  );
  expect(calls).toBe(1);
  const { items } = await second.jobs.audit({ page: 1, pageSize: 50 });
  expect(items.filter(({ jobId }) => jobId === job.id)).toHaveLength(1);
  await createQueues(owner);
  await owner.end();
});

it('lets a plan be confirmed once, by its id, and not after it has expired', async () => {
  const rig = await start();
  const params = { table: await oidOf(server, 'shop.track') };
  const plan = await rig.plan('analyze', params);
  const [one, other] = await Promise.allSettled([1, 2].map(() => rig.jobs.run('analyze', plan.id, ADMIN)));
  expect([one.status, other.status].sort()).toEqual(['fulfilled', 'rejected']);
  expect(await refusalOf(rig.jobs.run('analyze', plan.id, ADMIN))).toMatchObject({ code: 'plan_expired' });
  const wrong = await rig.plan('vacuum', params);
  expect((await refusalOf(rig.jobs.run('reindex', wrong.id, ADMIN))).message).toContain('a plan for vacuum');
  const hasty = await start({ timings: { planSeconds: 0 } });
  expect(await refusalOf(hasty.jobs.run('analyze', (await hasty.plan('analyze', params)).id, ADMIN))).toMatchObject({
    code: 'plan_expired',
  });
});

it('refuses at the start what has changed since the plan', async () => {
  const rig = await start();
  const plan = await rig.plan('reindex', { index: await oidOf(server, 'shop.track_title') });
  await server.query('alter index shop.track_title rename to track_renamed');
  const job = await rig.jobs.run('reindex', plan.id, ADMIN);
  const ended = await rig.ended(job.id);
  await server.query('alter index shop.track_renamed rename to track_title');
  expect(ended.state).toBe('failed');
  expect(ended.message).toContain('has changed since the plan was made');
  expect((await rig.jobs.audit({ page: 1, pageSize: 1 })).items[0].outcome).toBe('refused');
});

it('stops a vacuum when the window ends, and starts none outside it', async () => {
  await slowDown();
  const params = { table: await oidOf(server, 'shop.track') };
  // The next full minute that leaves time to begin.
  const closes = new Date(Math.ceil((Date.now() + 8000) / 60_000) * 60_000);
  const until_ = closes.getUTCHours() * 60 + closes.getUTCMinutes();
  const window = {
    name: 'short',
    days: [0, 1, 2, 3, 4, 5, 6],
    from: (until_ + 1440 - 5) % 1440,
    until: until_,
    timezone: 'UTC',
    targets: [],
  };
  const rig = await start({ windows: [window] });
  const plan = await rig.plan('vacuum', params);
  expect(plan.window).toMatchObject({ open: true, closesAt: closes.toISOString() });
  await until('the window is about to end', () => Date.now() > closes.getTime() - 7000, 70);
  const job = await rig.jobs.run('vacuum', plan.id, ADMIN);
  await until('it scans', async () => ((await rig.jobs.get(job.id)).progress?.ratio ?? 0) > 0);
  const ended = await rig.ended(job.id);
  expect(ended).toMatchObject({
    state: 'cancelled',
    message: 'vacuum shop.track: stopped, the maintenance window has ended',
  });
  expect(new Date(ended.finishedAt!).getTime()).toBeGreaterThanOrEqual(closes.getTime());
  expect(
    await server.query(
      "select from pg_stat_activity where query ilike '%vacuum shop.track%' and state = 'active' and pid <> pg_backend_pid()",
    ),
  ).toEqual([]);
  const later = await rig.plan('vacuum', params);
  expect(later).toMatchObject({ runnable: false, window: { open: false, closesAt: null } });
  expect(await refusalOf(rig.jobs.run('vacuum', later.id, ADMIN))).toMatchObject({ code: 'conflict' });
});

it('cancels a job that waits, and one that runs; an Editor not an action of the Admin', async () => {
  await slowDown();
  const rig = await start();
  const job = await rig.start('vacuum_freeze', { table: await oidOf(server, 'shop.track') });
  await until('it runs', async () => (await rig.jobs.get(job.id)).state === 'running');
  const waiting = await rig
    .start('vacuum', { table: await oidOf(server, 'shop.track') })
    .catch((error: Error) => error);
  // Somebody maintains the table already, and the plan says who.
  expect((waiting as Error).message).toContain(`pgvigil job ${job.id}`);
  expect(await refusalOf(rig.jobs.cancel(job.id, { login: 'eve', role: 'Editor' }))).toMatchObject({
    code: 'forbidden',
  });
  await rig.jobs.cancel(job.id, ADMIN);
  expect(await rig.ended(job.id)).toMatchObject({ state: 'cancelled', hint: '' });
  expect(await refusalOf(rig.jobs.cancel(job.id, ADMIN))).toMatchObject({ code: 'conflict' });
});

it('goes on when the exporter ends in good order; the next one closes the job', async () => {
  await slowDown('2ms');
  await server.query('select pg_stat_statements_reset()');
  const first = await start();
  const job = await first.start('vacuum', { table: await oidOf(server, 'shop.track') });
  await until('it scans', async () => ((await first.jobs.get(job.id)).progress?.ratio ?? 0) > 0);
  await first.close();
  rigs.splice(0);
  const second = await start();
  const ended = await second.ended(job.id);
  expect(ended.state).toBe('interrupted');
  expect(ended.message).toContain('the result is complete');
  expect(await vacuumed()).toBe(1);
});

it('lets the role of the exporter add to the audit and read it, and nothing else', async () => {
  const rig = await start();
  await rig.complete('analyze', { table: await oidOf(server, 'shop.track') });
  const exporter = await openSession(server.url('state', 'pgvigil_exporter'));
  try {
    const count = async (): Promise<number> =>
      ((await exporter.query('select count(*)::int as n from pgvigil_state.audit')) as { n: number }[])[0].n;
    const before = await count();
    expect(before).toBeGreaterThan(0);
    for (const sql of [
      "update pgvigil_state.audit set login = 'nobody'",
      'delete from pgvigil_state.audit',
      'truncate pgvigil_state.audit',
      'drop table pgvigil_state.audit',
      'alter table pgvigil_state.audit add column x int',
      'alter table pgvigil_state.audit disable trigger all',
      'create index on pgvigil_state.audit (login)',
      'drop schema pgvigil_state cascade',
      'set role pgvigil_state_owner',
      `insert into pgvigil_state.audit (event_id, entry, at, event, login, role, action, title, target, database_name, statements)
         select event_id, entry, at, event, login, role, action, title, target, database_name, statements from pgvigil_state.audit
         on conflict (event_id) do update set login = 'nobody'`,
    ]) {
      await expect(exporter.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
    expect(await count()).toBe(before);
    const [{ owns }] = (await exporter.query(
      "select count(*)::int as owns from pg_class where relowner = 'pgvigil_exporter'::regrole or relowner = 'pgvigil_state'::regrole",
    )) as { owns: number }[];
    expect(owns).toBe(0);
  } finally {
    await exporter.end();
  }
});
