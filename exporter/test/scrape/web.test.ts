/** What the HTTP side promises: web.config.file, probes, discovery, the landing page, health. */
import bcrypt from 'bcrypt';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { createAuthority } from '../support/certificates.ts';
import { CREATE_MONITOR, until } from '../support/database.ts';
import { startExporter, type TestExporter } from '../support/exporter.ts';

const directory = mkdtempSync(join(tmpdir(), 'pgvigil-web-'));
const path = (name: string): string => join(directory, name);
const basic = (user: string, password: string): Record<string, string> => ({
  Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
  await server.query(`${CREATE_MONITOR}; create table t (id int primary key); analyze t`);
});
afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

describe('with a web configuration file (TLS and basic auth)', () => {
  let exporter: TestExporter;
  let ca: string;
  const webConfig = async (users: Record<string, string>): Promise<string> => {
    const lines = await Promise.all(
      Object.entries(users).map(async ([name, password]) => `  ${name}: ${await bcrypt.hash(password, 4)}\n`),
    );
    return `tls_server_config: { cert_file: web.crt, key_file: web.key }\nbasic_auth_users:\n${lines.join('')}`;
  };

  beforeAll(async () => {
    const authority = await createAuthority('web CA');
    ca = authority.cert;
    const pem = await authority.issue({ ip: ['127.0.0.1'] });
    writeFileSync(path('web.crt'), pem.cert);
    writeFileSync(path('web.key'), pem.key);
    writeFileSync(path('web.yml'), await webConfig({ prometheus: 'scrape: me', other: 'x' }));
    exporter = await startExporter({
      scheme: 'https',
      args: [`--web.config.file=${path('web.yml')}`],
      env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') },
    });
  });
  afterAll(() => exporter?.stop());

  it.each(['/metrics', '/', '/sd', '/probe?target=x', '/-/healthy', '/nothing'])(
    '%s is closed without a login',
    async (url) => {
      const answer = await exporter.scrape(url, { ca });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Basic');
      expect(answer.text).toBe('Unauthorized\n');
    },
  );

  it('lets the right login in, twice', async () => {
    for (let i = 0; i < 2; i++) {
      const answer = await exporter.scrape('/metrics', { ca, headers: basic('prometheus', 'scrape: me') });
      expect(answer.status).toBe(200);
      expect(answer.samples.value('pg_up')).toBe(1);
    }
  });

  it.each([
    ['a wrong password', basic('prometheus', 'scrape: you')],
    ["another user's password", basic('other', 'scrape: me')],
    ['an unknown user', basic('nobody', 'scrape: me')],
    ['a property of every object', basic('constructor', 'scrape: me')],
    ['no colon', { Authorization: `Basic ${Buffer.from('prometheus').toString('base64')}` }],
    ['another scheme', { Authorization: 'Bearer prometheus' }],
  ])('refuses %s', async (_, headers) => {
    expect((await exporter.scrape('/metrics', { ca, headers })).status).toBe(401);
  });

  it('shows a certificate that others do not take for granted', async () => {
    await expect(exporter.scrape('/metrics')).rejects.toThrow(/certificate/);
  });

  it('takes up a changed file, and keeps the old one when the new one is wrong', async () => {
    const status = async (password: string): Promise<number> =>
      (await exporter.scrape('/-/ready', { ca, headers: basic('prometheus', password) })).status;
    writeFileSync(path('web.yml'), await webConfig({ prometheus: 'changed' }));
    await until('the new password', async () => (await status('changed')) === 200);
    expect(await status('scrape: me')).toBe(401);
    writeFileSync(path('web.yml'), 'basic_auth_users: { prometheus: plain }\n');
    await until('a word in the log', () => exporter.log().includes('web configuration not reloaded'));
    expect(await status('changed')).toBe(200);
    expect(exporter.log()).not.toContain('plain');
  });
});

it('does not start with a web configuration file that is wrong, and names file and field', async () => {
  writeFileSync(path('wrong.yml'), 'basic_auth_users: { prometheus: hunter2 }\n');
  const failure = await startExporter({
    args: [`--web.config.file=${path('wrong.yml')}`],
    env: { DATA_SOURCE_NAME: server.url() },
  }).then(
    () => undefined,
    (error: Error) => error.message,
  );
  expect(failure).toContain('wrong.yml');
  expect(failure).toContain('basic_auth_users.prometheus');
  expect(failure).not.toContain('hunter2');
});

describe('with two targets', () => {
  let exporter: TestExporter;
  beforeAll(async () => {
    const config = `
targets:
  - { name: main, postgres: "${server.url('postgres', 'monitor')}" }
  - { name: "odd <name> & co", postgres: "${server.url('postgres', 'monitor')}" }
`;
    exporter = await startExporter({ config });
  });
  afterAll(() => exporter?.stop());

  it('serves both at /metrics, told apart by a label', async () => {
    const { samples } = await exporter.scrape();
    expect(samples.value('pg_up', { target: 'main' })).toBe(1);
    expect(samples.value('pg_up', { target: 'odd <name> & co' })).toBe(1);
    for (const family of ['pg_stat_user_tables_seq_scan', 'pg_settings_work_mem_bytes', 'pg_server_info']) {
      expect(new Set(samples.series(family).map(({ labels }) => labels.target)).size).toBe(2);
    }
  });

  it('probes one, and nothing but what is configured', async () => {
    const { samples } = await exporter.scrape('/probe?target=main');
    expect(samples.value('pg_up')).toBe(1);
    expect(samples.families.has('process_cpu_seconds_total')).toBe(false);
    for (const query of [
      '?target=nobody',
      '',
      '?target=',
      '?target=main&target=main',
      `?target=${encodeURIComponent(server.url())}`,
    ]) {
      const { status, text } = await exporter.scrape(`/probe${query}`);
      expect([query, status]).toEqual([query, 400]);
      expect(text).toContain('main, odd <name> & co');
    }
  });

  it('lists them for HTTP service discovery, and each entry leads to its probe', async () => {
    const { text, headers } = await exporter.scrape('/sd');
    expect(headers['content-type']).toContain('application/json');
    const entries = JSON.parse(text) as { targets: string[]; labels: Record<string, string> }[];
    expect(entries.map(({ labels }) => labels.__param_target)).toEqual(['main', 'odd <name> & co']);
    for (const { targets, labels } of entries) {
      expect(targets).toEqual([`127.0.0.1:${exporter.port}`]);
      const url = `${labels.__metrics_path__}?target=${encodeURIComponent(labels.__param_target)}`;
      expect((await exporter.scrape(url)).samples.value('pg_up')).toBe(1);
    }
  });

  it('keeps the connection longer than Prometheus does, so that a scrape opens none', async () => {
    const { headers } = await fetch(`${exporter.url}/-/healthy`);
    expect(Number(/timeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1])).toBeGreaterThan(300);
  });

  it('has a landing page whose links work and whose names are harmless', async () => {
    const { status, text, headers } = await exporter.scrape('/');
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('text/html');
    expect(text).not.toContain('<name>');
    const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, href]) => href.replaceAll('&amp;', '&'));
    expect(links.length).toBeGreaterThanOrEqual(6);
    for (const link of links) expect([link, (await exporter.scrape(link)).status]).toEqual([link, 200]);
  });

  it('says 404 elsewhere, and the format of the metrics', async () => {
    expect((await exporter.scrape('/nothing')).status).toBe(404);
    expect((await exporter.scrape('/metrics/')).headers['content-type']).toBe(
      'text/plain; version=0.0.4; charset=utf-8',
    );
    const health = await Promise.all(['/-/healthy', '/-/ready'].map((url) => exporter.scrape(url)));
    expect(health.map(({ status }) => status)).toEqual([200, 200]);
  });
});

it('answers a scrape under way before it stops, and leaves no session behind', async () => {
  const exporter = await startExporter({
    config: `
functions:
  - name: moment
    sql: select pg_sleep(1)::text as slept, 1 as value
    columns: { value: { type: gauge, help: 'Takes a second.' } }
`,
    env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') },
  });
  await exporter.scrape();
  const underWay = exporter.scrape();
  await until('it runs', async () => {
    const rows = await server.query(
      "select from pg_stat_activity where query like '%pg_sleep(1)%' and state = 'active' and usename = 'monitor'",
    );
    return rows.length > 0;
  });
  const stopped = exporter.stop();
  expect((await underWay).samples.value('moment_value')).toBe(1);
  await stopped;
  await until(
    'no session',
    async () => (await server.query("select from pg_stat_activity where usename = 'monitor'")).length === 0,
    5,
  );
});
