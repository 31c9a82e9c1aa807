/** The endpoints of statements, as Grafana calls them: a real exporter, a monitored server, a state database. */
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { Store } from '../../src/store/store.ts';
import { parseDsn } from '../../src/config/dsn.ts';
import { createLog } from '../../src/log.ts';
import { rememberPlan } from '../../src/statements/seen.ts';
import { PlanWatcher } from '../../src/statements/plan_watcher.ts';
import { type ApiExporter, call, startApi } from '../support/api.ts';
import { send } from '../support/caller.ts';
import { CREATE_MONITOR, openSession, type Session, until } from '../support/database.ts';
import { prepareState } from '../support/state.ts';
import { liveTarget } from './live.ts';

const SLOW = 'select id, title from shop.tracks where album = $1 order by title';

let server: PostgresServer;
let exporter: ApiExporter;
let store: Store;
let buyer: Session;
let queryId: string;

const load = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await buyer.query(SLOW.replace('$1', `'album ${i}'`));
};
const plans = async () =>
  (await call(exporter, 'GET /api/v1/queries/:queryId/plans', { params: { queryId }, query: {} })).body.items;

beforeAll(async () => {
  server = await startPostgres({ settings: { autovacuum: 'off' } });
  await server.query('create extension pg_stat_statements');
  await server.query(`${CREATE_MONITOR}; grant pg_read_all_data to monitor; create role buyer login;
    create schema shop; grant usage on schema shop to buyer;
    create table shop.tracks (id int primary key, album text, title text);
    insert into shop.tracks select g, 'album ' || g % 3000, 'title ' || g from generate_series(1, 30000) g;
    grant select on all tables in schema shop to buyer`);
  await server.query('vacuum analyze shop.tracks');
  const state = await prepareState(server);
  store = new Store(parseDsn(state.runtime, { env: { HOME: '/nowhere' } }));
  buyer = await openSession(server.url('postgres', 'buyer'));
  await load();
  exporter = await startApi({
    args: ['--history.interval=1s'],
    env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor'), PGVIGIL_STATE_URL: state.runtime },
  });
  [{ queryId }] = await server.query<{ queryId: string }>(
    `select queryid::text as "queryId" from pg_stat_statements where query like '%from shop.tracks where album%' and userid = 'buyer'::regrole`,
  );
  await until('the statement in the history, with figures', async () => {
    await load();
    const { status, body } = await call(exporter, 'GET /api/v1/queries/:queryId', { params: { queryId }, query: {} });
    return status === 200 && body.figures.calls > 0;
  });
});
afterAll(async () => {
  await exporter?.stop();
  await store?.close();
  await buyer?.end();
  await server?.stop();
});

describe('GET /api/v1/database/slow-queries', () => {
  const list = (query: Record<string, string> = {}) => call(exporter, 'GET /api/v1/database/slow-queries', { query });

  it('has the statement, with its table', async () => {
    const { body } = await list({ search: 'shop.tracks where album', user: 'buyer' });
    expect(body.items).toMatchObject([{ queryId, user: 'buyer', text: SLOW, kind: 'select', tables: ['shop.tracks'] }]);
    expect(body.items[0].figures.calls).toBeGreaterThan(0);
  });

  it.each([
    [{ from: '2026-01-01T00:00:00Z' }, /longer than the \d+ days/],
    [{ to: '2126-01-01T00:00:00Z' }, /"to" is in the future/],
    [{ from: '2026-11-01T01:00:00Z', to: '2026-11-01T01:00:00Z' }, /"from" is not before "to"/],
    [{ from: 'yesterday' }, /"from" is wrong/],
    [{ sort: 'beauty' }, /"sort" is wrong/],
    [{ target: 'nobody' }, /no target "nobody"/],
  ])('refuses %j', async (query, message) => {
    const { status, error } = await list(query);
    expect([400, 404]).toContain(status);
    expect(error!.message).toMatch(message);
    expect(error!.hint).not.toBe('');
  });
});

describe('GET /api/v1/queries/:queryId', () => {
  it('has figures, tables and the indexes that its plan uses', async () => {
    const { body } = await call(exporter, 'GET /api/v1/queries/:queryId', {
      params: { queryId },
      query: { user: 'buyer' },
    });
    const [size] = await server.query<{ bytes: number; rows: number }>(
      `select relpages * 8192.0::float8 as bytes, reltuples::float8 as rows from pg_class where oid = 'shop.tracks'::regclass`,
    );
    expect(body).toMatchObject({ queryId, user: 'buyer', database: 'postgres', text: SLOW, problems: [] });
    expect(body.tables).toMatchObject([
      {
        relation: { schema: 'shop', name: 'tracks', kind: 'table' },
        sizeBytes: size.bytes,
        rows: size.rows,
        deadRows: 0,
      },
    ]);
    expect(body.tables[0].scans).toBeGreaterThan(0);
    expect(body.tables[0].lastAnalyze).not.toBeNull();
    expect(body.indexes).toEqual([]);
  });

  it('a statement that nobody knows is not found', async () => {
    for (const id of ['1', '-9223372036854775808', '9999999999999999999']) {
      const { status, error } = await call(exporter, 'GET /api/v1/queries/:queryId/plan', {
        params: { queryId: id },
        query: {},
      });
      expect([status, error!.code]).toEqual([404, 'not_found']);
    }
    expect((await send(exporter, 'GET', "/api/v1/queries/1'%20or/plan")).status).toBeGreaterThanOrEqual(400);
    const detail = await call(exporter, 'GET /api/v1/queries/:queryId', {
      params: { queryId: '9999999999999999999' },
      query: {},
    });
    expect(detail.status).toBe(404);
  });
});

describe('plans', () => {
  const plan = () =>
    call(exporter, 'GET /api/v1/queries/:queryId/plan', { params: { queryId }, query: {}, as: 'Viewer' });

  it('a plan asked for is seen; another one is a mark, and the two can be compared', async () => {
    const before = (await plan()).body;
    expect(before.root.type).toBe('Sort');
    const { body: candidates } = await call(exporter, 'GET /api/v1/queries/:queryId/index-candidates', {
      params: { queryId },
      query: {},
    });
    expect(candidates.items).toMatchObject([
      {
        columns: [
          { name: 'album', order: 'asc' },
          { name: 'title', order: 'asc' },
        ],
        method: 'btree',
        coveredBy: null,
      },
    ]);
    await server.query('create index tracks_album_title on shop.tracks (album, title); analyze shop.tracks');
    const after = (await plan()).body;
    expect(after.fingerprint).not.toBe(before.fingerprint);
    const seen = await plans();
    expect(seen.map(({ fingerprint }) => fingerprint)).toEqual([after.fingerprint, before.fingerprint]);
    expect(seen[0].root).toEqual(after.root);
    const { body: diff } = await call(exporter, 'GET /api/v1/queries/:queryId/plan-diff', {
      params: { queryId },
      query: { a: before.fingerprint, b: after.fingerprint },
    });
    expect(diff.rows.map(({ state }) => state)).toEqual(['same', 'changed', 'added']);
    expect(diff.rows[2].b).toBe('Bitmap Index Scan using tracks_album_title');
    expect(diff.summary).toContain('Seq Scan on shop.tracks became Bitmap Heap Scan on shop.tracks.');
    const [{ name }] = (await call(exporter, 'GET /api/v1/targets', { query: {} })).body;
    await store.query(
      `insert into pgvigil_state.job (action, target, database_name, heavy, state, params, draft, expires_at,
              requested_by, requested_role, started_at, finished_at)
       select 'analyze', $1, d, false, 'done', '{}', jsonb_build_object('title', 'Analyze ' || d), now(), 'ada', 'Admin', now(), now()
         from unnest(array['postgres', 'another']) d`,
      [name],
    );
    const { body: detail } = await call(exporter, 'GET /api/v1/queries/:queryId', { params: { queryId }, query: {} });
    expect(detail.marks.filter(({ kind }) => kind === 'plan')).toMatchObject([
      { title: `new plan ${after.fingerprint}` },
    ]);
    // Of another database's jobs it says nothing.
    expect(detail.marks.filter(({ kind }) => kind === 'action')).toMatchObject([{ title: 'Analyze postgres' }]);
    expect(detail.indexes).toMatchObject([{ relation: { name: 'tracks_album_title' }, table: 'shop.tracks' }]);
    const unknown = await call(exporter, 'GET /api/v1/queries/:queryId/plan-diff', {
      params: { queryId },
      query: { a: before.fingerprint, b: 'nothing' },
    });
    expect([unknown.status, unknown.error!.message]).toEqual([404, '"b": this statement has no such plan']);
  });

  it('ANALYZE is for admins, and what it ran with is not kept', async () => {
    const given = { params: { queryId }, body: { parameters: ['album 1234567'] } };
    for (const as of ['Viewer', 'Editor'] as const) {
      expect((await call(exporter, 'POST /api/v1/queries/:queryId/analyze', { ...given, as })).error!.code).toBe(
        'forbidden',
      );
    }
    const { status, body } = await call(exporter, 'POST /api/v1/queries/:queryId/analyze', given);
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain('album 1234567');
    expect(body.root.actualRows).toBe(0);
    const [{ name }] = (await call(exporter, 'GET /api/v1/targets', { query: {} })).body;
    await rememberPlan(store, name, { queryId, database: 'postgres', user: 'buyer', text: SLOW }, body);
    expect(JSON.stringify(await plans())).not.toContain('1234567');
    const wrong = await call(exporter, 'POST /api/v1/queries/:queryId/analyze', {
      params: { queryId },
      body: { parameters: [1, 2] },
    });
    expect([wrong.status, wrong.error!.message]).toEqual([400, '"parameters" has 2 values, and the statement takes 1']);
    const { body: types } = await call(exporter, 'GET /api/v1/queries/:queryId/parameters', {
      params: { queryId },
      query: {},
    });
    expect(types.parameters).toEqual([{ number: 1, type: 'text' }]);
  });

  it('are looked at now and then, once for all exporters', async () => {
    await store.query('delete from pgvigil_state.plan');
    const targets = new Map([
      [(await call(exporter, 'GET /api/v1/targets', { query: {} })).body[0].name, liveTarget(server)],
    ]);
    const [[name, live]] = targets;
    Object.defineProperty(live, 'name', { value: name });
    const log = createLog({ level: 'error', format: 'logfmt' });
    const watch = () => new PlanWatcher({ store, targets, log, retentionDays: 14, everySeconds: 600 });
    await store.query(
      `insert into pgvigil_state.plan_round select id, now() - interval '1 day' from pgvigil_state.target on conflict (target) do update set began = excluded.began`,
    );
    const watchers = [watch(), watch()];
    const rounds = await Promise.all(watchers.map((watcher) => watcher.round(live)));
    expect(rounds.sort()).toEqual([false, true]);
    expect((await plans()).map(({ root }) => root.children[0].type)).toEqual(['Bitmap Heap Scan']);
    expect(await Promise.all(watchers.map((watcher) => watcher.round(live)))).toEqual([false, false]);
    await Promise.all(watchers.map((watcher) => watcher.close()));
    await live.close();
  });
});

it('without a state database: plans of what the server has, and no history', async () => {
  const alone = await startApi({ env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') } });
  try {
    const plan = await call(alone, 'GET /api/v1/queries/:queryId/plan', { params: { queryId }, query: {} });
    expect(plan.body.root.relation ?? plan.body.root.children[0].relation).toBe('shop.tracks');
    for (const key of ['GET /api/v1/queries/:queryId', 'GET /api/v1/queries/:queryId/plans'] as const) {
      expect((await call(alone, key, { params: { queryId }, query: {} })).error!.code).toBe('state_missing');
    }
    expect((await call(alone, 'GET /api/v1/database/slow-queries', { query: {} })).error!.code).toBe('state_missing');
  } finally {
    await alone.stop();
  }
});
