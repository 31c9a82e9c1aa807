/** The life of a job: plans that expire, cancel, and what happens to it when exporters and servers go away. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../../demo/servers/index.ts';
import type { Requester } from '../../src/jobs/types.ts';
import { holdLock, type Session, until } from '../support/database.ts';
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

const EDITOR: Requester = { login: 'eve', role: 'Editor' };

let server: PostgresServer;
/** A server of its own: each of the two goes away without the other. */
let state: PostgresServer;
const directory = mkdtempSync(join(tmpdir(), 'pgvigil-state-'));
const startState = (port?: number): Promise<PostgresServer> =>
  startPostgres({ port, dataDir: join(directory, 'data') });

const rigs: Rig[] = [];
const sessions: Session[] = [];
const start = async (options: Parameters<typeof startRig>[1] = {}): Promise<Rig> => {
  const rig = await startRig(server, { state, lockBudgetSeconds: PATIENT, ...options });
  rigs.push(rig);
  return rig;
};

beforeAll(async () => {
  // The servers run as another user.
  chmodSync(directory, 0o755);
  server = await startTarget();
  await server.query('create extension pg_stat_statements');
  state = await startState();
  await prepareState(state);
});
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.end();
  for (const rig of rigs.splice(0)) await rig.close();
  await endJobs(server);
  await server.query('alter role operator reset all; select pg_stat_statements_reset()');
});
afterAll(async () => {
  await Promise.all([server?.stop(), state?.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

interface Made {
  readonly name: string;
  readonly table: number;
  readonly index: number;
}
let made = 0;
/** A table of the test's own, of a thousand pages. */
async function make(): Promise<Made> {
  const name = `shop.track_${++made}`;
  await server.query(
    `set role shop_owner;
     create table ${name} (id int primary key, title text) with (autovacuum_enabled = off, fillfactor = 10);
     insert into ${name} select n, 'title ' || n from generate_series(1, 20000) n;
     create index track_${made}_title on ${name} (title)`,
  );
  return { name, table: await oidOf(server, name), index: await oidOf(server, `${name}_title`) };
}

/** Longer than any test for a vacuum: 100 ms and more for each page. */
const slowDown = (): Promise<unknown> =>
  server.query("alter role operator set vacuum_cost_delay = '100ms'; alter role operator set vacuum_cost_limit = 1");

/** A rebuild that waits for a writer, and is seen waiting. @returns its id. */
async function waitingRebuild(rig: Rig, { name, index }: Made): Promise<{ id: string; writer: Session }> {
  const writer = await holdLock(server, `insert into ${name} values (-1)`);
  sessions.push(writer);
  const { id } = await rig.start('reindex', { index });
  await until('it waits for the writer', () => waitsForLock(rig, id));
  return { id, writer };
}

/** Runs of the statement that came to an end, counted by the server. */
const runs = async (statement: string): Promise<number> => {
  const [{ calls }] = await server.query<{ calls: number }>(
    `select coalesce(sum(calls), 0)::int as calls from pg_stat_statements where query ilike '%${statement}%'`,
  );
  return calls;
};

const audited = async (rig: Rig, id: string): Promise<string[]> =>
  (await rig.jobs.audit({ page: 1, pageSize: 50 })).items
    .filter(({ jobId }) => jobId === id)
    .map(({ outcome }) => outcome);

const holderOf = async (id: string): Promise<string> => {
  const [row] = await state.query<{ holder: string }>(
    `select holder from pgvigil_state.job where id = '${id}'`,
    'state',
  );
  return row.holder;
};

it('lets a plan be confirmed once, by its id, and not after it has expired', async () => {
  const rig = await start();
  const params = { table: (await make()).table };
  const plan = await rig.plan('analyze', params);
  const [one, other] = await Promise.allSettled([1, 2].map(() => rig.jobs.run('analyze', plan.id, ADMIN)));
  expect([one.status, other.status].sort()).toEqual(['fulfilled', 'rejected']);
  expect(await refusalOf(rig.jobs.run('analyze', plan.id, ADMIN))).toMatchObject({ code: 'plan_expired' });
  const wrong = await rig.plan('vacuum', params);
  expect((await refusalOf(rig.jobs.run('reindex', wrong.id, ADMIN))).message).toContain('a plan for vacuum');
  // Of another table: the first one may be analyzed just now.
  const hasty = await start({ timings: { planSeconds: 0 } });
  const expired = await hasty.plan('analyze', { table: (await make()).table });
  expect(await refusalOf(hasty.jobs.run('analyze', expired.id, ADMIN))).toMatchObject({ code: 'plan_expired' });
});

it('refuses at the start what has changed since the plan', async () => {
  const rig = await start();
  const { name, index } = await make();
  const plan = await rig.plan('reindex', { index });
  await server.query(`alter index ${name}_title rename to renamed`);
  const job = await rig.jobs.run('reindex', plan.id, ADMIN);
  const ended = await rig.ended(job.id);
  expect(ended.state).toBe('failed');
  expect(ended.message).toContain('has changed since the plan was made');
  expect(await audited(rig, job.id)).toEqual(['refused']);
});

it('cancels a job that runs, and one that waits for its turn; an Editor not an action of the Admin', async () => {
  await slowDown();
  const rig = await start();
  const [{ table }, other] = [await make(), await make()];
  const { id } = await rig.start('vacuum_freeze', { table });
  await until('it scans', async () => ((await rig.jobs.get(id)).progress?.ratio ?? 0) > 0);
  const again = await rig.plan('vacuum', { table });
  expect(again.runnable).toBe(false);
  // Somebody maintains the table already, and the plan says who.
  expect(again.preconditions.find(({ state }) => state === 'missing')!.message).toContain(`pgvigil job ${id}`);

  const waiting = await rig.start('vacuum', { table: other.table });
  await until('the other waits', async () => (await rig.jobs.get(waiting.id)).message !== '');
  expect(await rig.jobs.cancel(waiting.id, EDITOR)).toMatchObject({
    state: 'cancelled',
    startedAt: null,
    message: 'cancelled by eve before it began',
  });
  expect(await audited(rig, waiting.id)).toEqual(['cancelled']);

  expect(await refusalOf(rig.jobs.cancel(id, EDITOR))).toMatchObject({ code: 'forbidden' });
  await rig.jobs.cancel(id, ADMIN);
  expect(await rig.ended(id)).toMatchObject({ state: 'cancelled', hint: '' });
  expect(await refusalOf(rig.jobs.cancel(id, ADMIN))).toMatchObject({ code: 'conflict' });
  // Its turn would have come now: whatever is confirmed after it is run.
  await server.query('alter role operator reset all');
  expect((await rig.complete('vacuum', { table })).state).toBe('done');
  expect((await rig.jobs.get(waiting.id)).state).toBe('cancelled');
  expect(await runs(`vacuum ${other.name}`)).toBe(0);
});

it('goes on when the exporter ends in good order; the next one closes the job', async () => {
  const first = await start();
  const { id, writer } = await waitingRebuild(first, await make());
  const before = await holderOf(id);
  await first.close();
  rigs.splice(0);
  const second = await start();
  await until('the next one has it', async () => (await holderOf(id)) !== before);
  await until('and watches it', () => waitsForLock(second, id));
  await writer.end();
  const ended = await second.ended(id);
  expect(ended.state).toBe('interrupted');
  expect(ended.message).toContain('Its statement went on on the server to its end; the result is complete');
  expect(await runs('reindex index concurrently')).toBe(1);
  expect(await audited(second, id)).toEqual(['interrupted']);
});

it('is delivered also to an exporter whose journal of cancel and terminate cannot be read', async () => {
  await start({ journalFile: directory });
  await until('it asks the queue', async () => {
    const asking = await state.query("select from pg_stat_activity where application_name = 'pgvigil queue'");
    return asking.length > 0;
  });
});

it('is left to an exporter that has its target', async () => {
  const rig = await start();
  const { table } = await make();
  const { id } = await rig.plan('analyze', { table });
  await rig.close();
  rigs.splice(0);
  // Confirmed, and nobody has begun it.
  await state.query(
    `update pgvigil_state.job set state = 'confirmed', confirmed_at = now() - interval '1 minute' where id = '${id}'`,
    'state',
  );
  const elsewhere = await start({ target: 'elsewhere' });
  const [delivery] = await state.query<{ id: string }>(
    `insert into pgvigil_queue.job (name, data, retry_limit) values ('pgvigil-action', '{"job": "${id}"}', 0) returning id`,
    'state',
  );
  await until('it is delivered', async () => {
    const rows = await state.query(
      `select from pgvigil_queue.job where id = '${delivery.id}' and state = 'completed'`,
      'state',
    );
    return rows.length === 1;
  });
  // Looking for what waits, it would have taken the other before this one, which is younger.
  expect((await elsewhere.complete('analyze', { table })).state).toBe('done');
  expect((await elsewhere.jobs.get(id)).state).toBe('confirmed');
  // Nor does it close what an exporter left behind that will come back.
  await state.query(
    `update pgvigil_state.job set state = 'running', started_at = now(), holder = gen_random_uuid(), lease_until = now() - interval '1 minute' where id = '${id}'`,
    'state',
  );
  expect((await elsewhere.complete('analyze', { table })).state).toBe('done');
  expect((await elsewhere.jobs.get(id)).state).toBe('running');
  expect((await (await start()).ended(id)).state).toBe('interrupted');
});

it('stays with its exporter when the state database was away for longer than the lease, and ends once', async () => {
  // Seldom renewed, so that the lease is over again and again also while the state database is there.
  const rig = await start({ timings: { pollSeconds: 1.5, leaseSeconds: 1 } });
  const { id, writer } = await waitingRebuild(rig, await make());
  const before = await holderOf(id);
  await until('the lease was over, and its own exporter has it again', async () => !(await waitsForLock(rig, id)));
  await until('it is watched on', () => waitsForLock(rig, id));
  expect(await server.query("select from pg_stat_activity where application_name = 'pgvigil watch'")).toHaveLength(1);
  const { port } = state;
  await state.stop();
  const stopped = Date.now();
  await writer.end();
  await until('it has ended on the server', async () => (await runs('reindex index concurrently')) === 1);
  await until('the lease is over', () => Date.now() - stopped > 2000);
  state = await startState(port);
  await until('its end is noted', async () =>
    rig.jobs.get(id).then(
      ({ finishedAt }) => finishedAt !== null,
      () => false,
    ),
  );
  expect(await rig.jobs.get(id)).toMatchObject({ state: 'done', message: '', hint: '' });
  expect(await holderOf(id)).toBe(before);
  expect(await audited(rig, id)).toEqual(['done']);
  expect(await runs('reindex index concurrently')).toBe(1);
});

it('fails when its server restarts, and names what it left as soon as the server is back', async () => {
  const rig = await start();
  const one = await make();
  const { id } = await waitingRebuild(rig, one);
  await server.restart();
  const ended = await rig.ended(id);
  expect(ended.state).toBe('failed');
  expect(ended.message).toContain('terminating connection due to administrator command');
  expect(ended.hint).toMatch(/_title_ccnew.*Drop leftover index/);
  expect(await audited(rig, id)).toEqual(['failed']);
  const left = await oidOf(server, `${one.name}_title_ccnew`);
  expect((await rig.complete('drop_leftover', { index: left })).state).toBe('done');
  expect((await rig.complete('reindex', { index: one.index })).state).toBe('done');
});
