/** The panels on a dashboard: its window and variables are honoured, and a deed has its result in place. */
import { until } from '../../exporter/test/support/database.ts';
import { ask, PATIENCE_MS } from './ask.ts';
import { says, settled, useApp } from './support.ts';

const app = useApp({ load: false });
/** As the stack's dashboard has it. */
const TABLE = 'musicdb.ingestion_log';

const sql = <R extends Record<string, unknown>>(text: string, database = 'musicdb'): Promise<R[]> =>
  app.stack.postgres.query<R>(text, database);
const analyzed = async (): Promise<number> => {
  const [{ count }] = await sql<{ count: number }>(
    `select analyze_count::int as count from pg_stat_user_tables where relid = '${TABLE}'::regclass`,
  );
  return count;
};

test('an action is confirmed with its SQL, and its result is there in the panel', async () => {
  const before = await analyzed();
  const page = await app.open('/panels', { role: 'editor' });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.getByRole('button', { name: `Analyze… ${TABLE}` }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('button', { name: `Analyze ${TABLE}` }).waitFor();
  expect(await drawer.getByLabel('SQL', { exact: true }).innerText()).toBe(`set role musicdb_shop;\nanalyze ${TABLE};`);
  expect(await analyzed()).toBe(before);
  await drawer.getByRole('button', { name: `Analyze ${TABLE}` }).click();
  await says(page, /done after/);
  await until('the server has counted it', async () => (await analyzed()) === before + 1);
  await drawer.getByRole('button', { name: 'Close', exact: true }).last().click();
  await drawer.waitFor({ state: 'detached' });
  const row = page.getByRole('listitem').filter({ hasText: TABLE });
  await row.getByText(new RegExp(`Analyze ${TABLE}: +done`)).waitFor();
});

test('a viewer reads it, is told who may, and is offered nothing', async () => {
  const page = await app.open('/panels', { role: 'viewer' });
  await says(page, /Editors and admins may use .*“Analyze”.*“Vacuum”/);
  await says(page, /Admins may use .*“Vacuum and freeze”/);
  await settled(page);
  expect(await page.getByRole('button', { name: /^(Analyze|Vacuum|Reindex)/ }).count()).toBe(0);
  expect(await ask(app, 'viewer', 'actions/analyze/plan', { database: 'musicdb', params: { table: 1 } })).toBe(403);
});

test('the statements are those of the dashboard’s window', async () => {
  const needle = 'panels_needle';
  await sql(`create table ${needle} (id int)`);
  for (let run = 0; run < 3; run++) await sql(`select pg_sleep(0.5), count(*) from ${needle}`);
  const now = await app.open('/panels?from=now-5m&to=now');
  const table = now.getByRole('table', { name: 'Statements' });
  const [{ id }] = await sql<{ id: string }>(
    `select queryid::text as id from pg_stat_statements where query like 'select pg_sleep%${needle}'`,
  );
  await until('it is recorded', async () => {
    const rows = await sql(`select from pgvigil_state.statement where query_id = ${id}`, 'pgvigil');
    return rows.length > 0;
  });
  // A dashboard shows what it was given until it is refreshed.
  await now.reload();
  await table.getByRole('link', { name: new RegExp(needle) }).waitFor();
  const before = await app.open('/panels?from=now-30d&to=now-29d');
  await says(before, 'No statements in this window');
});

test('options: variables are filled in, and no more rows than asked', async () => {
  for (const database of ['musicdb', 'pgvigil']) {
    const options = JSON.stringify({ database: '$database', limit: 3 });
    const query = new URLSearchParams({ 'var-database': database, 'options-pgvigil-queries-panel': options });
    const page = await app.open(`/panels?${query.toString()}`);
    const links = page.getByRole('table', { name: 'Statements' }).getByRole('link');
    await links.nth(2).waitFor();
    const databases = await links.evaluateAll((all) =>
      all.map((link) => new URL((link as HTMLAnchorElement).href).searchParams.get('database')),
    );
    expect(databases).toEqual([database, database, database]);
  }
});
