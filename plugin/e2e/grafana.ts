/** A real Grafana that runs somewhere (`GRAFANA_URL`) with the app installed: pointed at the test's exporter. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { PANEL_OPTIONS, type Stack } from '../../demo/stack.ts';
import { type Role, USERS } from '../preview/users.ts';

const DIST = join(import.meta.dirname, '..', 'dist');
const PASSWORD = 'only-for-this-test';
export const DASHBOARD = 'pgvigil-e2e';
/** As the preview's dashboard has them. */
const VARIABLES = ['target', 'database'];

interface PluginJson {
  readonly id: string;
  readonly includes: readonly { readonly type: string; readonly name: string; readonly path: string }[];
}

const pluginJson = (): PluginJson => JSON.parse(readFileSync(join(DIST, 'plugin.json'), 'utf8')) as PluginJson;

export class Grafana {
  readonly url: string;
  readonly #admin: { readonly user: string; readonly password: string };

  constructor(url: string, env: NodeJS.ProcessEnv) {
    this.url = url.replace(/\/$/, '');
    this.#admin = { user: env.GRAFANA_USER ?? 'admin', password: env.GRAFANA_PASSWORD ?? 'admin' };
  }

  /** Settings of the app, a user for each role. @returns Grafana's version. */
  async prepare({ exporter, secrets }: Stack): Promise<string> {
    await this.configure(exporter.url, secrets);
    for (const { login, name, orgRole } of [USERS.viewer, USERS.editor]) {
      await this.#call('POST', '/api/admin/users', { login, name, password: PASSWORD }).catch(() => undefined);
      const { id } = (await this.#call('GET', `/api/users/lookup?loginOrEmail=${login}`)) as { id: number };
      await this.#call('PUT', `/api/admin/users/${id}/password`, { password: PASSWORD });
      await this.#call('PATCH', `/api/org/users/${id}`, { role: orgRole });
    }
    return ((await this.#call('GET', '/api/health')) as { version: string }).version;
  }

  /** Gives the dashboard its variables and panels. @param options by the panel's id, beside those of the stack. */
  async dashboard(options: Readonly<Record<string, object>> = {}): Promise<void> {
    const panels = pluginJson().includes.filter(({ type }) => type === 'panel');
    const usual: Record<string, object> = PANEL_OPTIONS;
    await this.#call('POST', '/api/dashboards/db', {
      overwrite: true,
      dashboard: {
        uid: DASHBOARD,
        title: 'pgvigil e2e',
        schemaVersion: 39,
        templating: { list: VARIABLES.map((name) => ({ type: 'textbox', name, query: '' })) },
        panels: panels.map(({ name, path }, i) => {
          const { id: type } = JSON.parse(readFileSync(join(DIST, path), 'utf8')) as PluginJson;
          const gridPos = { x: 0, y: 10 * i, w: 24, h: 10 };
          return { id: i + 1, type, title: name, gridPos, options: { ...usual[type], ...options[type] } };
        }),
      },
    });
  }

  /** Settings of the app, as its configuration page saves them. */
  async configure(url: string, { read, write }: Stack['secrets']): Promise<void> {
    await this.#call('POST', `/api/plugins/${pluginJson().id}/settings`, {
      enabled: true,
      pinned: true,
      jsonData: { url },
      secureJsonData: { readSecret: read, writeSecret: write },
    });
  }

  async signIn(context: BrowserContext, role: Role): Promise<void> {
    if (role === 'anonymous') return;
    const { user, password } = this.#login(role);
    const answer = await context.request.post(`${this.url}/login`, { data: { user, password } });
    if (!answer.ok()) throw new Error(`Grafana refuses ${user}: ${answer.status()} ${await answer.text()}`);
  }

  /** For requests without a page; empty for who is not signed in. */
  authorization(role: Role): string {
    if (role === 'anonymous') return '';
    const { user, password } = this.#login(role);
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }

  #login(role: Role): { user: string; password: string } {
    return role === 'admin' ? this.#admin : { user: USERS[role].login, password: PASSWORD };
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method,
      headers: { Authorization: this.authorization('admin'), 'Content-Type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Grafana: ${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }
}
