import { accessibilityProblems, CONFIGURATION, screenshots, settled, THEMES, useApp } from './support.ts';

const app = useApp();

/** What each has when it is there. */
const PAGES: readonly (readonly [name: string, path: string, look: string])[] = [
  ['queries', '/queries', 'Search statements'],
  ['activity', '/activity', 'Search sessions'],
  ['maintenance', '/maintenance', 'Findings'],
  ['benchmarks', '/benchmarks', 'Search benchmarks'],
  ['runbooks', '/runbooks', 'Search runbooks'],
  ['a runbook', '/runbooks/PgBouncerDown', 'Mitigation'],
  ['configuration', CONFIGURATION, 'The exporter accepts the write secret.'],
  ['panels', '/panels', 'PostgreSQL queries'],
];

describe.each(THEMES)('%s', (theme) => {
  test.each(PAGES)('%s opens, logs no error, and is accessible', async (_, path, look) => {
    const page = await app.open(path, { theme });
    await page.getByText(look).or(page.getByPlaceholder(look)).first().waitFor();
    await settled(page);
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});

test('a link without a page leads to the first, and keeps what it says', async () => {
  const page = await app.open('?from=now-3h&to=now');
  await page.getByPlaceholder('Search statements').waitFor();
  await page.waitForURL(({ pathname, searchParams }) => pathname.endsWith('/queries') && searchParams.has('target'));
  const { searchParams } = new URL(page.url());
  expect(searchParams.get('from')).toBe('now-3h');
  expect(searchParams.get('target')).toBe(`127.0.0.1:${app.stack.postgres.port}`);
});

test('an exporter that is away is said once, with the cure; the page comes back with it', async () => {
  const page = await app.open('/queries');
  await page.getByPlaceholder('Search statements').waitFor();
  app.allowErrors(page, /502|plugin-proxy/);
  await page.route('**/api/plugin-proxy/**', (route) => route.fulfill({ status: 502, body: '' }));
  await page.getByTestId('data-testid RefreshPicker run button').click();
  await page.getByText('Grafana cannot reach the exporter.').first().waitFor();
  await page.unroute('**/api/plugin-proxy/**');
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await page.getByText('Grafana cannot reach the exporter.').first().waitFor({ state: 'detached' });
});

test('a runbook is found and read while the exporter is away', async () => {
  const page = await app.open('/runbooks?search=pgbouncer', { role: 'viewer' });
  app.allowErrors(page, /502|plugin-proxy/);
  await page.route('**/api/plugin-proxy/**', (route) => route.fulfill({ status: 502, body: '' }));
  await page.getByRole('link', { name: 'PgBouncerDown' }).click();
  await page.getByRole('heading', { name: 'Mitigation' }).waitFor();
  expect(await page.getByText('Grafana cannot reach the exporter.').count()).toBe(0);
});

test('a runbook that is not there is said', async () => {
  const page = await app.open('/runbooks/SomethingElse');
  await page.getByText('There is no runbook for SomethingElse').waitFor();
  await page.getByRole('link', { name: 'All runbooks' }).click();
  await page.getByPlaceholder('Search runbooks').waitFor();
});

test('the build has what the catalogue shows of the app', async () => {
  for (const path of screenshots()) {
    const answer = await fetch(`${app.url}/public/plugins/pgvigil-database-app/${path}`);
    expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 200, 'image/png']);
    await answer.arrayBuffer();
  }
});
