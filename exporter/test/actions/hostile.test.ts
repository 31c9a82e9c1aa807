/** Users who mean harm: what their objects, names and sessions may not bring the maintenance login to do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Journal } from '../../src/jobs/journal.ts';
import { JournalLock } from '../../src/jobs/journal_lock.ts';
import { StepFailure } from '../../src/jobs/run.ts';
import { describeFailure } from '../../src/db/errors.ts';
import { ratioOfAll } from '../../src/jobs/progress.ts';
import { withoutData } from '../../src/jobs/runner.ts';
import { backendOf, openMaintenance } from '../../src/jobs/sessions.ts';
import { parseDsn } from '../../src/config/dsn.ts';
import { Refusal } from '../../src/jobs/refusal.ts';
import { createLog } from '../../src/log.ts';
import { openSession, until } from '../support/database.ts';
import {
  ADMIN,
  oidOf,
  migrateState,
  type PostgresServer,
  prepareState,
  type Rig,
  startRig,
  startTarget,
} from './fixture.ts';

/** As a role of its own would do it: whoever runs `mine.spy()` leaves their name. */
const TRAPS = `
  grant create on database postgres to shop_owner;
  create table public.caught (who text, how text); grant insert, select on public.caught to public;
  set role shop_owner;
  create schema mine; grant usage on schema mine to public;
  create function mine.spy(how text) returns boolean language plpgsql as
    $f$ begin insert into public.caught values (current_user, how); return true; end $f$;
  create domain mine.word as text check (mine.spy('domain'));
  create type mine.mood as enum ('good', 'bad');
  create function mine.to_mood(text) returns mine.mood language plpgsql as
    $f$ begin perform mine.spy('cast'); return 'good'; end $f$;
  create cast (text as mine.mood) with function mine.to_mood(text);
  create function mine.to_text(mine.mood) returns text language plpgsql as
    $f$ begin perform mine.spy('cast back'); return 'good'; end $f$;
  create cast (mine.mood as text) with function mine.to_text(mine.mood);
  create function mine.same(int, int) returns boolean language plpgsql as
    $f$ begin perform mine.spy('operator'); return false; end $f$;
  create operator mine.= (leftarg = int, rightarg = int, function = mine.same);
  create table shop.item (id int, word mine.word, words mine.word[], mood mine.mood, flag boolean, at date);
  create unique index item_id on shop.item (id);
  insert into shop.item (id) values (1);
  reset role;
  truncate public.caught;
  alter database postgres set search_path = mine, pg_catalog;
  alter role current_user set search_path = pg_catalog`;

let server: PostgresServer;
let state: PostgresServer;
let rig: Rig;
const caught = () => server.query('select who, how from public.caught');

beforeAll(async () => {
  server = await startTarget({});
  state = await startTarget();
  await prepareState(state);
  await server.query(TRAPS);
  rig = await startRig(server, { state });
});
afterAll(async () => {
  await rig?.close();
  await Promise.all([server?.stop(), state?.stop()]);
});

it.each([
  ['word', 'x', `word = 'x'::mine.word`],
  ['words', '{x}', `words = '{x}'::mine.word[]`],
  ['mood', 'good', `mood = 'good'::mine.mood`],
  ['flag', true, `flag = 'true'::boolean`],
  ['at', '2026-01-02', `at = '2026-01-02'::date`],
] as const)('a value for %s is judged without a function of its type’s owner', async (column, value, where) => {
  const plan = await rig.plan('create_index', {
    table: await oidOf(server, 'shop.item'),
    columns: [{ name: 'id', order: 'asc' }],
    predicate: { column, operator: '=', value },
  });
  expect(plan.statements.at(-1)).toContain(where);
  expect(await caught()).toEqual([]);
});

it('a signal is sent without an operator of the database’s owner', async () => {
  await until('the reserved connection', async () => {
    const rows = await server.query("select from pg_stat_activity where application_name = 'pgvigil signal'");
    return rows.length === 1;
  });
  const wanted = { pid: 2147483647, backendStart: '2026-01-01T00:00:00Z' };
  const { message } = await rig.jobs.session('terminate', { params: { session: wanted } }, ADMIN);
  expect(message).toContain('had ended by itself');
  expect(await caught()).toEqual([]);
});

it('the connection that sends signals is not ended by itself', async () => {
  const [session] = await server.query<{ pid: number; backendStart: string }>(
    `select pid, to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "backendStart"
       from pg_stat_activity where application_name = 'pgvigil signal'`,
  );
  const result = await rig.jobs.session('terminate', { params: { session } }, ADMIN);
  expect(result).toMatchObject({ done: false, message: expect.stringContaining('left alone') as string });
  expect(await server.query(`select from pg_stat_activity where pid = ${session.pid}`)).toHaveLength(1);
});

it('a session of somebody else that calls itself a job’s is none', async () => {
  const job = '00000000-0000-4000-8000-000000000000';
  const clerk = await openSession(`${server.url('postgres', 'pgvigil_exporter')}?application_name=x`);
  const dsn = parseDsn(server.url('postgres', 'operator'), { env: { HOME: '/nowhere' } });
  const [watching, own] = await Promise.all(
    ['pgvigil watch', `pgvigil job ${job}`].map((name) => openMaintenance(dsn, 'postgres', name)),
  );
  try {
    await clerk.query(`set application_name = 'pgvigil job ${job}'`);
    expect(await backendOf(watching, job)).toBe((own as unknown as { processID: number }).processID);
    await own.end();
    await until('its end', async () => (await backendOf(watching, job)) === undefined);
    expect(
      await server.query(`select from pg_stat_activity where application_name = 'pgvigil job ${job}'`),
    ).toHaveLength(1);
  } finally {
    await Promise.all([watching.end(), clerk.end()]);
  }
});

const JOB = 'pgvigil job 00000000-0000-4000-8000-000000000000';

/** A session that sleeps, as GET /api/v1/activity names it. */
async function sleeper(user: string) {
  const session = await openSession(server.url('postgres', user), { application_name: JOB });
  const slept = session.query('select pg_sleep(3600)').catch((error: { code: string }) => error.code);
  const seen = `from pg_stat_activity where pid = ${session.pid} and wait_event = 'PgSleep'`;
  await until('its sleep', async () => (await server.query(`select ${seen}`)).length === 1);
  const [{ at }] = await server.query<{ at: string }>(
    `select to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at ${seen}`,
  );
  return { ...session, slept, params: { session: { pid: session.pid, backendStart: at } } };
}

it('an editor stops by its session no job, and nobody hides behind the name of one', async () => {
  const editor = { login: 'ed', role: 'Editor' } as const;
  const [job, impostor] = await Promise.all(['operator', 'pgvigil_exporter'].map(sleeper));
  try {
    const left = await rig.jobs.session('cancel', { params: job.params }, editor);
    expect(left).toMatchObject({ done: false, message: expect.stringContaining('cancel the job') as string });
    // What the caller says of the database is not noted: where the session is, is.
    const named = { database: 'elsewhere', params: impostor.params };
    expect(await rig.jobs.session('cancel', named, editor)).toMatchObject({ done: true });
    expect(await impostor.slept).toBe('57014');
    const { items } = await rig.jobs.audit({ login: 'ed', page: 1, pageSize: 50 });
    expect(items.map(({ outcome, database }) => [outcome, database])).toEqual([
      ['done', 'postgres'],
      ['refused', 'postgres'],
    ]);
    expect(await rig.jobs.session('cancel', { params: job.params }, ADMIN)).toMatchObject({ done: true });
    expect(await job.slept).toBe('57014');
  } finally {
    await Promise.all([job.end(), impostor.end()]);
  }
});

it('a second exporter finds the journal taken, until the first is gone, however it went', async () => {
  const event = { eventId: 'e1000000-0000-4000-8000-000000000000' } as Parameters<Journal['append']>[0];
  const second = new Journal(rig.journalFile, createLog({ level: 'fatal' as 'error', format: 'logfmt' }));
  await expect(second.append(event)).rejects.toThrow(`${rig.journalFile} cannot be written: another exporter uses it`);
  const file = `${rig.journalFile}.other`;
  const module = join(import.meta.dirname, '../../src/jobs/journal_lock.ts');
  const script = `import { JournalLock } from ${JSON.stringify(module)};
    await new JournalLock(${JSON.stringify(file)}).take(); console.log('taken'); setInterval(() => {}, 1000);`;
  const first = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(first.stdout, 'data');
  const lock = new JournalLock(file);
  await expect(lock.take()).rejects.toThrow('another exporter uses it');
  first.kill('SIGKILL');
  await once(first, 'exit');
  await lock.take();
  await lock.release();
});

it('an event that no audit takes holds up neither the others nor the jobs', async () => {
  const torn = { eventId: 'e0000000-0000-4000-8000-000000000000', database: '\ud800', statements: [] };
  appendFileSync(rig.journalFile, `${JSON.stringify(torn)}\nnull\n`);
  const session = { pid: 2147483647, backendStart: '2026-01-01T00:00:00Z' };
  await until(
    'one that is audited at once',
    async () => (await rig.jobs.session('cancel', { params: { session } }, ADMIN)).audited,
  );
  expect(existsSync(rig.journalFile)).toBe(false);
  expect(readFileSync(`${rig.journalFile}.unreadable`, 'utf8').split('\n')).toEqual(
    expect.arrayContaining([JSON.stringify(torn), 'null']),
  );
});

it('a limit for transactions does not end a job', async () => {
  await server.query('alter role operator set transaction_timeout = 300');
  try {
    await server.query('create materialized view shop.slow as select pg_sleep(0.5)::text');
    await server.query('alter materialized view shop.slow owner to shop_owner');
    expect(await rig.complete('refresh_matview', { view: await oidOf(server, 'shop.slow') })).toMatchObject({
      state: 'done',
    });
  } finally {
    await server.query('alter role operator reset transaction_timeout');
  }
});

it('data in the words of a failure does not reach those who may not see it', async () => {
  await server.query(`
    set search_path = pg_catalog;
    create table shop.card (number text); insert into shop.card values ('7');
    create materialized view shop.numbers as select number::int as n from shop.card;
    alter table shop.card owner to shop_owner; alter materialized view shop.numbers owner to shop_owner;
    update shop.card set number = '4929-SECRET'`);
  const job = await rig.complete('refresh_matview', { view: await oidOf(server, 'shop.numbers') });
  expect(job).toMatchObject({ state: 'failed', message: expect.stringContaining('invalid input syntax') as string });
  const { items } = await rig.jobs.audit({ page: 1, pageSize: 50 });
  expect(JSON.stringify([job, items])).not.toContain('SECRET');
  const raised = new StepFailure(describeFailure({ code: 'P0001', severity: 'ERROR', message: 'card SECRET' }), 0);
  expect(withoutData(raised)).not.toContain('SECRET');
});

it('says that an index without scans keeps rows distinct', async () => {
  const plan = await rig.plan('drop_index', { index: await oidOf(server, 'shop.item_id') });
  expect(plan.preconditions).toContainEqual(expect.objectContaining({ title: 'Uniqueness', state: 'warn' }));
});

it('what is refused inside a transaction of the state database is said as it is', async () => {
  const refusal = new Refusal('conflict', 'no', 'never');
  await expect(rig.store!.transaction(() => Promise.reject(refusal))).rejects.toBe(refusal);
});

it('SET ROLE is no part of the work', () => {
  const steps = (['session', 'transactions', 'lock'] as const).map((waits) => ({ sql: '', waits }));
  expect(ratioOfAll(steps, 1, 0.5)).toBe(0.25);
  expect(ratioOfAll(steps, 2, undefined)).toBe(0.5);
  expect(ratioOfAll(steps.slice(0, 2), 1, 0.5)).toBe(0.5);
  expect(ratioOfAll(steps.slice(0, 2), 1, undefined)).toBeNull();
});

it('a job that was confirmed long ago is not begun', async () => {
  const plan = await rig.plan('analyze', { table: await oidOf(server, 'shop.item') });
  await state.query(
    `update pgvigil_state.job set state = 'confirmed', confirmed_at = now() - interval '2 days' where id = '${plan.id}'`,
    'state',
  );
  expect(await rig.ended(plan.id)).toMatchObject({ state: 'cancelled', startedAt: null });
  const { items } = await rig.jobs.audit({ action: 'analyze', page: 1, pageSize: 50 });
  expect(items).toMatchObject([{ outcome: 'cancelled', jobId: plan.id }]);
});

it('an index that somebody builds just now is no leftover', async () => {
  await server.query('create table shop.busy (id int); alter table shop.busy owner to shop_owner');
  const reader = await openSession(server.url());
  const builder = await openSession(server.url());
  try {
    await reader.query('begin isolation level repeatable read; lock table shop.busy in row exclusive mode');
    const built = builder.query('create index concurrently busy_id on shop.busy (id)');
    await until('the build', async () => {
      const rows = await server.query("select from pg_stat_progress_create_index where phase like 'waiting%'");
      return rows.length === 1;
    });
    const plan = await rig.plan('drop_leftover', { index: await oidOf(server, 'shop.busy_id') });
    expect(plan.runnable).toBe(false);
    await reader.query('rollback');
    await built;
  } finally {
    await Promise.all([reader.end(), builder.end()]);
  }
});

it('a partition in a schema where its owner may create nothing is seen before anything is built', async () => {
  await server.query(`
    create schema archive; grant usage on schema archive to shop_owner, pgvigil_maintain;
    create table shop.visit (id int) partition by range (id);
    create table archive.visit_1 partition of shop.visit for values from (1) to (2);
    alter table shop.visit owner to shop_owner; alter table archive.visit_1 owner to shop_owner`);
  const columns = [{ name: 'id', order: 'asc' as const }];
  const plan = await rig.plan('create_index', { table: await oidOf(server, 'shop.visit'), columns });
  expect(plan.preconditions).toContainEqual(
    expect.objectContaining({ state: 'missing', cure: 'grant create on schema archive to shop_owner;' }),
  );
});

it('a row of the audit cannot be put where it was not written', async () => {
  await expect(
    rig.store!.query(
      `insert into pgvigil_state.audit (id, event_id, entry, at, event, login, role, action, title, target, database_name, statements)
       overriding system value values (-1, gen_random_uuid(), gen_random_uuid(), now(), 'done', '', '', '', '', '', '', '{}')`,
    ),
  ).rejects.toThrow('permission denied');
});

it('a superuser who migrates runs nothing of the database’s owner', async () => {
  const own = await startTarget();
  try {
    await own.query('create role villain login');
    await own.query('create database state owner villain');
    const villain = await openSession(own.url('state', 'villain'));
    await villain.query(`
      create schema evil; grant usage on schema evil to public;
      create table evil.caught (who text); grant insert on evil.caught to public;
      create function evil.same(name, name) returns boolean language plpgsql as
        $f$ begin insert into evil.caught values (session_user); return $1::text operator(pg_catalog.=) $2::text; end $f$;
      create operator evil.= (leftarg = name, rightarg = name, function = evil.same);
      alter database state set search_path = evil, pg_catalog`);
    await villain.end();
    await migrateState(own);
    expect(await own.query('select who from evil.caught', 'state')).toEqual([]);
  } finally {
    await own.stop();
  }
});
