/** Real exporters on one state database: one records, another takes over, and what fails meanwhile is a gap. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { historySpan, listStatements, readStatement, waitHistory } from '../../src/history/window.ts';
import { Store } from '../../src/store/store.ts';
import { holdLock, openSession, until } from '../support/database.ts';
import { startExporter, type TestExporter } from '../support/exporter.ts';
import { prepareState, type StateDatabase } from '../support/state.ts';
import { dsn } from './fixture.ts';

let server: PostgresServer;
let stateServer: PostgresServer;
let state: StateDatabase;
let store: Store;
let target: string;
const directory = mkdtempSync(join(tmpdir(), 'pgvigil-state-'));
const exporters: TestExporter[] = [];

const start = async (): Promise<TestExporter> => {
  const exporter = await startExporter({
    args: ['--history.interval=1s', '--history.sample-interval=100ms', `--actions.journal-file=${directory}/journal`],
    env: { DATA_SOURCE_NAME: server.url(), PGVIGIL_STATE_URL: state.runtime },
  });
  exporters.push(exporter);
  return exporter;
};
const startState = (port?: number): Promise<PostgresServer> =>
  startPostgres({ major: 18, port, dataDir: join(directory, 'data') });

interface PointRow extends Record<string, unknown> {
  at: Date;
  previous: Date | null;
  gap: boolean;
}
const points = (): Promise<PointRow[]> =>
  store.query<PointRow>(`select at, previous, gap from pgvigil_state.point where stream = 'statement' order by at`);
const morePoints = async (count: number): Promise<void> => {
  const before = (await points()).length;
  await until(`${count} more points`, async () => (await points().catch(() => [])).length >= before + count, 60);
};
/** None, but on a machine so busy that it takes no point for seconds. */
const gapSeconds = async ({ from, to }: { from: string; to: string }): Promise<number> =>
  (await points())
    .filter(({ gap, at }) => gap && at > new Date(from) && at <= new Date(to))
    .reduce((sum, { at, previous }) => sum + (at.getTime() - previous!.getTime()) / 1000, 0);
const leader = async (): Promise<number> => {
  const rows = await stateServer.query<{ name: string }>(
    `select distinct a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and a.application_name like 'pgvigil history%'`,
  );
  return rows.length === 1 ? Number(/:(\d+)$/.exec(rows[0].name)![1]) : 0;
};

beforeAll(async () => {
  // The servers run as another user.
  chmodSync(directory, 0o755);
  server = await startPostgres({ major: 18 });
  await server.query('create extension pg_stat_statements; create table held (id int); insert into held values (1)');
  stateServer = await startState();
  await stateServer.query('create extension pg_stat_statements');
  state = await prepareState(stateServer);
  store = new Store(dsn(state.runtime));
  target = `127.0.0.1:${server.port}`;
});
afterAll(async () => {
  for (const exporter of exporters) await exporter.stop();
  await store?.close();
  await stateServer?.stop();
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

it('one of two records, and the other goes on when it is killed', async () => {
  const both = [await start(), await start()];
  await until('there is a leader', async () => (await leader()) !== 0);
  await morePoints(2);
  const first = await leader();
  expect(both.map(({ pid }) => pid)).toContain(first);
  const second = both.find(({ pid }) => pid !== first)!;
  await until('the other asked for the lead, and went no further', async () => {
    const [asked] = await stateServer.query<{ query: string }>(
      `select query from pg_stat_activity where application_name like 'pgvigil history%:${second.pid}'`,
    );
    return asked?.query.includes('pg_try_advisory_lock');
  });
  // Days are dropped by the one that records: as it begins, and with its first round.
  const [{ calls }] = await stateServer.query<{ calls: number }>(
    "select sum(calls)::int as calls from pg_stat_statements where query like 'select pgvigil_state.expire(%'",
  );
  expect([1, 2]).toContain(calls);
  process.kill(first, 'SIGKILL');
  await until('the other leads', async () => (await leader()) === second.pid);
  await morePoints(2);
  const all = await points();
  // Each names the one before: no point is written twice or missed.
  expect(all.slice(1).map(({ previous }) => previous)).toEqual(all.slice(0, -1).map(({ at }) => at));
  const span = (await historySpan(store, target))!;
  expect(span.from).toBe(all[0].at.toISOString());
  expect(new Date(span.to).getTime()).toBeGreaterThanOrEqual(all.at(-1)!.at.getTime());
});

it('counts across the handover what the server counted', async () => {
  const from = (await points()).at(-1)!.at;
  for (let run = 0; run < 5; run++) await server.query('select id from held');
  await morePoints(2);
  const to = new Date();
  const page = await listStatements(store, { target, from, to, sort: 'load', order: 'desc', page: 1, pageSize: 500 });
  const [held] = page.items.filter(({ text }) => text === 'select id from held');
  expect(held).toMatchObject({ kind: 'select', tables: ['held'], figures: { calls: 5, rows: 5 } });
});

it('samples who waits for what, and for whom', async () => {
  const from = new Date();
  const holder = await holdLock(server, 'update held set id = 2');
  const waiting = await openSession(server.url());
  waiting.query('update held set id = 3').catch(() => undefined);
  await morePoints(4);
  await holder.end();
  await waiting.end();
  const range = { from, to: new Date() };
  const page = await listStatements(store, { target, ...range, sort: 'load', order: 'desc', page: 1, pageSize: 500 });
  expect((await waitHistory(store, target, range)).points.some(({ waits }) => (waits?.Lock ?? 0) > 0)).toBe(true);
  const [blocked] = await store.query<{ wait_event: string; same: boolean }>(
    `select w.wait_event, w.blocked_by = w.query_id as same from pgvigil_state.wait w where w.wait_type = 'Lock'`,
  );
  expect(blocked).toMatchObject({ wait_event: 'transactionid' });
  expect(page.window.gapSeconds).toBeCloseTo(await gapSeconds(page.window), 3);
});

it('shows the time without the state database as a gap, and serves metrics meanwhile', async () => {
  const exporter = exporters.find(({ pid }) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  })!;
  const from = (await points()).at(-1)!.at;
  const { port } = stateServer;
  await stateServer.stop();
  const stopped = Date.now();
  await until('the trouble is said', () => exporter.log().includes('nothing is recorded'));
  for (let run = 0; run < 50; run++) await server.query('select pg_sleep(0.05)');
  expect((await exporter.scrape()).status).toBe(200);
  await until('longer than a gap begins', () => Date.now() - stopped > 4000);
  stateServer = await startState(port);
  await until('it records again', () => exporter.log().includes('history is recorded again'), 60);
  await morePoints(3);
  const all = await points();
  const gap = all.find(({ gap, at }) => gap && at > from)!;
  expect(gap.previous!.getTime()).toBeLessThanOrEqual(stopped);
  const to = all.at(-1)!.at;
  const range = { from, to };
  const page = await listStatements(store, { target, ...range, sort: 'load', order: 'desc', page: 1, pageSize: 500 });
  expect(page.window.gapSeconds).toBeGreaterThan(2.5);
  expect(page.window.gapSeconds).toBeCloseTo(await gapSeconds(page.window), 3);
  // It did run in this window; when, nobody knows, so the course shows no spike.
  const [unseen] = page.items.filter(({ text }) => text.includes('pg_sleep'));
  expect(unseen.figures.calls).toBe(50);
  const { trend } = (await readStatement(store, { target, queryId: unseen.queryId }, range))!;
  expect(trend.points.some(({ load }) => load === null)).toBe(true);
  expect(trend.points.filter(({ load }) => (load ?? 0) > 0)).toEqual([]);
  const lines = exporter.log().split('\n');
  const count = (words: string): number => lines.filter((line) => line.includes(words)).length;
  expect(count('history is recorded again')).toBe(1);
  // Said once for each reason, not at each attempt.
  expect(count('nothing is recorded')).toBeLessThanOrEqual(4);
});

it('goes on when the monitored server was away', async () => {
  const from = (await points()).at(-1)!.at;
  await server.restart('fast');
  await server.query('select 1 from held');
  await morePoints(3);
  const page = await listStatements(store, {
    target,
    from,
    to: new Date(),
    sort: 'load',
    order: 'desc',
    page: 1,
    pageSize: 500,
  });
  expect(page.window.notes.join()).toMatch(/the server restarted/);
  expect(
    page.items
      .filter(({ text }) => text.endsWith('from held') && text.includes('$1'))
      .map(({ figures }) => figures.calls),
  ).toEqual([1]);
});
