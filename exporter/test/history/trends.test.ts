/** Trends, by statement, tell the same as the points they were made of, in every resolution and across them. */
import { SHAPE, TARGET, fillHistory } from '../../../bench/api/history.ts';
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { listStatements, readStatement } from '../../src/history/window.ts';
import { Store } from '../../src/store/store.ts';
import { prepareState } from '../support/state.ts';
import { dsn } from './fixture.ts';

const HOUR_MS = 3_600_000;
let server: PostgresServer;
let store: Store;
let runtime: string;
let history: { from: Date; to: Date };

beforeAll(async () => {
  server = await startPostgres({ major: 14 });
  const { owner, ...state } = await prepareState(server);
  runtime = state.runtime;
  const shape = { ...SHAPE, days: 3, intervalSeconds: 300, statements: 60, changing: 14 };
  history = await fillHistory(owner, dsn(runtime), shape, () => undefined);
  store = new Store(dsn(runtime));
});
afterAll(async () => {
  await store?.close();
  await server?.stop();
});

const window = (from: Date, to: Date): ReturnType<typeof listStatements> =>
  listStatements(store, { target: TARGET, from, to, sort: 'calls', order: 'desc', page: 1, pageSize: 50 });

it.each([
  ['recent points', 20 / 60, 0],
  ['hours and points', 5, 0],
  ['hours', 6, 30],
  ['days, hours and points', 60, 0],
])('of %s', async (_, hours, ago) => {
  const to = new Date(history.to.getTime() - ago * HOUR_MS);
  const from = new Date(to.getTime() - hours * HOUR_MS);
  const page = await window(from, to);
  expect(page.items.length).toBeGreaterThan(10);
  for (const item of page.items.slice(0, 5)) {
    const detail = (await readStatement(store, { target: TARGET, queryId: item.queryId }, { from, to }))!;
    expect(detail.figures).toEqual(item.figures);
    const { stepSeconds, points } = detail.trend;
    const lastSeconds = (new Date(detail.window.to).getTime() - new Date(points.at(-1)!.at).getTime()) / 1000;
    const sum = points.reduce(
      (all, { callsPerSecond }, place) =>
        all + callsPerSecond! * (place === points.length - 1 ? lastSeconds : stepSeconds),
      0,
    );
    // Where a day begins or ends inside an hour, that hour is taken in part: hours of days are all that is kept.
    const tolerance = hours > 12 ? 0.02 : 1e-6;
    expect(Math.abs(sum / item.figures.calls - 1)).toBeLessThan(tolerance);
  }
});

it('a window is the sum of its halves', async () => {
  const middle = new Date(history.to.getTime() - 24 * HOUR_MS);
  const [from, to] = [new Date(middle.getTime() - 7 * HOUR_MS), new Date(middle.getTime() + 9 * HOUR_MS)];
  const [first, second, whole] = await Promise.all([window(from, middle), window(middle, to), window(from, to)]);
  expect(first.window.to).toBe(second.window.from);
  expect(whole.totals.calls).toBe(first.totals.calls + second.totals.calls);
  expect(whole.totals.seconds).toBeCloseTo(first.totals.seconds + second.totals.seconds, 6);
});

it('filters, searches and pages on the server, each row once', async () => {
  const range = { from: new Date(history.to.getTime() - 24 * HOUR_MS), to: history.to };
  const ask = (more: object): ReturnType<typeof listStatements> =>
    listStatements(store, { target: TARGET, ...range, sort: 'mean', order: 'asc', page: 1, pageSize: 7, ...more });
  const all = await ask({ pageSize: 500 });
  const paged: string[] = [];
  for (let page = 1; page <= Math.ceil(all.total / 7); page++) {
    paged.push(...(await ask({ page })).items.map(({ queryId }) => queryId));
  }
  expect(paged).toEqual(all.items.map(({ queryId }) => queryId));
  const inserts = await ask({ kind: 'insert' });
  expect(inserts.items.every(({ kind }) => kind === 'insert')).toBe(true);
  expect(inserts.total).toBe(all.items.filter(({ kind }) => kind === 'insert').length);
  // Its own filter leaves the other kinds to choose from; the others' facets are of inserts only.
  expect(inserts.facets.kind).toEqual(all.facets.kind);
  expect(inserts.facets.database.reduce((sum, { statements }) => sum + statements, 0)).toBe(inserts.total);
  expect((await ask({ search: 'ORDERS_17 ' })).items.map(({ tables }) => tables[0])).toEqual(['orders_17']);
  expect((await ask({ search: paged[3] })).items.map(({ queryId }) => queryId)).toEqual([paged[3]]);
  const waits = await ask({ wait: 'CPU', pageSize: 500 });
  expect(waits.items.every(({ mainWait }) => mainWait === 'CPU')).toBe(true);
  expect((await ask({ sort: 'change' })).items.every(({ change }) => change.kind !== 'gone')).toBe(true);
});

it('answers for a target, a statement or a time that is not recorded', async () => {
  const range = { from: new Date('2020-01-01'), to: new Date('2020-01-02') };
  expect(await window(range.from, range.to)).toMatchObject({ items: [], total: 0, window: { gapSeconds: 86_400 } });
  expect(await readStatement(store, { target: TARGET, queryId: '1' }, range)).toBeNull();
  expect(await readStatement(store, { target: 'none', queryId: '1' }, range)).toBeNull();
});

it('figures are the same when the days before have been dropped', async () => {
  const DAY_MS = 24 * HOUR_MS;
  for (const daysAgo of [2, 1]) {
    const from = new Date((Math.floor(history.to.getTime() / DAY_MS) - daysAgo) * DAY_MS);
    const figures = async (of: Store) => {
      const query = { sort: 'calls', order: 'desc', page: 1, pageSize: 50 } as const;
      const { items, totals } = await listStatements(of, { target: TARGET, from, to: history.to, ...query });
      return { totals, items: items.map(({ queryId, figures }) => ({ queryId, figures })) };
    };
    const all = await figures(store);
    const [{ dropped }] = await server.query<{ dropped: number }>(
      `select pgvigil_state.expire((now() at time zone 'UTC')::date - date '${from.toISOString().slice(0, 10)}') as dropped`,
      'state',
    );
    expect(dropped).toBeGreaterThan(0);
    const fresh = new Store(dsn(runtime));
    try {
      expect(await figures(store)).toEqual(all);
      expect(await figures(fresh)).toEqual(all);
    } finally {
      await fresh.close();
    }
    // Nothing of what was dropped, though it is in memory.
    expect((await window(history.from, from)).items).toEqual([]);
  }
});
