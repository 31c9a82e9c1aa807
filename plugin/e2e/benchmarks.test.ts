/** Benchmarks: a run before and one after the server became slower, the verdict, and a comparison that is stopped. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { until } from '../../exporter/test/support/database.ts';
import { ask, PATIENCE_MS } from './ask.ts';
import { accessibilityProblems, picture, says, settled, THEMES, useApp, type Visit } from './support.ts';

const app = useApp({ load: false });
const TITLE = 'An index for a query that has none';
const INDEX = 'e2e_duration';

const sql = <R extends Record<string, unknown>>(text: string, database = 'musicdb'): Promise<R[]> =>
  app.stack.postgres.query<R>(text, database);
const own = (text: string) => sql(`set role musicdb_shop; ${text}`);
/** Latest first. */
const kept = () =>
  sql<{ id: string; state: string; star: boolean }>(
    'select id, state, star from pgvigil_state.benchmark order by started_at desc',
    'pgvigil',
  );

async function open(path: string, visit: Visit = {}): Promise<Page> {
  const page = await app.open(`/benchmarks${path}`, { role: 'admin', ...visit });
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}

/** Fills in the form and starts it: 10 blocks of half a second each segment. */
async function start(page: Page, kind: string): Promise<void> {
  await page.getByRole('button', { name: 'New run…' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Workload').click();
  await page.getByRole('option', { name: new RegExp(TITLE) }).click();
  await form.getByRole('radio', { name: kind, exact: true }).click();
  await form.getByLabel('Seconds of a segment').fill('0.5');
  await form.getByText(/^It will take about \d+ s/).waitFor();
  await form.getByRole('button', { name: `Start ${TITLE} on`, exact: false }).click();
  await form.waitFor({ state: 'detached' });
}

const rows = (page: Page) => page.getByRole('table', { name: 'Benchmarks' }).locator('tbody tr');

test('nothing yet; a viewer is told who may, and Grafana lets nobody else', async () => {
  const page = await open('', { role: 'viewer' });
  await says(page, 'Nothing was measured yet');
  await says(page, 'Admins may start a benchmark.');
  expect(await page.getByRole('button', { name: 'New run…' }).count()).toBe(0);
  for (const role of ['viewer', 'editor'] as const)
    expect(await ask(app, role, 'benchmarks/workloads/musicdb-index/run', {})).toBe(403);
  expect(await kept()).toEqual([]);
});

test('a run with the index, one without: what differs is said, and then by how much', async () => {
  await own(`create index ${INDEX} on musicdb.tracks (duration_ms)`);
  const page = await open('');
  await start(page, 'Run');
  await rows(page).first().getByRole('progressbar').waitFor();
  await rows(page).first().getByText('done').waitFor();
  await own(`drop index musicdb.${INDEX}`);
  await start(page, 'Run');
  await until('both are done', async () => (await kept()).filter(({ state }) => state === 'done').length === 2);
  await page.getByTestId('data-testid RefreshPicker run button').click();
  await page
    .getByRole('button', { name: /^Compare… An index/ })
    .nth(1)
    .click();
  await page.getByRole('link', { name: /^Compare with this: An index/ }).click();
  // The refusal is an answer with status 400, which the browser notes.
  app.allowErrors(page, /compare\?/);
  await says(page, /the runs differ in more than what is tested/);
  await says(page, /schema\.musicdb\.tracks/);
  await page.getByLabel('What differs on purpose').fill('schema');
  await page.getByLabel('What differs on purpose').press('Enter');
  const [second, first] = (await kept()).map(({ id }) => id.slice(0, 8));
  await says(page, new RegExp(`^${second} is [\\d.]+ times as slow .*p50 of two runs one after the other\\.$`));
  const figures = page.getByRole('table', { name: 'Latency and throughput' });
  expect(await figures.getByRole('columnheader').allInnerTexts()).toEqual([first, second, 'Difference, 95 % interval']);
  await figures.getByRole('row', { name: /^p99 / }).waitFor();
  await page.getByRole('table', { name: 'What its sessions waited for' }).waitFor();
  // The same is behind its address.
  const again = await open(new URL(page.url()).pathname.split('/benchmarks')[1] + new URL(page.url()).search);
  await says(again, /times as slow/);
});

test('a report comes as a file, a baseline gets its star', async () => {
  const [, first] = await kept();
  const page = await open(`/${first.id}`, { role: 'editor' });
  await says(page, /^Half of the answers came within/);
  await page.getByRole('button', { name: 'Report' }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'One HTML page' }).click(),
  ]);
  expect(file.suggestedFilename()).toBe(`musicdb-index-${first.id.slice(0, 8)}.html`);
  expect(readFileSync(await file.path(), 'utf8')).toContain(TITLE);
  await page.getByRole('button', { name: 'Make it the baseline' }).click();
  await page.getByRole('button', { name: 'No longer the baseline' }).waitFor();
  expect((await kept()).map(({ star }) => star)).toEqual([false, true]);
  const [latest] = await kept();
  await page.goto(page.url().replace(first.id, latest.id));
  await page.getByRole('link', { name: `Compare with the baseline: ${first.id.slice(0, 8)}` }).waitFor();
});

test('before and after by turns: watched, stopped, and nothing is left of it', async () => {
  const indexes = () =>
    sql("select indexrelid::regclass::text from pg_index where indrelid = 'musicdb.tracks'::regclass");
  const before = await indexes();
  const page = await open('');
  await start(page, 'Before and after');
  await rows(page).first().getByRole('link').click();
  await says(page, /^measuring (before|after) · \d+ of 40 segments/);
  await page.getByRole('button', { name: 'Stop it, and take back what was set' }).click();
  await says(page, 'Stopped before its end: cancelled by ada.');
  expect(await indexes()).toEqual(before);
});

describe.each(THEMES)('%s', (theme) => {
  test.each([
    ['benchmarks', () => ''],
    ['benchmark', (ids: readonly string[]) => `/${ids[2]}`],
    ['benchmark-stopped', (ids: readonly string[]) => `/${ids[0]}`],
    ['benchmark-two', (ids: readonly string[]) => `/${ids[1]}?with=${ids[2]}&tested=schema`],
  ])('%s is accessible', async (name, path) => {
    const page = await open(path((await kept()).map(({ id }) => id)), { theme });
    await settled(page);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 1100 });
    await picture(page, `app-${name}-${theme}`);
  });
  test('the form is accessible', async () => {
    const page = await open('', { theme });
    await page.getByRole('button', { name: 'New run…' }).click();
    await page.getByRole('dialog').getByLabel('Workload').click();
    await page.getByRole('option', { name: new RegExp(TITLE) }).click();
    await says(page, /How small a change it will see/);
    expect(await accessibilityProblems(page)).toEqual([]);
    await picture(page, `app-benchmarks-new-${theme}`);
  });
});

test('the panel has the last ones, each a link', async () => {
  const options = JSON.stringify({ workload: 'musicdb-index', limit: 2 });
  const query = new URLSearchParams({ 'options-pgvigil-benchmarks-panel': options });
  const page = await app.open(`/panels?${query.toString()}`, { role: 'viewer' });
  page.setDefaultTimeout(PATIENCE_MS);
  await rows(page).nth(1).waitFor();
  expect(await rows(page).count()).toBe(2);
  await rows(page).nth(1).getByRole('link').click();
  await says(page, 'An index for a query that has none');
});
