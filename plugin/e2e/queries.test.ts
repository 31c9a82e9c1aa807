/** From the slow statement that somebody runs to its plan and the index that would help; figures are the server's own. */
import type { Page } from 'playwright-core';
import { until } from '../../exporter/test/support/database.ts';
import { expectSame, read } from './figures.ts';
import { accessibilityProblems, settled, THEMES, useApp } from './support.ts';

const app = useApp();

/** A name as people do give. */
const TABLE = `musicdb."we""ird 🎵 plays"`;
const TAG = 'e2e_needle';
const ROWS = 40_000;
const RUNS = 12;

interface Counted extends Record<string, unknown> {
  queryid: string;
  calls: number;
  rows: number;
  total: number;
  mean: number;
  spread: number;
}

/** What the server itself counted, in seconds; run by nobody but this test, so that it holds still. */
async function counted(): Promise<Counted> {
  const [row] = await app.stack.postgres.query<Counted>(
    `select queryid::text, calls::int, rows::int, total_exec_time / 1000 as total, mean_exec_time / 1000 as mean,
            stddev_exec_time / 1000 as spread
       from pg_stat_statements where query like '%${TAG}%' and query like 'select%' and query not like '%pg_stat%'`,
    'musicdb',
  );
  return row;
}

beforeAll(async () => {
  const { postgres } = app.stack;
  const inMusic = 'musicdb';
  await postgres.query(
    `create table ${TABLE} (id int primary key, listener text, ${TAG} int);
     insert into ${TABLE} select i, 'listener ' || i % 1000, i % 7 from generate_series(1, ${ROWS}) i;
     analyze ${TABLE};
     grant select on ${TABLE} to pgvigil_exporter`,
    inMusic,
  );
  for (let run = 0; run < RUNS; run++) {
    await postgres.query(`select id, ${TAG} from ${TABLE} where listener = 'listener ${run}' order by id`, inMusic);
  }
  await until('that the history has all of its calls', async () => {
    const { pathname } = new URL(await addressOf());
    const answer = await api(`/api/v1/queries/${pathname.split('/').pop()}?database=musicdb`);
    return (answer as { figures?: { calls: number } }).figures?.calls === RUNS;
  });
}, 120_000);

const addressOf = async (): Promise<string> =>
  `http://x/queries/${(await counted()).queryid}?database=musicdb&user=postgres&from=now-15m&to=now`;
const pathOf = async (): Promise<string> => (await addressOf()).slice('http://x'.length);

const api = async (path: string): Promise<unknown> => {
  const { exporter, secrets } = app.stack;
  return (await fetch(exporter.url + path, { headers: { 'X-Pgvigil-Secret': secrets.read } })).json();
};

const table = (page: Page) => page.getByRole('table', { name: 'Statements' });

/** Text of a row's cell below a title. */
async function cell(page: Page, title: RegExp): Promise<string> {
  const titles = await table(page).getByRole('columnheader').allInnerTexts();
  const at = titles.findIndex((text) => title.test(text));
  expect(at).toBeGreaterThanOrEqual(0);
  return table(page).locator('tbody tr').first().getByRole('cell').nth(at).innerText();
}

/** Of a column of numbers, e.g. `ms`; empty for plain counts. */
async function unitOf(page: Page, title: RegExp): Promise<string> {
  const titles = await table(page).getByRole('columnheader').allInnerTexts();
  const text = titles.find((one) => title.test(one)) ?? '';
  return text.replace(title, '').trim();
}

/** By its queryid: the statements that made the table have the tag too. */
async function find(page: Page): Promise<void> {
  const { queryid } = await counted();
  await page.keyboard.press('/');
  await page.keyboard.type(queryid);
  await page.waitForURL(new RegExp(`search=${queryid}`));
  await page.getByText('1 statement', { exact: true }).waitFor();
  await settled(page);
}

test('the slow statement of the load is found, with its plan', async () => {
  const page = await app.open('/queries?from=now-15m&to=now');
  await page.getByPlaceholder('Search statements').fill('album_title = $1');
  const row = table(page)
    .getByRole('link', { name: /album_title = \$1/ })
    .first();
  await row.click();
  await page.waitForURL(/\/queries\/-?\d+\?/);
  await page.getByText('Seq Scan on musicdb.tracks', { exact: false }).first().waitFor();
  await page.getByRole('tab', { name: 'Indexes to create' }).click();
  await page.getByText('musicdb.tracks: btree (album_title', { exact: false }).waitFor();
  await page.getByRole('button', { name: 'Create this index…' }).first().waitFor();
});

test('figures of the list are those of the server', async () => {
  const page = await app.open('/queries?from=now-15m&to=now&columns=mean,total,allRows');
  await table(page).waitFor();
  await find(page);
  const { rows, total, mean, spread } = await counted();
  const [shownMean, shownSpread] = (await cell(page, /^Mean ± spread/)).split('±');
  const unit = await unitOf(page, /^Mean ± spread/);
  expectSame(read(shownMean, unit), mean);
  expectSame(read(shownSpread, unit), spread);
  expectSame(read(await cell(page, /^Time/), await unitOf(page, /^Time/)), total);
  expectSame(read(await cell(page, /^Rows/), await unitOf(page, /^Rows/)), rows);
});

test('figures of the statement are those of the server, its name is written as it is', async () => {
  const page = await app.open(await pathOf());
  const { mean, spread, rows, calls } = await counted();
  const figure = (title: string) => page.locator('dl > div', { hasText: title }).locator('dd').first().innerText();
  await page.getByText('Mean ± spread').waitFor();
  const [shownMean, shownSpread] = (await figure('Mean ± spread')).split('±');
  expectSame(read(shownMean.trim()), mean);
  expectSame(read(shownSpread.trim()), spread);
  expectSame(read(await figure('Rows per call')), rows / calls);
  await page.getByText('"we""ird 🎵 plays"', { exact: false }).first().waitFor();
});

test('an admin runs it with a parameter and sees what really came', async () => {
  const page = await app.open(await pathOf());
  await page.getByRole('button', { name: 'Run with parameters…' }).click();
  await page.getByRole('textbox', { name: /^\$1/ }).fill("listener 7' or true --");
  await page.getByRole('button', { name: 'Run the statement' }).click();
  const plan = page.getByRole('table', { name: 'Plan as it ran' });
  await plan.getByText(/→ 0/).first().waitFor();
  await plan.getByText('40,000 rows removed by filter').waitFor();
});

test('a viewer sees all of it and can run none of it', async () => {
  const page = await app.open(await pathOf(), { role: 'viewer' });
  await page.getByText('Admins may run it with parameters (EXPLAIN ANALYZE).').waitFor();
  await page.getByRole('table', { name: 'Plan for any parameters' }).waitFor();
  expect(await page.getByRole('button', { name: 'Run with parameters…' }).count()).toBe(0);
  await page.getByRole('tab', { name: 'Indexes to create' }).click();
  await page.getByText('listener', { exact: false }).first().waitFor();
  expect(await page.getByRole('button', { name: 'Create this index…' }).count()).toBe(0);
});

test('a pasted link shows the same; the keyboard goes through the list', async () => {
  const page = await app.open('/queries?from=now-15m&to=now&sort=calls&order=asc');
  await settled(page);
  const calls = table(page).getByRole('columnheader', { name: /Calls/ });
  expect(await calls.getAttribute('aria-sort')).toBe('ascending');
  await table(page).getByRole('link').first().focus();
  await page.keyboard.press('ArrowDown');
  const second = table(page).getByRole('link').nth(1);
  expect(await second.evaluate((link) => link === document.activeElement)).toBe(true);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/queries\/-?\d+\?/);
});

test('a search that finds nothing says so and is undone', async () => {
  const page = await app.open('/queries?search=there_is_no_such_thing');
  await page.getByText('No statement of this window matches').waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).first().click();
  await table(page).getByRole('link').first().waitFor();
});

describe.each(THEMES)('%s', (theme) => {
  test.each(['plan', 'plans', 'waits', 'objects', 'indexes'])('the tab %s is accessible', async (tab) => {
    const page = await app.open(`${await pathOf()}&tab=${tab}`, { theme });
    await page.getByRole('tab', { selected: true }).waitFor();
    await settled(page);
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});
