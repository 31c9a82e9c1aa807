/** What pages say when a part is away, missing or forbidden; and that they come back. One stack, several exporters. */
import type { Page } from 'playwright-core';
import { type RunningExporter, startExporter } from '../../demo/exporter.ts';
import { freePort, type PostgresServer, startPostgres } from '../../demo/servers/index.ts';
import { openSession, type Session, until } from '../../exporter/test/support/database.ts';
import type { Role } from '../preview/users.ts';
import { ask, PATIENCE_MS } from './ask.ts';
import {
  accessibilityProblems,
  ANONYMOUS,
  CONFIGURATION,
  says,
  settled,
  THEMES,
  useApp,
  type Visit,
} from './support.ts';

const app = useApp({ load: false });
// Many pages in both themes: a busy machine takes its time.
jest.setTimeout(300_000);
/** A request that failed is a line in the browser's console. */
const FAILED_REQUEST = /Failed to load resource.*plugin-proxy/;
const STATEMENT = 'unhappy_needle';
let queryId = '';
/** A server of its own, to be stopped; in it nobody has prepared anything. */
let other: PostgresServer;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  // What was there before the first snapshot has no figures until it is called again.
  await until('the history has begun', async () => {
    const points = await sql("select from pgvigil_state.point where stream = 'statement'", 'pgvigil');
    return points.length > 0;
  });
  await sql(`create table ${STATEMENT} (id int); select count(*) from ${STATEMENT}`);
  const [row] = await sql<{ id: string }>(
    `select queryid::text as id from pg_stat_statements where query like 'select count(*) from ${STATEMENT}%'`,
  );
  queryId = row.id;
  other = await startPostgres({ major: 18 });
  await other.query('create role exporter login; grant pg_monitor to exporter');
  await until('the statement is in the history', async () => (await kept()) > 0);
}, 120_000);
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => other?.stop('immediate'));

const sql = <R extends Record<string, unknown>>(text: string, database = 'musicdb'): Promise<R[]> =>
  app.stack.postgres.query<R>(text, database);
const kept = async (): Promise<number> =>
  (await sql(`select from pgvigil_state.statement where query_id = ${queryId}`, 'pgvigil')).length;

interface Changes {
  /** Flags that it gets none of. */
  readonly without?: RegExp;
  readonly env?: Readonly<Record<string, string>>;
  readonly port?: number;
}

/** Another exporter, like the stack's but for these; the app asks it until the end of the test. */
async function exporter({ without, env, port }: Changes): Promise<RunningExporter> {
  const { args = [], env: usual } = app.stack.exporterOptions;
  const kept = args.filter((arg) => !(without?.test(arg) || arg.startsWith('--actions.journal-file')));
  const all = Object.entries({ ...usual, ...env }).filter(([, value]) => value !== '');
  const running = await startExporter({
    port: port ?? (await freePort()),
    args: [...kept, '--actions.journal-file=journal.ndjson'],
    env: Object.fromEntries(all),
  });
  closers.push(() => running.stop());
  await app.lookAt(running);
  return running;
}

/** Others cost more: it would not stay on the first page of all. */
const list = (): string => `/queries?search=${queryId}`;
const detail = (): string => `/queries/${queryId}?database=musicdb&from=now-15m&to=now`;
async function open(path: string, visit: Visit = {}): Promise<Page> {
  const page = await app.open(path, visit);
  page.setDefaultTimeout(PATIENCE_MS);
  app.allowErrors(page, FAILED_REQUEST);
  return page;
}
const refresh = (page: Page) => page.getByTestId('data-testid RefreshPicker run button').click();

type Look = readonly [name: string, path: string, texts: readonly (string | RegExp)[], role?: Role];
/** Pages at a time: each waits for the network most of its time. */
const AT_ONCE = 4;

/** In both themes: the pages say this, and are accessible while they do. */
async function looks(...expected: readonly Look[]): Promise<void> {
  const waiting = expected.flatMap((one) => THEMES.map((theme) => ({ one, theme })));
  const visit = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [name, path, texts, role = 'admin'] = next.one;
      const page = await open(path, { theme: next.theme, role });
      for (const text of texts) await says(page, text);
      await settled(page);
      expect([name, next.theme, await accessibilityProblems(page)]).toEqual([name, next.theme, []]);
      await page.close();
    }
  };
  const ended = await Promise.allSettled(
    Array.from({ length: AT_ONCE }, () =>
      visit().catch((error: unknown) => {
        waiting.length = 0;
        throw error;
      }),
    ),
  );
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
}

describe('the exporter is stopped', () => {
  const CURE = 'Is it running, and is its address right on the configuration page?';
  let running: RunningExporter;
  beforeEach(async () => {
    running = await exporter({});
  });

  test('a page that was open says so, keeps what it had, and comes back', async () => {
    const pages = [
      [await open(list()), STATEMENT],
      [await open(detail()), STATEMENT],
      [await open('/activity'), 'Nobody waits for anybody.'],
      [await open('/maintenance'), /dead rows/],
    ] as const;
    for (const [page, text] of pages) await says(page, text);
    await running.stop();
    for (const [page, text] of pages) {
      await refresh(page);
      await says(page, 'Grafana cannot reach the exporter.');
      await says(page, CURE);
      await says(page, text);
    }
    await exporter({ port: running.port });
    for (const [page, text] of pages) {
      await refresh(page);
      await page.getByText('Grafana cannot reach the exporter.').first().waitFor({ state: 'detached' });
      await says(page, text);
    }
  });

  test('a page that is opened says which part failed and the cure, and comes by itself when it is back', async () => {
    await running.stop();
    const said = ['Grafana cannot reach the exporter.', CURE];
    await looks(
      ['no-exporter', '/queries', said],
      ['no-exporter-query', detail(), said],
      ['no-exporter-activity', '/activity', said],
      ['no-exporter-maintenance', '/maintenance?tab=audit', said],
      ['no-exporter-configuration', CONFIGURATION, ["Grafana's server cannot reach", 'Is the exporter running']],
      ['no-exporter-panels', '/panels', ['Statements: Grafana cannot reach', 'Exporter: Grafana cannot reach']],
    );
    const page = await open(list());
    await says(page, CURE);
    await exporter({ port: running.port });
    await says(page, STATEMENT, 60);
    expect(await page.getByText('Grafana cannot reach').count()).toBe(0);
  });
});

test('without a state database: no history and no jobs, with the cure; activity and cancel work', async () => {
  await exporter({ env: { PGVIGIL_STATE_URL: '' } });
  const said = ['there is no state database', 'Set PGVIGIL_STATE_URL to a PostgreSQL database'];
  await looks(
    ['no-state', '/queries', said],
    ['no-state-query', detail(), said],
    ['no-state-jobs', '/maintenance?tab=jobs', said],
    ['no-state-audit', '/maintenance?tab=audit', said],
    ['no-state-findings', '/maintenance', said],
    ['no-state-benchmarks', '/benchmarks', said],
    ['no-state-panels', '/panels', said],
    ['no-state-configuration', CONFIGURATION, said],
  );
  const busy = await session('musicdb', 'musicdb_shop');
  const stopped = busy.query('select pg_sleep(600)').catch((error: Error) => error.message);
  const page = await open('/activity?search=unhappy');
  await page.getByRole('button', { name: `Cancel query… session ${busy.pid}` }).click();
  await page.getByRole('button', { name: `Cancel query (pid ${busy.pid})` }).click();
  await says(page, `the query of session ${busy.pid} was asked to stop`);
  expect(await stopped).toMatch(/canceling statement due to user request/);
});

describe('nothing may be changed', () => {
  test.each([
    ['role', { env: { PGVIGIL_MAINTENANCE_CONNECTION_STRING: '' } }, 'it has no maintenance role'],
    ['secret', { without: /^--api\.write-secret-file/ }, 'there is no write secret'],
  ] as const)('without a maintenance %s: no button, and the reason', async (what, change, reason) => {
    await exporter(change);
    await sql(
      `drop table if exists never_analyzed; create table never_analyzed with (autovacuum_enabled = false) as select generate_series(1, 2000) as id`,
    );
    const busy = await session('musicdb', 'musicdb_shop');
    busy.query('select pg_sleep(600)').catch(() => undefined);
    await looks(
      [`no-${what}-findings`, '/maintenance?search=never_analyzed', [/never analyzed/, reason]],
      [`no-${what}-activity`, '/activity?search=unhappy', [new RegExp(`^${busy.pid}$`), reason]],
      [`no-${what}-configuration`, CONFIGURATION, [reason]],
    );
    for (const path of ['/maintenance?search=never_analyzed', '/activity?search=unhappy', detail()]) {
      const page = await open(path);
      await settled(page);
      const deeds = page.getByRole('button', {
        name: /^(Cancel query|Terminate|Analyze…|Vacuum…|New action|Create this)/,
      });
      expect([path, await deeds.allInnerTexts()]).toEqual([path, []]);
    }
    const [{ start }] = await sql<{ start: string }>(
      `select backend_start::text as start from pg_stat_activity where pid = ${busy.pid}`,
    );
    const params = { session: { pid: busy.pid, backendStart: start.replace(' ', 'T') } };
    expect(await ask(app, 'admin', 'actions/terminate/session', { params })).toBeGreaterThanOrEqual(400);
    expect(await sql(`select from pg_stat_activity where pid = ${busy.pid}`)).toHaveLength(1);
  });
});

test('an empty server: no extension, no table, no statement; each page says what would be there and how to get it', async () => {
  await exporter({
    env: {
      DATA_SOURCE_NAME: other.url('postgres', 'exporter'),
      PGVIGIL_MAINTENANCE_CONNECTION_STRING: other.url('postgres', 'exporter'),
    },
  });
  await looks(
    ['empty', '/queries', ['No statements in this window', /create extension pg_stat_statements/]],
    ['empty-query', '/queries/1?from=now-1h&to=now', [/no statement|not recorded|nothing/i]],
    ['empty-activity', '/activity', ['Nobody waits for anybody.']],
    ['empty-maintenance', '/maintenance', ['Nothing needs doing']],
    ['empty-panels', '/panels', ['No statements in this window', /No table, index or view of this name/]],
  );
});

test('the monitored server is stopped: what is kept stays, what is live says why, and comes back', async () => {
  await other.query('create database shop');
  await other.query('create extension if not exists pg_stat_statements');
  await exporter({
    env: {
      DATA_SOURCE_NAME: other.url('postgres', 'exporter'),
      PGVIGIL_MAINTENANCE_CONNECTION_STRING: other.url('postgres', 'exporter'),
    },
  });
  // What this exporter sees first is recorded soon, not at once.
  const queries = await open('/queries?from=now-15m&to=now&refresh=5s');
  const first = queries.getByRole('table', { name: 'Statements' }).getByRole('link').first();
  await first.waitFor({ timeout: 60_000 });
  const link = (await first.getAttribute('href'))!.replace(/^.*(?=\/queries\/)/, '');
  const activity = await open('/activity');
  await says(activity, 'Nobody waits for anybody.');
  process.kill(other.pid, 'SIGINT');
  const gone = [
    new RegExp(`127\\.0\\.0\\.1:${other.port}.*(refused|not accept|shutting down)`),
    'Check that the server runs',
  ];
  for (const text of ['Sessions:', ...gone]) await says(activity, text);
  await says(activity, 'Nobody waits for anybody.');
  await looks(
    ['no-server', '/queries?from=now-15m&to=now', ['target is down', /statements? of this window/]],
    ['no-server-query', link, ['target is down', 'Plan:', ...gone]],
    ['no-server-activity', '/activity', ['target is down', 'Sessions:', ...gone]],
    ['no-server-maintenance', '/maintenance', ['target is down', 'Findings:', ...gone]],
    ['no-server-audit', '/maintenance?tab=audit', ['target is down', 'Nothing was done yet']],
    ['no-server-configuration', CONFIGURATION, [gone[0]]],
    ['no-server-panels', '/panels', [gone[0]]],
  );
  await other.restart();
  await activity.getByText('Sessions:').first().waitFor({ state: 'detached', timeout: 30_000 });
  await activity.getByText('target is down').waitFor({ state: 'detached', timeout: 30_000 });
});

test('5,000 tables: what needs doing is listed and found, and counted as the server counts', async () => {
  await sql('create database many');
  await sql(
    `do $$ begin
       for n in 1..5000 loop
         -- Just large enough for a finding, and only for the one that it was never analyzed.
         execute format('create table %I with (autovacuum_enabled = false, autovacuum_vacuum_insert_threshold = 9999)
                           as select generate_series(1, 1001) as id', 'table ' || n);
         if n % 500 = 0 then commit; end if;
       end loop;
     end $$`,
    'many',
  );
  const [{ tables }] = await sql<{ tables: string }>(
    `select to_char(count(*), 'FM9,999') as tables from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
    'many',
  );
  expect(tables).toBe('5,000');
  const page = await open('/maintenance?database=many');
  await says(page, `${tables} findings`);
  expect(await page.getByRole('table', { name: 'Findings' }).locator('tbody tr').count()).toBe(25);
  await page.getByLabel('Search findings').fill('table 4711');
  await says(page, '1 finding');
  await page.getByRole('button', { name: 'New action' }).click();
  await page.getByRole('menuitem', { name: 'Vacuum…', exact: true }).click();
  await page
    .getByRole('dialog')
    .getByRole('combobox', { name: /^Table/ })
    .click();
  await page.keyboard.type('4711');
  await page.getByRole('option', { name: /table 4711/ }).click();
  await page.getByRole('button', { name: 'Preview…' }).click();
  expect(await page.getByLabel('SQL', { exact: true }).innerText()).toBe('vacuum public."table 4711";');
  await looks(['many', '/maintenance?database=many', [`${tables} findings`]]);
});

describe('names with emoji and quotes', () => {
  const DATABASE = `Läden "2026" 🛒`;
  const ROLE = `Zoë "dba" o'Brien 🎸`;
  const TABLE = `Bons "🧾" d'été`;
  const SQL_TABLE = `"Kasse ""1"""."Bons ""🧾"" d'été"`;
  const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
  const where = `database=${encodeURIComponent(DATABASE)}`;

  beforeAll(async () => {
    await sql(`create database ${quoted(DATABASE)}`);
    await sql(
      `create role ${quoted(ROLE)} login; grant ${quoted(ROLE)} to pgvigil_owners;
       create schema "Kasse ""1""" authorization ${quoted(ROLE)};
       create table ${SQL_TABLE} with (autovacuum_enabled = false) as select i as id, 'Käufer ' || i % 100 as "Wer ""🧍""?" from generate_series(1, 20000) i;
       alter table ${SQL_TABLE} owner to ${quoted(ROLE)}`,
      DATABASE,
    );
  });

  test('every page writes them as they are', async () => {
    const zoe = await session(DATABASE, ROLE);
    for (let run = 0; run < 5; run++)
      await zoe.query(`select id from ${SQL_TABLE} where "Wer ""🧍""?" = 'Käufer ${run}'`);
    const [{ id }] = await sql<{ id: string }>(
      `select queryid::text as id from pg_stat_statements where query like 'select id from%Bons%Wer%'`,
    );
    await zoe.query('begin');
    await until('it is in the history', async () => {
      const rows = await sql(`select from pgvigil_state.statement where query_id = ${id}`, 'pgvigil');
      return rows.length > 0;
    });
    const ofZoe = `${where}&user=${encodeURIComponent(ROLE)}&from=now-15m&to=now`;
    await looks(
      ['names', `/queries?${ofZoe}&search=${id}`, [/Bons ""🧾""/, ROLE, '1 statement']],
      ['names-query', `/queries/${id}?${ofZoe}`, [/Seq Scan on .*Bons/, ROLE]],
      ['names-indexes', `/queries/${id}?${ofZoe}&tab=indexes`, [/Bons "🧾" d'été: btree \(Wer "🧍"\?\)/]],
      ['names-activity', `/activity?${where}&search=Zo%C3%AB`, [ROLE, /idle in transaction/]],
      ['names-maintenance', `/maintenance?${where}`, [/Bons/]],
    );
    const options = { database: DATABASE, objects: [`Kasse "1".${TABLE}`], actions: ['analyze'] };
    await looks([
      'names-panels',
      `/panels?options-pgvigil-actions-panel=${encodeURIComponent(JSON.stringify(options))}`,
      [`Kasse "1".${TABLE}`, 'Analyze…'],
    ]);
  });

  test('the SQL quotes them, runs, and is in the audit', async () => {
    const page = await open(`/maintenance?${where}`);
    await page.getByRole('button', { name: `Analyze… Kasse "1".${TABLE}` }).click();
    expect(await page.getByLabel('SQL', { exact: true }).innerText()).toBe(
      `set role ${quoted(ROLE)};\nanalyze ${SQL_TABLE};`,
    );
    await page.getByRole('button', { name: `Analyze ${SQL_TABLE}` }).click();
    await says(page, /done after/);
    const [{ analyzed }] = await sql<{ analyzed: boolean }>(
      `select last_analyze is not null as analyzed from pg_stat_user_tables where relname = '${TABLE.replaceAll("'", "''")}'`,
      DATABASE,
    );
    expect(analyzed).toBe(true);
    await page.getByRole('link', { name: 'Its row in the audit' }).click();
    await page.getByRole('table', { name: 'Audit' }).getByText(`Analyze ${SQL_TABLE}`).first().waitFor();
  });
});

(ANONYMOUS ? test : test.skip)('who is not signed in sees what a viewer sees, and can do nothing', async () => {
  await looks(
    ['anonymous', list(), [STATEMENT, 'actions: on (not for Viewers)'], 'anonymous'],
    ['anonymous-activity', '/activity', ['Editors and admins may use “Cancel query”'], 'anonymous'],
    ['anonymous-maintenance', '/maintenance', ['Editors and admins may use'], 'anonymous'],
  );
  expect(await ask(app, 'anonymous', 'actions/vacuum/plan', { database: 'musicdb', params: { table: 1 } })).toBe(403);
});

/** Ended with the test. */
async function session(database: string, role: string): Promise<Session> {
  const opened = await openSession(app.stack.postgres.url(database, role), { application_name: 'unhappy "e2e" 🎻' });
  closers.push(() => opened.end());
  return opened;
}
