/** Who blocks whom, found on the page and ended there; and that a viewer can do none of it. */
import type { Page } from 'playwright-core';
import { openSession, type Session, until } from '../../exporter/test/support/database.ts';
import type { Role } from '../preview/users.ts';
import { ask, PATIENCE_MS } from './ask.ts';
import { ROUNDING } from './figures.ts';
import { lastRun, secondsByClass } from './samples.ts';
import { accessibilityProblems, THEMES, useApp, type Visit } from './support.ts';

const app = useApp({ load: false });
const TABLE = 'e2e."Käufe ""2026"" 🛒"';
const sessions: Session[] = [];

beforeAll(async () => {
  await sql(
    `create role app login; create schema e2e; create table ${TABLE} (id int primary key, note text);
     insert into ${TABLE} values (1, ''), (2, ''); grant usage on schema e2e to app; grant select, update on ${TABLE} to app`,
  );
});
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.end()));
  await sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'`);
  await until('no session of the test is left', async () => (await running('true')).length === 0);
});

const sql = <R extends Record<string, unknown>>(text: string): Promise<R[]> =>
  app.stack.postgres.query<R>(text, 'musicdb');
/** Test sessions that meet a condition, from the server itself. */
const running = async (where: string): Promise<number[]> =>
  (await sql<{ pid: number }>(`select pid from pg_stat_activity where usename = 'app' and ${where} order by pid`)).map(
    ({ pid }) => pid,
  );
const connect = async (application: string): Promise<Session> => {
  const session = await openSession(app.stack.postgres.url('musicdb', 'app'), { application_name: application });
  sessions.push(session);
  return session;
};
async function open(role: Role, more: Omit<Visit, 'role'> = {}, query = ''): Promise<Page> {
  const page = await app.open(`/activity${query}`, { role, ...more });
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}

interface Quarrel {
  readonly blocker: Session;
  readonly victim: Session;
  /** Of the victim: settles when it is let go. */
  readonly waiting: Promise<unknown>;
}

/** One holds a row, and runs a statement meanwhile unless that is empty; the other waits for the row. */
async function quarrel(meanwhile: string): Promise<Quarrel> {
  const [blocker, victim] = [await connect('nightly "report"'), await connect('shop web')];
  await blocker.query('begin');
  await blocker.query(`update ${TABLE} set note = 'held' where id = 1`);
  if (meanwhile !== '') void blocker.query(meanwhile).catch(() => undefined);
  const waiting = victim.query(`update ${TABLE} set note = 'secret-literal-4711' where id = 1`);
  waiting.catch(() => undefined);
  await until('one waits for the other', async () => {
    const waits = await running(`pid = ${victim.pid} and wait_event_type = 'Lock'`);
    return waits.length === 1;
  });
  return { blocker, victim, waiting };
}

const tree = (page: Page) => page.getByRole('region', { name: 'Who blocks whom' });

it('the blocker is found, its query cancelled, and the one who waited goes on', async () => {
  const { blocker, victim, waiting } = await quarrel('select pg_sleep(600)');
  const page = await open('editor');
  await page.getByText(new RegExp(`^1 session waits for session ${blocker.pid}, for up to`)).waitFor();
  const blocked = await sql<{ by: number[] }>(`select pg_blocking_pids(${victim.pid}) as by`);
  expect(blocked[0].by).toEqual([blocker.pid]);
  const rows = await tree(page).getByRole('listitem').allInnerTexts();
  expect(rows[0]).toContain(`Session ${blocker.pid}`);
  expect(rows[1]).toContain(`Session ${victim.pid}`);

  await tree(page)
    .getByRole('button', { name: `Cancel query… session ${blocker.pid}` })
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/The session stays/).waitFor();
  await dialog.getByText('nightly "report"').waitFor();
  await dialog.getByRole('button', { name: `Cancel query (pid ${blocker.pid})` }).click();
  await dialog.getByText(`the query of session ${blocker.pid} was asked to stop`).waitFor();
  await dialog.getByText('It is in the audit.').waitFor();
  await waiting;
  // Cancel is not terminate: the session is still there.
  expect(await running(`pid = ${blocker.pid}`)).toEqual([blocker.pid]);
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await page.getByText('Nobody waits for anybody.').waitFor();

  const audit = await app.stack.postgres.query<{ login: string }>(
    `select login from pgvigil_state.audit where action = 'cancel' and event = 'done'`,
    'pgvigil',
  );
  expect(audit).toEqual([{ login: 'edgar' }]);
});

it('a session that is idle in transaction is ended by an admin', async () => {
  const { blocker, waiting } = await quarrel('');
  const page = await open('admin');
  const root = tree(page).getByRole('listitem').first();
  await root.getByText(/idle in transaction for/).waitFor();
  await root.getByRole('button', { name: `Terminate session… session ${blocker.pid}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/its transaction is lost/).waitFor();
  await dialog.getByRole('button', { name: `Terminate session (pid ${blocker.pid})` }).click();
  await dialog.getByText(`session ${blocker.pid} was ended`).waitFor();
  await waiting;
  expect(await running(`pid = ${blocker.pid}`)).toEqual([]);
});

it('one that ended by itself meanwhile is said so in place', async () => {
  const { blocker } = await quarrel('');
  const page = await open('admin');
  await tree(page)
    .getByRole('button', { name: `Terminate session… session ${blocker.pid}` })
    .click();
  await blocker.end();
  await until('that it is gone', async () => (await running(`pid = ${blocker.pid}`)).length === 0);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: `Terminate session (pid ${blocker.pid})` }).click();
  await dialog.getByText(/had ended|has ended|is not there|gone/).waitFor();
});

it('a viewer sees who blocks whom, without literals, and can do nothing, by page and by request', async () => {
  const { blocker, victim } = await quarrel('select pg_sleep(600)');
  const page = await open('viewer');
  await tree(page).getByText(`Session ${blocker.pid}`).waitFor();
  expect(await page.getByRole('button', { name: /Cancel query|Terminate session/ }).count()).toBe(0);
  await page.getByText('Editors and admins may use “Cancel query”').waitFor();
  await page.getByText('Admins may use “Terminate session”').waitFor();
  expect(await page.locator('body').innerText()).not.toContain('secret-literal-4711');
  for (const [role, action, status] of [
    ['viewer', 'cancel', 403],
    ['viewer', 'terminate', 403],
    ['editor', 'terminate', 403],
  ] as const) {
    const [{ start }] = await sql<{ start: string }>(
      `select backend_start::text as start from pg_stat_activity where pid = ${blocker.pid}`,
    );
    const params = { session: { pid: blocker.pid, backendStart: start } };
    const answer = await ask(app, role, `actions/${action}/session`, { params });
    expect([role, action, answer]).toEqual([role, action, status]);
  }
  expect(await running(`state = 'active'`)).toEqual([blocker.pid, victim.pid].sort((a, b) => a - b));

  const admins = await open('admin');
  await tree(admins)
    .getByText(/secret-literal-4711/)
    .waitFor();
});

it('as many sessions are listed as the server has; idle ones can be hidden; the search is in the link', async () => {
  for (let number = 0; number < 3; number++) await connect(`pool ${number}`);
  const busy = await connect('pool busy');
  void busy.query('select pg_sleep(600)').catch(() => undefined);
  const page = await open('viewer', {}, '?search=pool');
  const listed = page.getByRole('table', { name: 'Sessions' }).getByRole('button', { name: /^Session \d+$/ });
  await listed.nth(3).waitFor();
  const pids = async () => (await listed.allInnerTexts()).map(Number).sort((a, b) => a - b);
  expect(await pids()).toEqual(await running(`application_name like 'pool%'`));
  await page.getByText('Hide idle').click();
  await listed.nth(1).waitFor({ state: 'detached' });
  expect(await pids()).toEqual(await running(`application_name like 'pool%' and state <> 'idle'`));
  expect(page.url()).toContain('idle=hide');
});

it('a paused page stays as it was, with its time in the link, until it is resumed', async () => {
  const page = await open('viewer', {}, '?search=straggler');
  await page.getByText(/^as of/).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText(/^paused at/).waitFor();
  expect(new URL(page.url()).searchParams.get('paused')).toMatch(/^\d{4}-.*Z$/);
  await connect('straggler');
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  // The bar's line asks every 15 s: by then a page that did not pause would have asked five times.
  await page.waitForRequest(/api\/v1\/status/, { timeout: 20_000 });
  expect(requests.filter((url) => url.includes('/api/v1/activity'))).toEqual([]);
  expect(await page.getByRole('button', { name: /^Session \d+$/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: /^Session \d+$/ }).waitFor();

  await page.goto(`${page.url()}&paused=2026-01-01T00:00:00.000Z`);
  await page.getByText(/Nothing is recorded of that time/).waitFor();
});

it('the history of waits has the figures of the samples; a paused link shows what was recorded then', async () => {
  await quarrel('select pg_sleep(600)');
  let run: Date[] = [];
  let sums: Record<string, number> = {};
  await until(
    'the samples have both waits in snapshots without a gap',
    async () => {
      run = await lastRun(app);
      if (run.length === 0) return false;
      sums = await secondsByClass(app, run[0], run[run.length - 1]);
      return sums.Lock > 0 && sums.Timeout > 0;
    },
    120,
  );
  const [from, to] = [run[0], run[run.length - 1]].map((at) => at.getTime());
  const page = await open('viewer', {}, `?from=${from}&to=${to}`);
  const legend = page.getByRole('figure').getByRole('listitem');
  await legend.filter({ hasText: 'on average' }).waitFor();
  const shown = (await legend.allInnerTexts()).slice(0, -1).map((text) => text.trim().split(/\s+/));
  expect(shown.map(([type]) => type).sort()).toEqual(Object.keys(sums).sort());
  for (const [type, figure] of shown) {
    const real = (sums[type] * 1000) / (to - from);
    expect(Math.abs(Number(figure) - real)).toBeLessThanOrEqual(ROUNDING * real + 0.0005);
  }

  let seen = 1;
  while (!((await secondsByClass(app, run[seen - 1], run[seen])).Lock > 0)) seen++;
  const middle = new Date((run[seen - 1].getTime() + run[seen].getTime()) / 2).toISOString();
  const link = await open('viewer', {}, `?paused=${middle}&search=shop+web`);
  const row = link.getByRole('table', { name: 'Sessions seen then' }).getByRole('row').nth(1);
  await row.getByText('Lock · transactionid').waitFor();
  await row.getByText('app · shop web').waitFor();
  expect(await link.locator('body').innerText()).not.toContain('secret-literal-4711');
});

it('by keyboard: / searches, arrows move between sessions, Enter opens, Escape closes; focus survives a refresh', async () => {
  for (let number = 0; number < 2; number++) await connect(`pool ${number}`);
  const page = await open('viewer');
  await page.getByRole('table', { name: 'Sessions' }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('pool');
  await page.waitForURL(/search=pool/);
  const listed = page.getByRole('table', { name: 'Sessions' }).getByRole('button', { name: /^Session \d+$/ });
  await listed.nth(2).waitFor({ state: 'detached' });
  await listed.first().focus();
  await page.keyboard.press('ArrowDown');
  const second = await listed.nth(1).innerText();
  await page.waitForResponse(/api\/v1\/activity\?/);
  await page.waitForResponse(/api\/v1\/activity\?/);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(second);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: `Session ${second}` }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

it.each(THEMES)('is accessible in %s, with the tree and with the dialog', async (theme) => {
  await quarrel('select pg_sleep(600)');
  const page = await open('admin', { theme });
  await tree(page)
    .getByRole('button', { name: /^Cancel query/ })
    .first()
    .waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await tree(page)
    .getByRole('button', { name: /^Cancel query/ })
    .first()
    .click();
  await page.getByRole('dialog').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
});

it('says what is missing when the exporter is down, and stays', async () => {
  const page = await open('viewer');
  await page.getByText('Nobody waits for anybody.').waitFor();
  app.allowErrors(page, /502|plugin-proxy/);
  await page.route('**/api/v1/activity?**', (route) => route.fulfill({ status: 502, body: '' }));
  await page
    .getByText(/Sessions: .*cannot reach the exporter/i)
    .first()
    .waitFor();
  // What was known stays to be read.
  await page.getByText('Nobody waits for anybody.').waitFor();
});
