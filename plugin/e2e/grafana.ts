/** A real Grafana that runs somewhere (`GRAFANA_URL`) with the app installed: pointed at the test's exporter. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { PANEL_OPTIONS, type Stack } from '../../demo/stack.ts';
import { type Role, USERS } from '../preview/users.ts';

const DIST = join(import.meta.dirname, '..', 'dist');
const PASSWORD = 'only-for-this-test';
export const DASHBOARD = 'pgvigil-e2e';

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

  /** Settings of the app, a user for each role, a dashboard with the panels. @returns Grafana's version. */
  async prepare({ exporter, secrets }: Stack): Promise<string> {
    await this.configure(exporter.url, secrets);
    for (const { login, name, orgRole } of [USERS.viewer, USERS.editor]) {
      await this.#call('POST', '/api/admin/users', { login, name, password: PASSWORD }).catch(() => undefined);
      const { id } = (await this.#call('GET', `/api/users/lookup?loginOrEmail=${login}`)) as { id: number };
      await this.#call('PUT', `/api/admin/users/${id}/password`, { password: PASSWORD });
      await this.#call('PATCH', `/api/org/users/${id}`, { role: orgRole });
    }
    const panels = pluginJson().includes.filter(({ type }) => type === 'panel');
    await this.#call('POST', '/api/dashboards/db', {
      overwrite: true,
      dashboard: {
        uid: DASHBOARD,
        title: 'pgvigil e2e',
        schemaVersion: 39,
        panels: panels.map(({ name, path }, i) => {
          const { id: type } = JSON.parse(readFileSync(join(DIST, path), 'utf8')) as PluginJson;
          const options = (PANEL_OPTIONS as Record<string, object>)[type] ?? {};
          return { id: i + 1, type, title: name, gridPos: { x: 0, y: 10 * i, w: 24, h: 10 }, options };
        }),
      },
    });
    return ((await this.#call('GET', '/api/health')) as { version: string }).version;
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
    if (role === 'anonymous') throw new Error('whether a Grafana lets anonymous visitors in is its own setting');
    const { user, password } = this.#login(role);
    const answer = await context.request.post(`${this.url}/login`, { data: { user, password } });
    if (!answer.ok()) throw new Error(`Grafana refuses ${user}: ${answer.status()} ${await answer.text()}`);
  }

  /** For requests without a page. */
  authorization(role: Role): string {
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
