/** What needs doing is found, run and watched to its end; what it brought is what the server says. */
import type { Page } from 'playwright-core';
import { openSession, until } from '../../exporter/test/support/database.ts';
import type { Role } from '../preview/users.ts';
import { ask, PATIENCE_MS } from './ask.ts';
import { accessibilityProblems, ANONYMOUS, settled, THEMES, useApp, type Visit } from './support.ts';

const app = useApp({ load: false });
const NAME = 'e2e.Käufe "2026" 🛒';
/** As SQL wants it, and as the server prints it. */
const TABLE = 'e2e."Käufe ""2026"" 🛒"';

const sql = <R extends Record<string, unknown>>(text: string): Promise<R[]> =>
  app.stack.postgres.query<R>(text, 'musicdb');
async function open(role: Role, path: string, more: Omit<Visit, 'role'> = {}): Promise<Page> {
  const page = await app.open(`/maintenance${path}`, { role, ...more });
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}
const drawer = (page: Page) => page.getByRole('dialog');
const deadRows = async (table = TABLE): Promise<number> => {
  await sql('select pg_stat_clear_snapshot()');
  const [{ dead }] = await sql<{ dead: number }>(
    `select n_dead_tup::int as dead from pg_stat_all_tables where relid = '${table}'::regclass`,
  );
  return dead;
};
/** As the pages write it: 20,000 dead rows are "20 k". */
const inThousands = (rows: number): string => (rows >= 10_000 ? `${rows / 1000} k` : String(rows));

beforeAll(async () => {
  await sql(
    `create schema e2e authorization musicdb_shop;
     create table ${TABLE} (id int, note text, pad text) with (autovacuum_enabled = false);
     alter table ${TABLE} owner to musicdb_shop;
     insert into ${TABLE} select i, 'x', repeat('p', 450) from generate_series(1, 40000) i`,
  );
});
beforeEach(async () => {
  await sql(`update ${TABLE} set note = 'y' where id % 2 = 0`);
  await until('the server has counted the dead rows', async () => (await deadRows()) > 0);
});

/** The finding of the test's table, and its preview. */
async function preview(page: Page): Promise<void> {
  await page.getByRole('button', { name: `Vacuum… ${NAME}` }).click();
  await drawer(page)
    .getByRole('button', { name: `Vacuum ${TABLE}` })
    .waitFor();
}

test('a vacuum is found, previewed, run and watched to its end; its figures are the server’s', async () => {
  // Slow enough to be seen under way.
  await sql(
    "alter role pgvigil_maintenance set vacuum_cost_delay = '50ms'; alter role pgvigil_maintenance set vacuum_cost_limit = 200",
  );
  const before = await deadRows();
  const page = await open('editor', '?search=2026');
  await page.getByText(new RegExp(`${before.toLocaleString('en')} dead rows`)).waitFor();
  await preview(page);
  expect(await drawer(page).getByLabel('SQL', { exact: true }).innerText()).toContain(`vacuum ${TABLE};`);
  await drawer(page)
    .getByText(/Blocks nobody who reads or writes/)
    .waitFor();
  await drawer(page)
    .getByRole('button', { name: `Vacuum ${TABLE}` })
    .click();

  await drawer(page)
    .getByText(/(scanning|vacuuming) heap/)
    .waitFor();
  const percent = Number(await drawer(page).getByRole('progressbar').getAttribute('aria-valuenow'));
  const [now] = await sql<{ ratio: number }>(
    `select heap_blks_scanned::float8 / nullif(heap_blks_total, 0) as ratio from pg_stat_progress_vacuum where relid = '${TABLE}'::regclass`,
  );
  // Vacuum goes on between the page's look and ours.
  if (now?.ratio != null) expect(percent).toBeLessThanOrEqual(Math.ceil(now.ratio * 100) + 1);

  await drawer(page)
    .getByText(/done after/)
    .waitFor({ timeout: 60_000 });
  await sql('alter role pgvigil_maintenance reset all');
  const row = drawer(page).getByRole('row', { name: /Dead rows/ });
  expect((await row.innerText()).split(/\t/).slice(0, 3)).toEqual([
    'Dead rows',
    inThousands(before),
    inThousands(await deadRows()),
  ]);
  expect(await deadRows()).toBe(0);

  await drawer(page).getByRole('link', { name: 'Its row in the audit' }).click();
  const audit = page.getByRole('table', { name: 'Audit' }).getByRole('row').nth(1);
  await audit.getByText('edgar (Editor)').waitFor();
  await audit.getByText(`Dead rows: ${inThousands(before)} → 0`).waitFor();
  // The job has an address of its own.
  await audit.getByRole('button', { name: 'Show job' }).click();
  await page.waitForURL(/job=/);
  await page.reload();
  await drawer(page)
    .getByText(/done after/)
    .waitFor();
});

test('several findings are run from one preview; one that may not be run stands beside the others', async () => {
  const others = ['e2e.second', 'e2e.theirs'];
  for (const [table, owner] of [
    [others[0], 'musicdb_shop'],
    [others[1], 'postgres'],
  ]) {
    await sql(
      `create table ${table} (id int, note text) with (autovacuum_enabled = false);
       alter table ${table} owner to ${owner}; insert into ${table} select i, 'x' from generate_series(1, 5000) i`,
    );
    await sql(`update ${table} set note = 'y'`);
    await until(`the server has counted those of ${table}`, async () => (await deadRows(table)) > 0);
  }
  const page = await open('editor', '?search=e2e.&action=vacuum');
  const boxes = page.getByRole('table', { name: 'Findings' }).getByRole('checkbox');
  // What was found a while ago is shown at once, and looked at again behind it.
  await until('all three are found', async () => {
    if ((await boxes.count()) === 3) return true;
    await page.getByTestId('data-testid RefreshPicker run button').click();
    await settled(page);
    return false;
  });
  await page.getByText('All 3 on this page').click();
  await page.getByRole('button', { name: 'Run 3 chosen actions…' }).click();
  const dialog = drawer(page);
  await dialog.getByText("1 of 3 can't run, and are left out.").waitFor();
  await dialog.getByText(/Left out\. Can't run yet/).waitFor();
  const statements = (await dialog.getByLabel('SQL', { exact: true }).allInnerTexts()).join('\n');
  for (const table of [TABLE, ...others]) expect(statements).toContain(`vacuum ${table};`);
  const before = await deadRows(others[1]);
  expect(await accessibilityProblems(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Run 2 × Vacuum', disabled: false }).click();
  await dialog.getByText('2 of 2 ended: 2 done.').waitFor();
  await dialog
    .getByText(/^Dead rows: .* → 0/)
    .nth(1)
    .waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  expect([await deadRows(), await deadRows(others[0]), await deadRows(others[1])]).toEqual([0, 0, before]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

test('a build that waits names who it waits for; cancelled, it leaves an index whose drop is offered and done', async () => {
  const reader = await openSession(app.stack.postgres.url('musicdb'), { application_name: 'long "report"' });
  await reader.query('begin isolation level repeatable read');
  await reader.query(`select count(*) from ${TABLE}`);
  // Younger ones have mostly ended before anybody could wait for them: a preview leaves them out.
  await until('the transaction is old enough to be named', async () => {
    const old = `select from pg_stat_activity where pid = ${reader.pid} and xact_start < now() - interval '6 seconds'`;
    return (await sql(old)).length === 1;
  });
  const page = await open('admin', '?tab=jobs');
  await page.getByRole('button', { name: 'New action' }).click();
  await page.getByRole('menuitem', { name: 'Create index…' }).click();
  await drawer(page)
    .getByRole('combobox', { name: /^Table/ })
    .click();
  await page.keyboard.type('2026');
  await page.getByRole('option', { name: new RegExp('2026') }).click();
  await drawer(page)
    .getByRole('combobox', { name: /^Columns/ })
    .click();
  await page.getByRole('option', { name: /^note/ }).click();
  await drawer(page).getByText('No indexes yet').waitFor();
  await drawer(page).getByRole('button', { name: 'Preview…' }).click();
  await drawer(page)
    .getByText(/create index concurrently .* using btree \(note\)/)
    .waitFor();
  await drawer(page)
    .getByText(new RegExp(`pid ${reader.pid} \\(long "report"`))
    .waitFor();
  await drawer(page)
    .getByRole('button', { name: /^Create index on/ })
    .click();

  await drawer(page)
    .getByText(new RegExp(`waits for pid ${reader.pid}`))
    .waitFor();
  await drawer(page).getByRole('button', { name: 'Cancel', exact: true }).click();
  await drawer(page)
    .getByText(/cancelled after/)
    .waitFor();
  const invalid = () =>
    sql<{ name: string }>(
      `select indexrelid::regclass::text as name from pg_index where indrelid = '${TABLE}'::regclass and not indisvalid`,
    );
  const [left] = await invalid();
  await drawer(page).getByText(left.name).first().waitFor();
  await reader.end();
  await drawer(page)
    .getByRole('button', { name: /^Drop leftover index…/ })
    .click();
  const drop = page.getByRole('button', { name: /^Drop .*Käufe/ }).last();
  await drop.click();
  await drawer(page).last().getByText(/done/).waitFor();
  expect(await invalid()).toEqual([]);
});

test('a viewer can do nothing, by page and by request', async () => {
  const before = await deadRows();
  const page = await open('viewer', '');
  // What was found a while ago is shown at once, and looked at again behind it.
  await until('the page knows of the dead rows', async () => {
    if ((await page.getByText(/dead rows/).count()) > 0) return true;
    await page.getByTestId('data-testid RefreshPicker run button').click();
    await settled(page);
    return false;
  });
  expect(await page.getByRole('button', { name: /Vacuum…|Analyze…|New action|Run the chosen…/ }).count()).toBe(0);
  expect(await page.getByRole('checkbox').count()).toBe(0);
  await page.getByText(/Editors and admins may use .*“Vacuum”/).waitFor();
  const [{ oid }] = await sql<{ oid: number }>(`select '${TABLE}'::regclass::oid::int as oid`);
  const body = { database: 'musicdb', params: { table: oid } };
  for (const [role, action, status] of [
    ['viewer', 'vacuum', 403],
    ['anonymous', 'vacuum', ANONYMOUS ? 403 : 401],
    ['editor', 'vacuum_freeze', 403],
    ['editor', 'vacuum', 200],
  ] as const) {
    expect([role, action, await ask(app, role, `actions/${action}/plan`, body)]).toEqual([role, action, status]);
  }
  const run = { planId: 'a-plan-of-somebody-else' };
  expect(await ask(app, 'viewer', 'actions/vacuum/run', run)).toBe(403);
  expect(await ask(app, 'viewer', 'jobs/00000000-0000-4000-8000-000000000000/cancel', {})).toBe(403);
  expect(await deadRows()).toBe(before);
});

test('an editor is offered what an editor may', async () => {
  const page = await open('editor', '');
  await page.getByRole('button', { name: 'New action' }).click();
  await page.getByRole('menuitem', { name: 'Vacuum…', exact: true }).waitFor();
  const offered = await page.getByRole('menuitem').allInnerTexts();
  expect(offered.join()).not.toMatch(/index|freeze/i);
});

test('findings are filtered by action and searched on the server; both are in the link', async () => {
  const page = await open('viewer', '');
  const rows = page.getByRole('table', { name: 'Findings' }).locator('tbody tr');
  await page
    .getByText(/dead rows/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: /^Analyze \d+$/ }).click();
  await page.waitForURL(/action=analyze/);
  await settled(page);
  expect((await rows.allInnerTexts()).filter((text) => /dead rows/.test(text))).toEqual([]);
  await page.getByLabel('Search findings').fill('no such table');
  await page.getByText('No finding matches').waitFor();
  expect(page.url()).toContain('search=no');
});

describe.each(THEMES)('%s', (theme) => {
  test.each(['', '?tab=running', '?tab=jobs', '?tab=audit'])('%s is accessible', async (path) => {
    const page = await open('admin', path, { theme });
    await settled(page);
    expect(await accessibilityProblems(page)).toEqual([]);
  });
  test('the preview is accessible', async () => {
    const page = await open('admin', '?search=2026', { theme });
    await preview(page);
    await page.mouse.move(0, 0);
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});
