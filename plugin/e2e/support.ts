/**
 * Pages in a real browser, with real servers behind them: `const app = useApp()` at the top of a spec. In the preview,
 * or in the Grafana at `GRAFANA_URL` (admin: `GRAFANA_USER`, `GRAFANA_PASSWORD`).
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import type { RunningExporter } from '../../demo/exporter.ts';
import { type Stack, type StackOptions, startStack } from '../../demo/stack.ts';
import type { Role } from '../preview/users.ts';
import { PATIENCE_MS } from './ask.ts';
import { DASHBOARD, Grafana } from './grafana.ts';
import { type Theme, Visitors } from './visitors.ts';

export const THEMES: readonly Theme[] = ['light', 'dark'];
const APP = '/a/pgvigil-database-app';
export const CONFIGURATION = '/plugins/pgvigil-database-app';
const PICTURES = join(import.meta.dirname, '..', '..', 'docs', 'pictures');
const OPTIONS = 'options-';
const SOURCES = join(import.meta.dirname, '..', 'src');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** What Grafana itself asks for without the internet, and the configuration page's question about a job that is none. */
const EXPECTED = [/\/api\/gnet\//, /catalog/, /\/jobs\/00000000-0000-0000-0000-000000000000\/cancel/];

/** Whether visitors come in without a login: in a Grafana that is its own setting, in the preview one of its roles. */
export const ANONYMOUS = !process.env.GRAFANA_URL || Boolean(process.env.GRAFANA_ANONYMOUS);

export interface Visit {
  readonly role?: Role;
  readonly theme?: Theme;
}

export interface App {
  readonly stack: Stack;
  /** Undefined: the preview. */
  readonly grafana: Grafana | undefined;
  /** Of the preview or of Grafana. */
  readonly url: string;
  /** @param path below the app (`/queries`), or `CONFIGURATION`, or `/panels`: the dashboard with the panels. */
  open(path: string, visit?: Visit): Promise<Page>;
  /** From now on the app asks this exporter, until the end of the test. */
  lookAt(exporter: RunningExporter): Promise<void>;
  /** The page may log such errors: a test that stops the exporter will see them. */
  allowErrors(page: Page, pattern: RegExp): void;
}

/** Starts everything before the file's tests, ends it after them, and fails a test whose page logged an error. */
export function useApp(options: Partial<StackOptions> = {}): App {
  let stack: Stack | undefined;
  let elsewhere = false;
  const errors = new Map<Page, string[]>();
  const allowed = new Map<Page, RegExp[]>();
  const grafana = process.env.GRAFANA_URL ? new Grafana(process.env.GRAFANA_URL, process.env) : undefined;
  const visitors = new Visitors(grafana);

  beforeAll(async () => {
    stack = await startStack({ load: true, historySeconds: 2, usualPorts: false, ...options });
    if (grafana) console.log(`Grafana ${await grafana.prepare(stack)}`);
  }, 300_000);

  async function lookAt(url: string): Promise<void> {
    if (grafana) return grafana.configure(url, stack!.secrets);
    const answer = await fetch(`${stack!.preview.url}/api/plugins/pgvigil-database-app/settings`, {
      method: 'POST',
      body: JSON.stringify({ jsonData: { url } }),
    });
    if (!answer.ok) throw new Error(`the preview refuses settings: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  }

  afterEach(async () => {
    const seen = [...errors].map(([page, list]) =>
      list.filter((text) => ![...EXPECTED, ...(allowed.get(page) ?? [])].some((one) => one.test(text))),
    );
    for (const page of errors.keys()) await page.close();
    errors.clear();
    allowed.clear();
    if (elsewhere) await lookAt(stack!.exporter.url);
    elsewhere = false;
    expect(seen.flat()).toEqual([]);
  });

  afterAll(async () => {
    await visitors.close();
    await stack?.stop();
  }, 60_000);

  async function open(path: string, { role = 'admin', theme = 'dark' }: Visit = {}): Promise<Page> {
    const page = await visitors.open(role, theme);
    watch(page);
    const base = grafana?.url ?? stack!.preview.url;
    const [where = '', query = ''] = addressOf(path, grafana !== undefined).split('?');
    const params = new URLSearchParams(query);
    if (grafana) {
      params.set('theme', theme);
      if (path.startsWith('/panels')) await grafana.dashboard(optionsOf(params));
    }
    await page.goto(`${base}${where}?${params.toString()}`);
    return page;
  }

  function watch(page: Page): void {
    const list: string[] = [];
    errors.set(page, list);
    page.on('pageerror', (error) => list.push(error.stack ?? error.message));
    page.on('console', (message) => {
      // The browser's own line about a failed request does not name it in its text.
      if (message.type() === 'error') list.push(`${message.text()} (${message.location().url})`);
    });
  }

  return {
    get stack() {
      return stack!;
    },
    get url() {
      return grafana?.url ?? stack!.preview.url;
    },
    grafana,
    open,
    lookAt: ({ url }) => {
      elsewhere = true;
      return lookAt(url);
    },
    allowErrors: (page, pattern) => void allowed.set(page, [...(allowed.get(page) ?? []), pattern]),
  };
}

/** What the preview's address says of its panels' options. */
const optionsOf = (params: URLSearchParams): Record<string, object> =>
  Object.fromEntries(
    [...params]
      .filter(([name]) => name.startsWith(OPTIONS))
      .map(([name, value]) => [name.slice(OPTIONS.length), JSON.parse(value) as object]),
  );

function addressOf(path: string, inGrafana: boolean): string {
  if (path.startsWith('/panels')) return (inGrafana ? `/d/${DASHBOARD}` : '/d/preview') + path.slice('/panels'.length);
  return path.startsWith('/plugins/') ? path : APP + path;
}

/** Until the page shows this. @throws Error with what it shows instead: nobody can look at it afterwards. */
export async function says(page: Page, text: string | RegExp, seconds = PATIENCE_MS / 1000): Promise<void> {
  try {
    await page
      .getByText(text)
      .first()
      .waitFor({ timeout: seconds * 1000 });
  } catch (error) {
    const shown = await page.locator('body').innerText();
    throw new Error(`${(error as Error).message}\n\n${page.url()} shows:\n${shown}`, { cause: error });
  }
}

/** Until nothing is being loaded: no request under way, no skeleton, no spinner. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .react-loading-skeleton'));
}

/** What axe finds against WCAG 2.1 AA, as sentences; in Grafana only in our part of the page. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // Grafana shows what it opens little by little, and buttons change their colours so: half-way there is no contrast.
  await page.addStyleTag({ content: '*, ::before, ::after { transition: none !important }' });
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
  await page.evaluate(AXE);
  const results = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(context: unknown, options: unknown): Promise<AxeResults> } };
    const ours = ['main', '[role="dialog"]'].filter((part) => document.querySelector(part));
    // What passes is not written down, which would take longer than to find it.
    const options = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'] };
    return axe.run({ include: ours.map((part) => [part]) }, options);
  });
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ target, html, failureSummary }) =>
        `${id}: ${help}\n  ${target.join(' ')}\n  ${html.slice(0, 200)}\n  ${failureSummary ?? ''}`,
    ),
  );
}

/** Only when asked for, `PICTURES=1`: in the preview into docs/pictures; in Grafana what its catalogue shows, into the app. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!process.env.PICTURES) return;
  const listed = `img/${name}.png`;
  if (process.env.GRAFANA_URL && !screenshots().includes(listed)) return;
  const path = process.env.GRAFANA_URL ? join(SOURCES, listed) : join(PICTURES, `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path, animations: 'disabled' });
}

/** What the app shows of itself in Grafana's catalogue: paths in the app. */
export function screenshots(): string[] {
  const { info } = JSON.parse(readFileSync(join(SOURCES, 'plugin.json'), 'utf8')) as {
    info: { screenshots: { path: string }[] };
  };
  return info.screenshots.map(({ path }) => path);
}
