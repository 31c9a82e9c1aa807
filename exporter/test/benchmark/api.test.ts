/** Benchmarks through the API: started by id, watched, stopped, compared, reported, and served as metrics. */
import type { Benchmark } from '../../src/contract/index.ts';
import { type ApiExporter, call, type Given, startApi } from '../support/api.ts';
import { headersOf, send } from '../support/caller.ts';
import { until } from '../support/database.ts';
import { type Bench, startBench } from './run/support.ts';

/** A title and an error that are no part of a page, nor of Markdown. */
const TITLE = '<img src=x onerror=alert(1)> | **bold**';
const QUICK = {
  title: TITLE,
  clients: 2,
  load: { kind: 'closed' },
  length: { seconds: 0.3 },
  warmupSeconds: 0.1,
  blocks: 6,
  thresholds: { meanMs: 1000, rowsPerHour: 1e12 },
  statements: [{ name: 'work', steps: [{ sql: 'select work()' }] }],
};
/** A warm-up would end at its error. */
const BROKEN = {
  ...QUICK,
  warmupSeconds: 0,
  statements: [{ name: 'broken', steps: [{ sql: 'select 1 / $1', parameters: [{ kind: 'choice', of: [0] }] }] }],
};
const workOf = (seconds: number): string =>
  `create or replace function work() returns void language sql volatile as 'select pg_sleep(${seconds})'`;

let bench: Bench;
let exporter: ApiExporter;
beforeAll(async () => {
  bench = await startBench(18);
  await bench.server.query(workOf(0.002));
  bench.file('quick', QUICK);
  bench.file('broken', BROKEN);
  const arms = { before: {}, after: { settings: { work_mem: '9MB' } } };
  bench.file('long', { ...QUICK, length: { seconds: 60 }, arms });
  exporter = await startApi({ config: bench.config, args: [`--benchmark.workloads=${bench.workloads}`] });
});
afterAll(async () => {
  await exporter?.stop();
  await bench?.stop();
});

type Body = Given<'POST /api/v1/benchmarks/workloads/:workload/run'>['body'];
const start = (workload: string, body: Body = {}, as?: 'Viewer' | 'Editor') =>
  call(exporter, 'POST /api/v1/benchmarks/workloads/:workload/run', { params: { workload }, body, as });
const sheet = async (id: string) =>
  (await call(exporter, 'GET /api/v1/benchmarks/:id', { params: { id }, as: 'Viewer' })).body;
const ended = async ({ id }: Benchmark) => {
  await until('the end of it', async () => (await sheet(id)).benchmarks[0].finishedAt !== null);
  return sheet(id);
};
const compare = (first: Benchmark, second: Benchmark, tested?: string) =>
  call(exporter, 'GET /api/v1/benchmarks/compare', { query: { first: first.id, second: second.id, tested } });
const runOnce = async (workload = 'quick'): Promise<Benchmark> => {
  const [run] = (await ended((await start(workload)).body)).benchmarks;
  expect(run).toMatchObject({ state: 'done', message: '' });
  return run;
};

test('workloads say what they do, and why they cannot be run', async () => {
  const list = async (target?: string) =>
    (await call(exporter, 'GET /api/v1/benchmarks/workloads', { query: { target }, as: 'Viewer' })).body;
  const here = await list();
  expect(here.problems).toEqual([]);
  const ids = here.items.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(['musicdb-query', 'musicdb-pool', 'quick', 'long']) as unknown);
  const [quick, long] = ['quick', 'long'].map((id) => here.items.find((one) => one.id === id)!);
  expect(quick).toMatchObject({
    load: '2 clients, each with one statement after the other',
    arms: null,
    obstacles: { run: null, aa: null, ab: { message: 'workload quick has no arms: there is nothing to compare' } },
  });
  expect(long.arms).toEqual({ before: [], after: ['work_mem = 9MB on the server'] });
  const elsewhere = await list('other');
  expect(elsewhere.items.find(({ id }) => id === 'quick')!.obstacles.run).toEqual({
    message: 'target other allows no benchmark',
    cure: expect.stringContaining('benchmark: allowed') as unknown,
  });
});

test.each<[string, string, object, number, RegExp]>([
  ['SQL', 'quick', { statements: [{ name: 'x', steps: [{ sql: 'drop table t' }] }] }, 400, /statements/],
  ['SQL as a workload', 'select 1', {}, 400, /workload/],
  ['a file', '../../etc/passwd', {}, 400, /workload/],
  ['what is not there', 'quack', {}, 400, /there is no workload quack/],
  ['arms that are not there', 'quick', { kind: 'ab' }, 400, /has no arms/],
  ['a target that allows none', 'quick', { target: 'other' }, 400, /other allows no benchmark/],
  ['a target that is not there', 'quick', { target: 'nowhere' }, 404, /nowhere/],
  ['no time at all', 'quick', { seconds: 0 }, 400, /seconds/],
])('%s starts nothing', async (_, workload, body, status, says) => {
  const headers = headersOf(exporter, 'POST', {});
  const path = `/api/v1/benchmarks/workloads/${encodeURIComponent(workload)}/run`;
  const answer = await send(exporter, 'POST', path, { headers, body: JSON.stringify(body) });
  const { error } = answer.json as { error: { message: string; hint: string } };
  expect([answer.status, error.message]).toEqual([status, expect.stringMatching(says)]);
  expect(error.hint).not.toBe('');
  expect((await call(exporter, 'GET /api/v1/benchmarks', {})).body.total).toBe(0);
});

test('only an admin starts one; it is watched, and stopped with everything taken back', async () => {
  for (const as of ['Viewer', 'Editor'] as const) expect((await start('quick', {}, as)).status).toBe(403);
  const before = await bench.fingerprint();
  const { body: long } = await start('long', { kind: 'ab', seed: 1 });
  expect(long).toMatchObject({ kind: 'ab', target: 'music', state: 'running', requestedBy: 'admin', blocks: 6 });
  const again = await start('quick');
  expect([again.status, again.error!.message]).toEqual([
    409,
    expect.stringContaining('another benchmark runs on music'),
  ]);
  await until('the first seconds', async () => {
    const [{ progress }] = (await sheet(long.id)).benchmarks;
    return progress?.phase === 'measuring' && progress.perSecond !== null && progress.secondsLeft! > 100;
  });
  const stopped = await call(exporter, 'POST /api/v1/benchmarks/:id/cancel', {
    params: { id: long.id },
    as: 'Editor',
    login: 'eve',
  });
  expect(stopped.body).toMatchObject({ state: 'running', cancelRequestedBy: 'eve' });
  const { benchmarks } = await ended(long);
  expect(benchmarks[0]).toMatchObject({ state: 'cancelled', message: 'cancelled by eve', progress: null });
  expect(await bench.fingerprint()).toEqual(before);
  const late = await call(exporter, 'POST /api/v1/benchmarks/:id/cancel', { params: { id: long.id } });
  expect([late.status, late.error!.message]).toEqual([409, expect.stringContaining('it is cancelled')]);
});

test('two runs, and a server that became slower in between', async () => {
  const first = await runOnce();
  await bench.server.query(workOf(0.02));
  const second = await runOnce();
  const { body } = await compare(first, second);
  expect(body.verdict!.finding).toBe('slower');
  expect(body.verdict!.sentence).toMatch(/ is [\d.]+ times as slow .*two runs one after the other\.$/);
  expect(body.sides.map(({ name, series, waits }) => [name, series.length > 3, Object.keys(waits!)[0]])).toEqual(
    [first, second].map(({ id }) => [id.slice(0, 8), true, 'Timeout:PgSleep']),
  );
  expect(body.sides[0].figures.p50!).toBeLessThan(body.sides[1].figures.p50!);

  const list = await call(exporter, 'GET /api/v1/benchmarks', { query: { search: 'QUICK', kind: 'run', pageSize: 1 } });
  expect(list.body).toMatchObject({ total: 2, items: [{ id: second.id, thresholds: { met: 1, missed: 1 } }] });

  await bench.server.query('alter system set random_page_cost = 2');
  await bench.server.query('select pg_reload_conf()');
  const third = await runOnce();
  const refused = await compare(second, third);
  expect([refused.status, refused.error!.message]).toEqual([
    400,
    expect.stringMatching(/differ in more[^]*settings\.random_page_cost: .* not there → 2/),
  ]);
  expect((await compare(third, third)).error!.message).toMatch(/with itself/);
  const named = await compare(second, third, 'settings.random_page_cost');
  expect(named.body.differences).toMatchObject([{ name: 'settings.random_page_cost', forbids: false }]);
});

test('a report needs nothing else, and what is in it is text', async () => {
  const [second, first] = (await call(exporter, 'GET /api/v1/benchmarks', { query: { kind: 'run' } })).body.items.slice(
    1,
  );
  const report = async (query: Given<'GET /api/v1/benchmarks/:id/report'>['query'], id = second.id) =>
    (await call(exporter, 'GET /api/v1/benchmarks/:id/report', { params: { id }, query })).body;
  const page = await report({ with: first.id });
  expect(page).toMatchObject({
    mediaType: 'text/html',
    fileName: `quick-${first.id.slice(0, 8)}-${second.id.slice(0, 8)}.html`,
  });
  expect(page.text).toMatch(/^<!doctype html>/);
  expect(page.text).toContain('times as slow');
  expect(page.text.match(/<polyline/g)).toHaveLength(6);
  expect(page.text).not.toMatch(/<script|<img|<link|(?:src|href)="|url\(|@import|NaN|undefined|null/);
  const { id } = await runOnce('broken');
  expect((await sheet(id)).benchmarks[0].errors['22012']).toMatchObject({ statement: 'broken' });
  expect((await report({}, id)).text).toContain('division by zero');
  const markdown = await report({ format: 'markdown' });
  expect(markdown).toMatchObject({ mediaType: 'text/markdown', fileName: `quick-${second.id.slice(0, 8)}.md` });
  expect(markdown.text).toMatch(/^# \\<img src=x onerror=alert\(1\)\\> \\\| \\\*\\\*bold/);
  expect(markdown.text).toMatch(/^\| p99 \| [\d.]+ ms \|$/m);
  expect(markdown.text).not.toMatch(/NaN|undefined|null/);
});

test('a baseline has the star, one a workload', async () => {
  const { items } = (await call(exporter, 'GET /api/v1/benchmarks', { query: { workload: 'quick' } })).body;
  const star = (id: string, on: boolean) =>
    call(exporter, 'POST /api/v1/benchmarks/:id/star', { params: { id }, body: { star: on }, as: 'Editor' });
  for (const { id } of items.slice(0, 2)) expect((await star(id, true)).body.star).toBe(true);
  const starred = async () =>
    (await call(exporter, 'GET /api/v1/benchmarks')).body.items.filter((one) => one.star).map(({ id }) => id);
  expect(await starred()).toEqual([items[1].id]);
  await star(items[1].id, false);
  expect(await starred()).toEqual([]);
  const [cancelled] = (await call(exporter, 'GET /api/v1/benchmarks', { query: { workload: 'long' } })).body.items;
  expect((await star(cancelled.id, true)).status).toBe(409);
});

test('the last runs are metrics', async () => {
  const { items } = (await call(exporter, 'GET /api/v1/benchmarks', { query: { workload: 'quick' } })).body;
  // With its end come its figures: while it runs, those of the run before are the last.
  const ended = Date.parse(items[0].finishedAt!) / 1000;
  await until('the last run is served', async () => {
    const { text } = await exporter.scrape();
    return text.includes(
      `pgvigil_benchmark_end_timestamp_seconds{target="music",workload="quick",kind="run"} ${ended}`,
    );
  });
  const { text } = await exporter.scrape();
  const p50 = items[0].figures!.p50! / 1e6;
  expect(text).toContain(
    `pgvigil_benchmark_latency_seconds{target="music",workload="quick",arm="run",quantile="0.5"} ${p50}`,
  );
  expect(text).toContain('threshold_reached{target="music",workload="quick",arm="run",threshold="meanMs"} 1');
  expect(text).toContain('threshold_reached{target="music",workload="quick",arm="run",threshold="rowsPerHour"} 0');
  // It was stopped: when it ran is known, and no figure of it.
  expect(text).toContain('pgvigil_benchmark_end_timestamp_seconds{target="music",workload="long",kind="ab"}');
  expect(text).not.toMatch(/pgvigil_benchmark_latency_seconds\{target="music",workload="long"/);
});

test('without a state database there is a sentence', async () => {
  const { state: _, ...config } = JSON.parse(bench.config) as { state: object };
  const without = await startApi({ config: JSON.stringify(config) });
  try {
    const { status, error } = await call(without, 'GET /api/v1/benchmarks');
    expect([status, error!.code]).toEqual([503, 'state_missing']);
  } finally {
    await without.stop();
  }
});
