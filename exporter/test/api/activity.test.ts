import { type PostgresServer, startPostgres, POSTGRES_MAJORS } from '../../../demo/servers/index.ts';
import type { Blocker } from '../../src/contract/index.ts';
import { blockingTree } from '../../src/live/blocking_tree.ts';
import { type ApiExporter, call, startApi } from '../support/api.ts';
import { CREATE_MONITOR, holdLock, openSession, type Session, until } from '../support/database.ts';

const LITERAL = 'hunter2-4711';

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let exporter: ApiExporter;
  let sessions: Session[] = [];
  beforeAll(async () => {
    server = await startPostgres({ major, settings: { max_prepared_transactions: '5', compute_query_id: 'on' } });
    await server.query(CREATE_MONITOR);
    await server.query(
      'create role blind login; create table t (id int primary key, word text); insert into t values (1)',
    );
    exporter = await startApi({
      config: `
targets:
  - { name: main, postgres: "${server.url('postgres', 'monitor')}" }
  - { name: blind, postgres: "${server.url('postgres', 'blind')}" }`,
    });
  });
  afterEach(async () => {
    await Promise.all(sessions.map((session) => session.end()));
    await until(
      'sessions have ended',
      async () => (await server.query("select from pg_stat_activity where application_name = 'test'")).length === 0,
    );
    sessions = [];
  });
  afterAll(async () => {
    await exporter.stop();
    await server.stop();
  });

  const hold = async (sql: string): Promise<Session> => {
    const session = await holdLock(server, sql);
    sessions.push(session);
    return session;
  };
  /** A statement that does not come back; resolves when the server has it waiting for a lock. */
  const wait = async (sql: string): Promise<Session> => {
    const session = await openSession(server.url('postgres'));
    sessions.push(session);
    session.query(sql).catch(() => undefined);
    await until(
      `${session.pid} waits`,
      async () =>
        (await server.query(`select from pg_locks where pid = ${session.pid} and waitstart is not null`)).length > 0,
    );
    return session;
  };
  const activity = async (
    query: { database?: string; idle?: 'true' | 'false'; target?: string } = {},
    as: 'Viewer' | 'Editor' | 'Admin' = 'Admin',
  ) => (await call(exporter, 'GET /api/v1/activity', { as, query })).body;

  test('a chain: the root blocker at the top, with how long each waits and since when it is there', async () => {
    const root = await hold("update t set word = 'x' where id = 1");
    const second = await wait(`update t set word = '${LITERAL}' where id = 1`);
    const third = await wait("update t set word = 'z' where id = 1");
    const { sessions: all, blocking, waits } = await activity();
    expect(blocking).toHaveLength(1);
    expect(blocking[0]).toMatchObject({ pid: root.pid, victims: 2 });
    expect(JSON.stringify(blocking)).toContain(`"pid":${third.pid}`);
    const [seen, holder] = [second.pid, root.pid].map((pid) => all.find((session) => session.pid === pid)!);
    expect(seen).toMatchObject({
      state: 'active',
      waitType: 'Lock',
      blockedBy: [root.pid],
      own: false,
      database: 'postgres',
    });
    expect(seen.query).toContain(LITERAL);
    expect(seen.waitingSeconds).toBeGreaterThanOrEqual(0);
    expect(seen.queryId).toMatch(/^-?\d+$/);
    expect(holder).toMatchObject({ state: 'idle in transaction', blockedBy: [] });
    expect(holder.locks).toBeGreaterThan(0);
    // The first waits for the transaction, the second for its turn at the row.
    expect(
      waits
        .filter(({ type }) => type === 'Lock')
        .map(({ event }) => event)
        .sort(),
    ).toEqual(['transactionid', 'tuple']);
    const [{ start }] = await server.query<{ start: string }>(
      `select backend_start::text as start from pg_stat_activity where pid = ${root.pid}
          and backend_start = '${holder.backendStart}'::timestamptz`,
    );
    expect(start).toBeDefined();
  });

  test('what has no time has none, instead of no seconds', async () => {
    const idle = await openSession(server.url('postgres'));
    sessions.push(idle);
    const { sessions: all } = await activity();
    expect(all.find(({ pid }) => pid === idle.pid)).toMatchObject({
      state: 'idle',
      stateSeconds: expect.any(Number) as number,
      transactionSeconds: null,
      waitingSeconds: null,
    });
    expect(all.find(({ backendType }) => backendType === 'checkpointer')).toMatchObject({
      state: null,
      stateSeconds: null,
      transactionSeconds: null,
      querySeconds: null,
    });
  });

  test('whoever calls a session as ours are called does not hide it among them', async () => {
    const impostor = await openSession(server.url('postgres'), { application_name: 'pgvigil' });
    sessions.push(impostor);
    const { sessions: all } = await activity();
    expect(all.find(({ pid }) => pid === impostor.pid)).toMatchObject({ application: 'pgvigil', own: false });
    expect(all.filter(({ own }) => own).map(({ user }) => user)).toContain('monitor');
  });

  test.each(['Viewer', 'Editor'] as const)('%s sees no literal, but what the statement is', async (as) => {
    await hold("update t set word = 'x' where id = 1");
    const waiter = await wait(`update t set word = '${LITERAL}' where id = 1 /* ${LITERAL} */`);
    const seen = await activity({}, as);
    expect(seen.sessions.find(({ pid }) => pid === waiter.pid)!.query).toBe('update t set word = $1 where id = $2');
    expect(JSON.stringify(seen)).not.toContain(LITERAL);
  });

  test('a text that the server has cut is cut before its literal', async () => {
    await hold("update t set word = 'x' where id = 1");
    const waiter = await wait(`update t set word = 'a' where id = 1 and word <> '${'y'.repeat(2000)}${LITERAL}'`);
    const seen = (await activity({}, 'Viewer')).sessions.find(({ pid }) => pid === waiter.pid)!.query!;
    expect(seen).toMatch(/^update t set word = \$1 where id = \$2 and word <>/);
    expect(seen).not.toContain('yyy');
  });

  test('a prepared transaction blocks as pid 0', async () => {
    const session = await hold("update t set word = 'x' where id = 1");
    await session.query("prepare transaction 'p1'");
    const waiter = await wait("update t set word = 'z' where id = 1");
    try {
      const { blocking } = await activity();
      expect(blocking).toEqual([{ pid: 0, victims: 1, children: [{ pid: waiter.pid, victims: 0, children: [] }] }]);
    } finally {
      await server.query("rollback prepared 'p1'");
    }
  });

  test('idle sessions can be left out, those that block cannot', async () => {
    const idle = await openSession(server.url('postgres'));
    const advisory = await openSession(server.url('postgres'));
    sessions.push(idle, advisory);
    await advisory.query('select pg_advisory_lock(1)');
    const waiter = await wait('select pg_advisory_lock(1)');
    const pids = async (query: Parameters<typeof activity>[0]) =>
      (await activity(query)).sessions.map(({ pid }) => pid);
    expect(await pids({})).toEqual(expect.arrayContaining([idle.pid, advisory.pid, waiter.pid]));
    const busy = await pids({ idle: 'false' });
    expect(busy).toEqual(expect.arrayContaining([advisory.pid, waiter.pid]));
    expect(busy).not.toContain(idle.pid);
    expect(await pids({ database: 'template1' })).toEqual([advisory.pid]);
  });

  test('a role that may not see the others says so', async () => {
    const session = await hold("update t set word = 'x' where id = 1");
    const { problem, sessions: all } = await activity({ target: 'blind' });
    expect(problem).toContain('pg_monitor');
    expect(all.map(({ pid }) => pid)).not.toContain(session.pid);
    expect((await activity()).problem).toBe('');
  });
});

describe('the blocking tree', () => {
  const count = ({ children }: Blocker): number => 1 + children.reduce((sum, child) => sum + count(child), 0);

  test('a queue of which everyone waits for all before them is told once each', () => {
    const waiters = Array.from({ length: 200 }, (_, i) => ({
      pid: i + 2,
      blockedBy: Array.from({ length: i + 1 }, (__, before) => before + 1),
    }));
    const [root, ...others] = blockingTree(waiters);
    expect(others).toEqual([]);
    expect([root.pid, root.victims, count(root)]).toEqual([1, 200, 201]);
  });

  test('who waits for several stands below each of them, most victims first', () => {
    const tree = blockingTree([
      { pid: 10, blockedBy: [1, 2] },
      { pid: 11, blockedBy: [2] },
    ]);
    expect(tree.map(({ pid, victims }) => [pid, victims])).toEqual([
      [2, 2],
      [1, 1],
    ]);
  });

  test('a ring has a beginning', () => {
    const tree = blockingTree([
      { pid: 5, blockedBy: [4] },
      { pid: 4, blockedBy: [5] },
      { pid: 9, blockedBy: [5] },
    ]);
    expect(tree.map(({ pid, victims }) => [pid, victims])).toEqual([[4, 2]]);
  });

  test('nobody waits: nothing', () => {
    expect(blockingTree([{ pid: 1, blockedBy: [] }])).toEqual([]);
  });
});
