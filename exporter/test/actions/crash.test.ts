/** Nothing runs twice: the exporter is killed in the middle of a job, or the queue delivers it again. */
import pg from 'pg';
import { POSTGRES_MAJORS } from '../../../demo/servers/index.ts';
import type { Job } from '../../src/contract/index.ts';
import { createQueues } from '../../src/jobs/queue.ts';
import { type ApiExporter, call, startApi } from '../support/api.ts';
import { holdLock, type Session, until } from '../support/database.ts';
import {
  endJobs,
  oidOf,
  PATIENT,
  type PostgresServer,
  prepareState,
  type Rig,
  startRig,
  startTarget,
  waitsForLock,
} from './fixture.ts';

const TABLES = `
  create extension pg_stat_statements;
  set role shop_owner;
  create table shop.track (id int primary key, title text);
  insert into shop.track select n, 'title ' || n from generate_series(1, 5000) n;
  create index track_title on shop.track (title)`;

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let exporter: ApiExporter | undefined;
  const rigs: Rig[] = [];
  const sessions: Session[] = [];

  beforeAll(async () => {
    server = await startTarget({ major });
    await server.query(TABLES);
    await prepareState(server);
  });
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.end();
    for (const rig of rigs.splice(0)) await rig.close();
    await exporter?.stop();
    exporter = undefined;
    await endJobs(server);
  });
  afterAll(() => server?.stop());

  const start = async (options: Parameters<typeof startRig>[1] = {}): Promise<Rig> => {
    const rig = await startRig(server, { state: server, lockBudgetSeconds: PATIENT, ...options });
    rigs.push(rig);
    return rig;
  };

  /** Whom a rebuild waits for. */
  const holdWriter = async (): Promise<void> => {
    sessions.push(await holdLock(server, 'insert into shop.track select coalesce(max(id), 0) + 1 from shop.track'));
  };

  /** A rebuild that waits for `sessions[0]`, in an exporter of its own process, which is then killed. */
  async function killInTheMiddle(): Promise<Job> {
    exporter = await startApi({
      args: [
        `--maintenance.connection-string=${server.url('postgres', 'operator')}`,
        `--actions.lock-budget=${PATIENT}s`,
      ],
      env: {
        DATA_SOURCE_NAME: server.url('postgres', 'pgvigil_exporter'),
        PGVIGIL_STATE_URL: server.url('state', 'pgvigil_exporter'),
      },
    });
    await holdWriter();
    await server.query('select pg_stat_statements_reset()');
    const params = { index: await oidOf(server, 'shop.track_title') };
    const plan = await call(exporter, 'POST /api/v1/actions/:action/plan', {
      params: { action: 'reindex' },
      body: { params },
    });
    const run = await call(exporter, 'POST /api/v1/actions/:action/run', {
      params: { action: 'reindex' },
      body: { planId: plan.body.id },
    });
    expect(run.error).toBeUndefined();
    await until('it waits for a transaction', async () => (await backends()).length === 1);
    process.kill(exporter.pid, 'SIGKILL');
    return run.body;
  }

  const backends = (): Promise<{ query: string }[]> =>
    server.query(
      "select query from pg_stat_activity where application_name like 'pgvigil job %' and wait_event_type = 'Lock'",
    );

  /** Runs of the statement that were begun, counted by the server: those that ended, and those under way. */
  const runs = async (): Promise<number> => {
    const [{ count }] = await server.query<{ count: number }>(
      "select coalesce(sum(calls), 0)::int as count from pg_stat_statements where query ilike '%reindex index concurrently%'",
    );
    return count;
  };

  const holderOf = async (job: Job): Promise<string> => {
    const [row] = await server.query<{ holder: string }>(
      `select holder from pgvigil_state.job where id = '${job.id}'`,
      'state',
    );
    return row.holder;
  };

  /** As if the time had passed after which a silent exporter counts as gone. */
  const expireLease = (job: Job): Promise<unknown> =>
    server.query(`update pgvigil_state.job set lease_until = now() where id = '${job.id}'`, 'state');

  /** The other exporter, or the same one after its restart: its target has the name that the killed one gave it. */
  const takeOver = (job: Job, lockBudgetSeconds = PATIENT): Promise<Rig> =>
    start({ target: job.target, lockBudgetSeconds });

  it('runs an action once that takes longer than the queue waits for it, whoever is delivered to, and how often', async () => {
    const expirySeconds = 1;
    const owner = new pg.Client(server.url('state'));
    await owner.connect();
    await owner.query('set role pgvigil_state_owner');
    try {
      await createQueues(owner, expirySeconds);
      const [first, second] = [await start(), await start()];
      await holdWriter();
      await server.query('select pg_stat_statements_reset()');
      const job = await first.start('reindex', { index: await oidOf(server, 'shop.track_title') });
      await until('it waits for a transaction', () => waitsForLock(second, job.id));
      const began = Date.now();
      // The delivery again, as if pg-boss had given it up and tried once more.
      const again = await owner.query<{ id: string }>(
        `insert into pgvigil_queue.job (name, data, retry_limit) values ('pgvigil-action', $1, 0) returning id`,
        [{ job: job.id }],
      );
      await until('the second delivery is done', async () => {
        const { rows } = await owner.query<{ state: string }>(
          'select state::text from pgvigil_queue.job where id = $1',
          [again.rows[0].id],
        );
        return rows[0].state === 'completed';
      });
      await until('it takes longer than the queue waits', () => Date.now() - began > expirySeconds * 1500);
      await sessions.pop()!.end();
      expect(await first.ended(job.id)).toMatchObject({ state: 'done' });
      expect(await runs()).toBe(1);
      const { items } = await second.jobs.audit({ page: 1, pageSize: 50 });
      expect(items.filter(({ jobId }) => jobId === job.id)).toHaveLength(1);
    } finally {
      await createQueues(owner);
      await owner.end();
    }
  });

  it('awaits a backend that still works, and runs nothing twice', async () => {
    const job = await killInTheMiddle();
    const [{ query }] = await backends();
    expect(query).toBe(`/* pgvigil job ${job.id} */ reindex index concurrently shop.track_title`);
    const before = await holderOf(job);
    // Once for real: it takes the time that a killed exporter is waited for.
    if (major < 18) await expireLease(job);
    const rig = await takeOver(job);
    await until('another exporter has it', async () => (await holderOf(job)) !== before);
    await until('it says whom it waits for', () => waitsForLock(rig, job.id));
    await sessions.pop()!.end();
    const ended = await rig.ended(job.id);
    expect(ended).toMatchObject({ state: 'interrupted', hint: '' });
    expect(ended.message).toContain('Its statement went on on the server to its end; the result is complete');
    expect(await runs()).toBe(1);
    expect(await server.query('select from pg_index where not indisvalid')).toEqual([]);
    const { items } = await rig.jobs.audit({ page: 1, pageSize: 1 });
    expect(items[0]).toMatchObject({ outcome: 'interrupted', jobId: job.id });
  });

  it('stops a backend that waits for too long, and names what it left', async () => {
    const job = await killInTheMiddle();
    await expireLease(job);
    const rig = await takeOver(job, 1);
    const ended = await rig.ended(job.id);
    expect(ended.state).toBe('interrupted');
    expect(ended.message).toContain(
      `It was then stopped: it waited longer for locks than the 1 s that it may, blocked by pid ${sessions[0].pid}`,
    );
    expect(ended.hint).toMatch(/shop\.track_title_ccnew.*Drop leftover index/);
    await sessions.pop()!.end();
    const dropped = await rig.complete('drop_leftover', { index: await oidOf(server, 'shop.track_title_ccnew') });
    expect(dropped.state).toBe('done');
  });

  it('finds a job whose backend is gone as well', async () => {
    const job = await killInTheMiddle();
    await server.query(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name like 'pgvigil job %'",
    );
    await expireLease(job);
    const rig = await takeOver(job);
    const ended = await rig.ended(job.id);
    expect(ended.state).toBe('interrupted');
    expect(ended.message).toContain('Nothing of it ran any more on the server; the result is not complete');
    expect(ended.hint).toMatch(/shop\.track_title_ccnew.*Drop leftover index/);
    await sessions.pop()!.end();
    const dropped = await rig.complete('drop_leftover', { index: await oidOf(server, 'shop.track_title_ccnew') });
    expect(dropped.state).toBe('done');
  });
});
