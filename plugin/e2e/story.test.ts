/** One story: the slow statement of the load is found, understood and cured, and what that brought is measured. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { openSession, until } from '../../exporter/test/support/database.ts';
import { PATIENCE_MS } from './ask.ts';
import { read, ROUNDING } from './figures.ts';
import { picture, settled, useApp } from './support.ts';

/** Seconds: the exporter measures effects over fifteen intervals. */
const INTERVAL = 2;
const EFFECT = 15 * INTERVAL;
const app = useApp({ historySeconds: INTERVAL });

/** What the server had counted of the statement at a moment, by its own clock. */
interface Sample extends Record<string, unknown> {
  at: Date;
  calls: number;
  seconds: number;
}
const samples: Sample[] = [];

const STATEMENT = `
  select clock_timestamp() as at, queryid::text as id, calls::float8, total_exec_time / 1000 as seconds
    from pg_stat_statements
   where query like '%album\\_title = $1%musicdb-missing-index%' and query like 'select%' order by calls desc limit 1`;

/** Samples all the while. */
async function whileSampling(work: () => Promise<void>): Promise<void> {
  const session = await openSession(app.stack.postgres.url('musicdb'), { application_name: 'e2e sampler' });
  let over = false;
  const sampling = (async () => {
    while (!over) {
      const [row] = (await session.query(STATEMENT)) as Sample[];
      if (row !== undefined) samples.push(row);
      await sleep(50);
    }
  })();
  await work().finally(() => (over = true));
  await sampling;
  await session.end();
}
const secondsOfSamples = (): number =>
  samples.length === 0 ? 0 : (samples.at(-1)!.at.getTime() - samples[0].at.getTime()) / 1000;

/** Least and greatest mean that the server counted between any two moments of these two spans. */
function meanBetween(begin: readonly [Date, Date], end: readonly [Date, Date]): [number, number] {
  const within = ([from, to]: readonly [Date, Date]) => samples.filter(({ at }) => at >= from && at <= to);
  const means = within(begin).flatMap((a) =>
    within(end)
      .filter((b) => b.calls > a.calls)
      .map((b) => (b.seconds - a.seconds) / (b.calls - a.calls)),
  );
  expect(means.length).toBeGreaterThan(0);
  return [Math.min(...means), Math.max(...means)];
}
const later = (time: Date, seconds: number): Date => new Date(time.getTime() + seconds * 1000);

function expectWithin(shown: string, [least, most]: readonly [number, number]): void {
  expect(read(shown)).toBeGreaterThanOrEqual(least * (1 - ROUNDING));
  expect(read(shown)).toBeLessThanOrEqual(most * (1 + ROUNDING));
}

const drawer = (page: Page) => page.getByRole('dialog');

test('slow query → plan → index → measured effect', () => whileSampling(story), 300_000);

async function story(): Promise<void> {
  const { postgres } = app.stack;
  await until('the load has run as long as effects are measured', () => secondsOfSamples() > EFFECT + INTERVAL, 120);
  const page = await app.open('/queries?from=now-15m&to=now');
  page.setDefaultTimeout(PATIENCE_MS);
  await page
    .getByRole('table', { name: 'Statements' })
    .getByRole('link', { name: /album_title = \$1/ })
    .first()
    .click();
  await page.waitForURL(new RegExp(`/queries/${String(samples[0].id)}\\?`));

  const plan = page.getByRole('table', { name: 'Plan for any parameters' });
  await plan.getByText('Seq Scan on musicdb.tracks').waitFor();
  await page.getByRole('tab', { name: 'Indexes to create' }).click();
  await page.getByRole('button', { name: 'Create this index…' }).first().click();

  // The form begins with what the statement needs.
  await drawer(page).getByText('album_title').first().waitFor();
  expect(
    await drawer(page)
      .getByRole('combobox', { name: /^Table/ })
      .inputValue(),
  ).toBe('musicdb.tracks');
  await drawer(page).getByRole('button', { name: 'Preview…' }).click();
  const sql = drawer(page).getByLabel('SQL', { exact: true });
  await sql.waitFor();
  const statement = await sql.innerText();
  // Only the owner may, so it runs as the owner.
  expect(statement).toMatch(
    /^set role musicdb_shop;\ncreate index concurrently \w+ on musicdb\.tracks using btree \(album_title(, track_number)?\);$/,
  );
  const [, index] = /concurrently (\w+)/.exec(statement)!;
  await drawer(page)
    .getByText(/Blocks nobody who reads or writes/)
    .waitFor();
  await settled(page);
  await picture(page, 'app-create-index-preview');
  await drawer(page)
    .getByRole('button', { name: /^Create index on/ })
    .click();
  await drawer(page)
    .getByText(/done after/)
    .waitFor({ timeout: 60_000 });
  await drawer(page).getByText('Verified', { exact: true }).waitFor();
  const built = await postgres.query<{ text: string; valid: boolean }>(
    `select pg_get_indexdef(indexrelid) as text, indisvalid as valid from pg_index
      where indexrelid = to_regclass('musicdb.${index}')`,
    'musicdb',
  );
  expect(built).toHaveLength(1);
  expect(built[0].valid).toBe(true);
  expect(built[0].text).toMatch(/ON musicdb\.tracks USING btree \(album_title/);

  // Fifteen intervals later: what it brought. The drawer asks every quarter of a minute.
  const row = drawer(page).getByRole('row', { name: /^Mean of select track_id, source, track_number/ });
  await row.waitFor({ timeout: (EFFECT + 45) * 1000 });
  const [job] = await postgres.query<{ began: Date; ended: Date }>(
    `select started_at as began, finished_at as ended from pgvigil_state.job where action = 'create_index' and state = 'done'`,
    'pgvigil',
  );
  const [before, after] = (await row.getByRole('cell').allInnerTexts()).slice(-3);
  const { began, ended } = job;
  expectWithin(
    before,
    meanBetween(
      [later(began, -EFFECT - 2 * INTERVAL), later(began, -EFFECT + 2 * INTERVAL)],
      [later(began, -2 * INTERVAL), began],
    ),
  );
  // Not a call of before may be counted as one of after: a few slow ones would hide what the index brought.
  expectWithin(
    after,
    meanBetween(
      [ended, later(ended, 2 * INTERVAL)],
      [later(ended, EFFECT - 2 * INTERVAL), later(ended, EFFECT + 2 * INTERVAL)],
    ),
  );
  expect(read(after)).toBeLessThan(read(before) / 2);
  await picture(page, 'app-create-index-effect');

  await drawer(page).getByRole('link', { name: 'Its row in the audit' }).click();
  const audit = page.getByRole('table', { name: 'Audit' });
  await audit.getByText(`${before} → ${after}`, { exact: false }).first().waitFor();

  await page.goto(
    `${app.url}/a/pgvigil-database-app/queries/${String(samples[0].id)}?database=musicdb&from=now-15m&to=now`,
  );
  await plan.getByText(new RegExp(`Index Scan using ${index}|Bitmap Index Scan on ${index}`)).waitFor();
  expect(await plan.getByText('Seq Scan').count()).toBe(0);
  await page.getByRole('tab', { name: 'Indexes to create' }).click();
  await page.getByText('Not needed:', { exact: false }).waitFor();
  expect(await page.getByRole('button', { name: 'Create this index…' }).count()).toBe(0);
}
