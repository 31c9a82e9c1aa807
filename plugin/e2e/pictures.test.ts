/**
 * Every page in both themes for `docs/pictures`, after minutes of load and some maintenance: only with `PICTURES=1`.
 * To be looked at by a person; what the pages do is shown by the other specs.
 */
import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { CONFIGURATION, picture, settled, THEMES, useApp } from './support.ts';
import type { Theme } from './visitors.ts';

const LOAD_MS = 270_000;
/** Half of the load, so that there is a window before to compare with. */
const WINDOW = 'from=now-2m&to=now';
const PATIENCE_MS = 60_000;

const wanted = process.env.PICTURES !== undefined;
if (!wanted) test.skip('pictures of the pages: set PICTURES=1', () => undefined);
else pictures();

function pictures(): void {
  const app = useApp({ historySeconds: 5 });
  beforeAll(() => setTimeout(LOAD_MS), LOAD_MS + 10_000);

  const drawer = (page: Page) => page.getByRole('dialog');
  async function open(path: string, theme: Theme): Promise<Page> {
    const page = await app.open(path, { theme });
    page.setDefaultTimeout(PATIENCE_MS);
    return page;
  }
  async function take(page: Page, name: string, theme: Theme): Promise<void> {
    await settled(page);
    // Icons come one by one, and nothing on the page tells when.
    await setTimeout(1000);
    await settled(page);
    await page.mouse.move(0, 0);
    await picture(page, `app-${name}-${theme}`);
  }
  /** A finding's preview, by the name of its button and of its object. */
  async function preview(page: Page, deed: string, object: string): Promise<void> {
    await page.getByRole('button', { name: `${deed}… musicdb.${object}` }).click();
    await drawer(page).getByLabel('SQL', { exact: true }).waitFor();
    await settled(page);
  }
  async function cure(deed: string, object: string): Promise<Page> {
    const page = await open('/maintenance', 'light');
    await preview(page, deed, object);
    await drawer(page)
      .getByRole('button', { name: new RegExp(`^[^…]*${object}`) })
      .click();
    return page;
  }
  /** Those findings of the page that meet a condition, in one drawer. */
  async function previewSeveral(page: Page, only?: RegExp): Promise<void> {
    if (!only) await page.getByText(/^All \d+ on this page/).click();
    else for (const box of await page.getByRole('checkbox', { name: only }).all()) await box.check({ force: true });
    await page.getByRole('button', { name: /^Run \d+ chosen actions…/ }).click();
    await drawer(page)
      .getByRole('button', { name: /^Run \d/, disabled: false })
      .waitFor();
  }
  const ends = (page: Page) =>
    drawer(page)
      .getByText(/done after/)
      .waitFor({ timeout: 120_000 });

  test.each(THEMES)(
    'what there is to see, %s',
    async (theme) => {
      const list = await open(`/queries?${WINDOW}`, theme);
      await list.getByRole('table', { name: 'Statements' }).getByRole('link').first().waitFor();
      await take(list, 'queries', theme);

      // Tall enough for what is below the charts.
      await list.setViewportSize({ width: 1280, height: 1100 });
      await list.getByPlaceholder('Search statements').fill('album_title =');
      await list
        .getByRole('link', { name: /album_title = \$1/ })
        .first()
        .click();
      await list.getByText('Seq Scan on musicdb.tracks', { exact: false }).first().waitFor();
      await take(list, 'query-plan', theme);
      for (const [tab, id, look] of [
        ['Indexes to create', 'index', 'Create this index…'],
        ['Tables and indexes', 'objects', 'Its plan uses no index'],
        ['Waits', 'waits', 'Session time'],
      ] as const) {
        await list.getByRole('tab', { name: tab }).click();
        await list.getByText(look).first().waitFor();
        await take(list, `query-${id}`, theme);
      }

      const activity = await open(`/activity?${WINDOW}`, theme);
      await activity.getByRole('region', { name: 'Who blocks whom' }).waitFor();
      // Otherwise it would be gone by the next look.
      await activity.getByRole('button', { name: 'Pause' }).click();
      await take(activity, 'activity', theme);
      // What somebody else sees who is given its link.
      const link = await open(`/activity${new URL(activity.url()).search}`, theme);
      await link.getByRole('table', { name: 'Sessions seen then' }).waitFor();
      await take(link, 'activity-past', theme);

      const findings = await open('/maintenance', theme);
      await findings
        .getByText(/dead rows/)
        .first()
        .waitFor();
      await take(findings, 'maintenance', theme);
      await preview(findings, 'Vacuum', 'play_counts');
      await drawer(findings)
        .getByRole('button', { name: /^Vacuum musicdb/, disabled: false })
        .waitFor();
      await take(findings, 'maintenance-preview', theme);
      const several = await open('/maintenance', theme);
      await previewSeveral(several);
      await take(several, 'maintenance-bulk', theme);

      const configuration = await open(CONFIGURATION, theme);
      await configuration.getByText('The exporter accepts the write secret.').waitFor();
      await take(configuration, 'configuration', theme);
      const panels = await open('/panels', theme);
      await panels.getByText('PostgreSQL queries').first().waitFor();
      await take(panels, 'panels', theme);
    },
    300_000,
  );

  test('what runs, and what it brought', async () => {
    await app.stack.postgres.query(
      "alter role pgvigil_maintenance set vacuum_cost_delay = '100ms'; alter role pgvigil_maintenance set vacuum_cost_limit = 60",
    );
    // Vacuum's pauses count pages that it makes dirty: those that are dirty already would be over in no time.
    await app.stack.postgres.query('checkpoint');
    const vacuum = await cure('Vacuum', 'play_counts');
    await drawer(vacuum)
      .getByText(/(scanning|vacuuming) (heap|indexes)/)
      .waitFor();
    for (const theme of THEMES) {
      const running = await open('/maintenance?tab=running', theme);
      await running.getByRole('progressbar').first().waitFor();
      await running.waitForLoadState('networkidle').catch(() => undefined);
      await picture(running, `app-maintenance-running-${theme}`);
    }
    await app.stack.postgres.query('alter role pgvigil_maintenance reset all');
    await ends(vacuum);
    for (const [theme, which] of [
      ['light', /Rebuild index|Refresh/],
      ['dark', /Drop|Analyze/],
    ] as const) {
      const several = await open('/maintenance', theme);
      await several.getByRole('checkbox', { name: which }).first().waitFor();
      await previewSeveral(several, which);
      await drawer(several)
        .getByRole('button', { name: /^Run \d/ })
        .click();
      await drawer(several)
        .getByText(/^(\d+) of \1 ended/)
        .waitFor({ timeout: 120_000 });
      await take(several, 'maintenance-bulk-done', theme);
    }
    for (const theme of THEMES) {
      await take(await open('/maintenance?tab=jobs', theme), 'maintenance-jobs', theme);
      const audit = await open('/maintenance?tab=audit', theme);
      await take(audit, 'maintenance-audit', theme);
      await audit
        .getByRole('row', { name: /Vacuum/ })
        .last()
        .getByRole('button', { name: 'Show job' })
        .click();
      await ends(audit);
      await take(audit, 'maintenance-job', theme);
    }
  }, 300_000);
}
