/** Chromium for the tests of a file: who opens a page has a role and a theme. */
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { chromium as findChromium } from '../../demo/servers/index.ts';
import type { Role } from '../preview/users.ts';
import type { Grafana } from './grafana.ts';

export type Theme = 'light' | 'dark';

/**
 * Each has a profile on disk, for there alone Chromium keeps compiled scripts: without them every page compiles Grafana's
 * packages again, which takes longer than all else that a test does.
 */
export class Visitors {
  readonly #grafana: Grafana | undefined;
  readonly #profiles = new Map<string, BrowserContext>();

  constructor(grafana: Grafana | undefined) {
    this.#grafana = grafana;
  }

  async open(role: Role, theme: Theme): Promise<Page> {
    // A login is one profile's; the preview is told with each request, so that all may share what is compiled.
    const profile = await this.#profile(this.#grafana ? role : 'preview', role);
    const page = await profile.newPage();
    await page.emulateMedia({ colorScheme: theme });
    if (!this.#grafana) await page.setExtraHTTPHeaders({ cookie: `pgvigil_preview=${role}.${theme}` });
    return page;
  }

  async #profile(name: string, role: Role): Promise<BrowserContext> {
    const known = this.#profiles.get(name);
    if (known) return known;
    const { file, args, env } = await findChromium();
    const profile = await chromium.launchPersistentContext('', {
      executablePath: file,
      // Without its own sandbox: test machines are often containers, which have no rights to make one.
      args: [...args, '--no-sandbox'],
      env: env as Record<string, string>,
      viewport: { width: 1280, height: 800 },
    });
    this.#profiles.set(name, profile);
    await this.#grafana?.signIn(profile, role);
    return profile;
  }

  async close(): Promise<void> {
    for (const profile of this.#profiles.values()) await profile.close();
    this.#profiles.clear();
  }
}
