/** Data that stands in queries is for admins: it is looked for in everything that anybody else can read. */
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { type Answer, type EndpointKey, endpoints } from '../../src/contract/index.ts';
import { prepareState } from '../actions/fixture.ts';
import { type ApiExporter, call, startApi } from '../support/api.ts';
import { holdLock, openSession, type Session, until } from '../support/database.ts';

const SECRET = 'hunter2-4711';
const NUMBER = '47114711';

describe.each([14, 18] as const)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let exporter: ApiExporter;
  const sessions: Session[] = [];
  beforeAll(async () => {
    server = await startPostgres({
      major,
      settings: { shared_preload_libraries: 'pg_stat_statements', compute_query_id: 'on' },
    });
    await server.query('create extension pg_stat_statements; create table t (id int primary key, word text)');
    await server.query('insert into t select i, i::text from generate_series(1, 100) i; analyze t');
    await prepareState(server);
    exporter = await startApi({
      config: `
state: { url: "${server.url('state', 'pgvigil_exporter')}" }
history: { interval_seconds: 1s, sample_seconds: 1s }
targets: [{ name: main, postgres: "${server.url('postgres')}", maintenance: { user: postgres } }]`,
    });
    const open = async (): Promise<Session> => {
      const session = await openSession(server.url('postgres'));
      sessions.push(session);
      return session;
    };
    // Finished, in a transaction, waiting for a lock, wrong, as a command that pg_stat_statements keeps as it is.
    await (await open()).query(`select * from t where word = '${SECRET}' and id < ${NUMBER} /* ${SECRET} */`);
    sessions.push(await holdLock(server, `update t set word = '${SECRET}' where id = 1`));
    const waiter = await open();
    waiter
      .query(`update t set word = e'\\x41${SECRET}' where id = 1 and word <> $q$${SECRET}$q$`)
      .catch(() => undefined);
    await (await open()).query(`select '${SECRET}' from nowhere`).catch(() => undefined);
    await (await open()).query(`select '${'x'.repeat(1100)}', '${SECRET}'`);
    const commands = [
      `do $$ begin perform '${SECRET}'; end $$`,
      `set application_name = 'test'; set search_path = public; select set_config('x.y', '${SECRET}', false)`,
      `prepare p as select * from t where word = '${SECRET}'; execute p; deallocate p`,
      `create view v as select '${SECRET}'::text as constant, t.* from t where id <> ${NUMBER}`,
    ];
    for (const command of commands) await (await open()).query(command);
  });
  afterAll(async () => {
    await Promise.all(sessions.map((session) => session.end()));
    await exporter.stop();
    await server.stop();
  });

  test('an admin sees the literals of running queries, so there is something to find', async () => {
    const { text } = await call(exporter, 'GET /api/v1/activity', { as: 'Admin' });
    expect(text).toContain(SECRET);
    expect(text).toContain(NUMBER);
  });

  test.each(['Viewer', 'Editor'] as const)('%s: no answer of any endpoint holds them', async (as) => {
    let items: Answer<'GET /api/v1/database/slow-queries'>['items'] = [];
    // What ran before the first snapshot counts for no window: again and again, then.
    await until('the history has them', async () => {
      await server.query(`select * from t where word = '${SECRET}' and id < ${NUMBER} /* ${SECRET} */`);
      await server.query(`create role other password '${SECRET}'`);
      await server.query('drop role other');
      const { body } = await call(exporter, 'GET /api/v1/database/slow-queries', { as, query: { pageSize: 500 } });
      items = body.items ?? [];
      return (
        items.some(({ text }) => /from t where word/.test(text)) && items.some(({ text }) => /create role/i.test(text))
      );
    });
    // Those at hand, and of the rest enough to see every kind of answer.
    items = items.filter(({ text }, i) => i < 8 || /t where word|other/.test(text));
    const reads = (Object.keys(endpoints) as EndpointKey[]).filter((key) => key.startsWith('GET '));
    const asked: string[] = [];
    const look = async (key: EndpointKey, given: object): Promise<void> => {
      const { text, status } = await call(exporter, key, { as, ...given } as never);
      asked.push(`${key} ${status}`);
      for (const hidden of [SECRET, NUMBER]) {
        const at = text.indexOf(hidden);
        if (at >= 0)
          throw new Error(`${key} ${JSON.stringify(given)} shows it: …${text.slice(Math.max(0, at - 200), at + 50)}`);
      }
    };
    for (const key of reads) {
      if (key.includes(':queryId')) {
        for (const { queryId, user, database } of items) {
          const diff = key.endsWith('plan-diff') ? { a: 'x', b: 'y' } : {};
          await look(key, { params: { queryId }, query: { user, database, ...diff } });
        }
      } else if (key.includes(':id')) await look(key, { params: { id: '00000000-0000-4000-8000-000000000000' } });
      else if (key === 'GET /api/v1/objects') await look(key, { query: { kind: 'table' } });
      else if (key === 'GET /api/v1/columns') {
        const { body } = await call(exporter, 'GET /api/v1/objects', { query: { kind: 'table' } });
        for (const { relation } of body.items) await look(key, { query: { table: relation.oid } });
      } else await look(key, {});
    }
    for (const key of reads) expect(asked.filter((one) => one.startsWith(`${key} `)).length).toBeGreaterThan(0);
    expect(asked).toEqual(
      expect.arrayContaining(['GET /api/v1/queries/:queryId 200', 'GET /api/v1/queries/:queryId/plan 200']),
    );
  });
});
