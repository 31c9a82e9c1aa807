/** Cancel and terminate: the right session, whatever else is broken, and audited once. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { POSTGRES_MAJORS, startPostgres } from '../../../demo/servers/index.ts';
import type { ParamValues } from '../../src/contract/index.ts';
import { openSession, type Session, until } from '../support/database.ts';
import { ADMIN, type PostgresServer, prepareState, refusalOf, type Rig, startRig, startTarget } from './fixture.ts';

const ALL = { page: 1, pageSize: 50 };

type Wanted = NonNullable<ParamValues['session']>;

async function wanted(server: PostgresServer, pid: number): Promise<Wanted> {
  const [{ start }] = await server.query<{ start: string }>(
    `select to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as start from pg_stat_activity where pid = ${pid}`,
  );
  return { pid, backendStart: start };
}

const busy = async (server: PostgresServer, pid: number): Promise<boolean> =>
  (await server.query(`select from pg_stat_activity where pid = ${pid} and state = 'active'`)).length > 0;

/** One for all versions, which each leave it as new. */
let state: PostgresServer;
beforeAll(async () => {
  state = await startPostgres();
  await prepareState(state);
});
afterAll(() => state?.stop());

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let rig: Rig;
  let session: Session;
  let ended: Promise<string>;

  const act = (action: 'cancel' | 'terminate', target: Wanted) =>
    rig.jobs.session(action, { params: { session: target } }, ADMIN);

  beforeAll(async () => {
    server = await startTarget({ major, settings: { max_connections: '25' } });
    await server.query('create role clerk login');
    rig = await startRig(server, { state });
    await until('the reserved connection', async () => {
      const rows = await server.query("select from pg_stat_activity where application_name = 'pgvigil signal'");
      return rows.length === 1;
    });
  });
  beforeEach(async () => {
    session = await openSession(server.url('postgres', 'clerk'));
    ended = session.query('select pg_sleep(600)').then(
      () => 'slept',
      (error: Error) => error.message,
    );
    await until('it sleeps', () => busy(server, session.pid));
  });
  afterEach(() => session.end());
  afterAll(async () => {
    await rig?.close();
    await server?.stop();
  });

  it('cancels the query and keeps the session', async () => {
    const before = (await rig.jobs.audit(ALL)).total;
    const result = await act('cancel', await wanted(server, session.pid));
    expect(result).toMatchObject({ done: true, message: `the query of session ${session.pid} was asked to stop` });
    await until('it is audited', async () => (await rig.jobs.audit(ALL)).total === before + 1);
    expect(await ended).toContain('canceling statement due to user request');
    expect(await session.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('terminates the session', async () => {
    expect(await act('terminate', await wanted(server, session.pid))).toMatchObject({ done: true });
    expect(await ended).toMatch(/terminat/);
  });

  it('leaves alone a session whose pid was given again: the start differs by a microsecond', async () => {
    const target = await wanted(server, session.pid);
    const other = target.backendStart.replace(/\d(?=Z$)/, (digit) => String((Number(digit) + 1) % 10));
    for (const action of ['cancel', 'terminate'] as const) {
      const result = await act(action, { ...target, backendStart: other });
      expect(result.done).toBe(false);
      expect(result.message).toContain('its pid belongs to another session now, which was left alone');
    }
    expect(await busy(server, session.pid)).toBe(true);
  });

  it('says that a session had ended by itself', async () => {
    const target = await wanted(server, session.pid);
    await session.end();
    await server.query(`select pg_terminate_backend(${target.pid}, 5000)`);
    expect(await act('cancel', target)).toMatchObject({
      done: false,
      message: `session ${target.pid} had ended by itself`,
    });
  });

  it('passes on that a superuser is out of reach, with the cure', async () => {
    const root = await openSession(server.url());
    try {
      const refusal = await refusalOf(act('cancel', await wanted(server, root.pid)));
      expect(refusal.hint).toContain('sessions of superusers stay out of reach');
    } finally {
      await root.end();
    }
  });

  it('works with the state database stopped and no connection free, and is audited once afterwards', async () => {
    const before = (await rig.jobs.audit(ALL)).total;
    const target = await wanted(server, session.pid);
    const crowd: pg.Client[] = [];
    await state.stop();
    try {
      // Superusers' reserved ones as well.
      for (let refused = false; !refused; ) {
        const client = new pg.Client({ connectionString: server.url() });
        client.on('error', () => undefined);
        await client.connect().then(
          () => crowd.push(client),
          (error: Error) => (refused = /too many clients/.test(error.message)),
        );
      }
      expect(await act('cancel', target)).toMatchObject({ done: true, audited: false });
      expect(await ended).toContain('canceling statement due to user request');
      expect(await act('terminate', target)).toMatchObject({ done: true, audited: false });
    } finally {
      await Promise.all(crowd.map((client) => client.end()));
    }
    expect(readFileSync(rig.journalFile, 'utf8').trim().split('\n')).toHaveLength(4);
    // Each line twice, and one cut short, as after a kill between replay and removal.
    appendFileSync(rig.journalFile, `${readFileSync(rig.journalFile, 'utf8')}{"eventId":"cut sh`);
    state = await startPostgres({ port: state.port });
    await prepareState(state);
    await until('the journal is replayed', () => !existsSync(rig.journalFile));
    const { items, total } = await rig.jobs.audit(ALL);
    expect(total).toBe(2);
    expect(before).toBeGreaterThan(0);
    expect(items.map(({ action, outcome, login }) => [action, outcome, login])).toEqual([
      ['terminate', 'done', 'ada'],
      ['cancel', 'done', 'ada'],
    ]);
    const [{ count }] = await state.query<{ count: number }>('select count(*)::int from pgvigil_state.audit', 'state');
    expect(count).toBe(4);
    expect(readFileSync(`${rig.journalFile}.unreadable`, 'utf8')).toBe('{"eventId":"cut sh\n');
  });
});

it('needs no state database at all, and comes back after the server was restarted', async () => {
  const server = await startTarget();
  const directory = mkdtempSync(join(tmpdir(), 'pgvigil-journal-'));
  const journalFile = join(directory, 'journal.ndjson');
  const rig = await startRig(server, { journalFile });
  try {
    await server.restart();
    const session = await openSession(server.url('postgres', 'operator'));
    const target = { session: await wanted(server, session.pid) };
    expect(await rig.jobs.session('terminate', { params: target }, ADMIN)).toMatchObject({
      done: true,
      audited: false,
    });
    expect(readFileSync(journalFile, 'utf8').trim().split('\n')).toHaveLength(2);
    const refusal = await refusalOf(rig.plan('vacuum', { table: 1 }));
    expect(refusal).toMatchObject({ code: 'state_missing' });
    expect(refusal.hint).toContain('PGVIGIL_STATE_URL');
  } finally {
    await rig.close();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
});

it('does nothing when the journal cannot be written', async () => {
  const server = await startTarget();
  const rig = await startRig(server, { journalFile: '/nonexistent/journal.ndjson' });
  try {
    const session = await openSession(server.url('postgres', 'operator'));
    const refusal = await refusalOf(
      rig.jobs.session('terminate', { params: { session: await wanted(server, session.pid) } }, ADMIN),
    );
    expect(refusal.message).toMatch(/\/nonexistent\/journal\.ndjson cannot be written: E[A-Z]+$/);
    expect(await session.query('select 1 as one')).toEqual([{ one: 1 }]);
    await session.end();
  } finally {
    await rig.close();
    await server.stop();
  }
});
