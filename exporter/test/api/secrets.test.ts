/** What is off until it is switched on, and secrets that change while the exporter runs. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { freePort, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import type { Status } from '../../src/contract/index.ts';
import { type ApiExporter, call, makeSecrets, startApi } from '../support/api.ts';
import { grafanaContext, send } from '../support/caller.ts';
import { ask, startExporter, type TestExporter } from '../support/exporter.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

const env = (): Record<string, string> => ({ DATA_SOURCE_NAME: server.url('postgres') });
const errorOf = (text: string): { code: string; hint: string; message: string } =>
  (JSON.parse(text) as { error: { code: string; hint: string; message: string } }).error;
const PLAN = { params: { action: 'vacuum' }, body: { params: { table: 1 } } };

describe('without any secret', () => {
  let exporter: TestExporter;
  const port = freePort();
  beforeAll(async () => {
    exporter = await startExporter({ env: env(), args: [`--web.listen-address=0.0.0.0:${await port}`] });
  });
  afterAll(() => exporter.stop());

  test('this machine reads, as a viewer, whoever it says it is', async () => {
    const { status, text } = await exporter.scrape('/api/v1/status', {
      headers: { 'X-Grafana-Context': grafanaContext('Admin') },
    });
    expect([status, (JSON.parse(text) as Status).you]).toEqual([200, { login: '(local)', role: 'Viewer' }]);
  });

  test('a secret that nobody set is wrong', async () => {
    const { status } = await exporter.scrape('/api/v1/status', { headers: { 'X-Pgvigil-Secret': 'x' } });
    expect(status).toBe(403);
  });

  test("a web page's own name for this machine is refused", async () => {
    const { status, text } = await exporter.scrape('/api/v1/status', { headers: { Host: 'evil.example:9187' } });
    expect([status, errorOf(text).hint]).toEqual([403, expect.stringContaining('--api.read-secret-file')]);
  });

  const address = Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && !one.internal && one.family === 'IPv4')?.address;
  (address === undefined ? test.skip : test)('other machines are refused, but not their scrapes', async () => {
    const url = `http://${address}:${await port}`;
    expect((await ask(`${url}/api/v1/status`, { headers: { Host: 'localhost' } })).status).toBe(403);
    expect((await ask(`${url}/metrics`)).status).toBe(200);
  });

  test('nothing can be changed, and the cure is named', async () => {
    const answer = await send(exporter, 'POST', '/api/v1/actions/cancel/session', { body: '{}' });
    const { code, hint } = errorOf(answer.text);
    expect([answer.status, code, hint]).toEqual([
      403,
      'actions_off',
      expect.stringContaining('--api.write-secret-file'),
    ]);
  });
});

describe('writes', () => {
  test('with the read secret alone are off, and status says so', async () => {
    const secrets = makeSecrets();
    const exporter = await startExporter({ env: env(), args: [`--api.read-secret-file=${secrets.readFile}`] });
    try {
      const headers = { 'X-Pgvigil-Secret': secrets.read };
      const answer = await send(exporter, 'POST', '/api/v1/actions/vacuum/plan', { headers, body: '{}' });
      expect([answer.status, errorOf(answer.text).code]).toEqual([403, 'actions_off']);
      const { text } = await exporter.scrape('/api/v1/status', { headers });
      expect((JSON.parse(text) as Status).actions).toMatchObject({ state: 'off', reason: 'there is no write secret' });
    } finally {
      await exporter.stop();
      secrets.remove();
    }
  });

  test('are off for a target without a maintenance role, and on for the other', async () => {
    const url = server.url('postgres');
    const exporter = await startApi({
      config: `targets: [{ name: looked, postgres: "${url}" }, { name: kept, postgres: "${url}", maintenance: { user: postgres } }]`,
    });
    try {
      const plan = (target: string) =>
        call(exporter, 'POST /api/v1/actions/:action/plan', { ...PLAN, body: { ...PLAN.body, target } });
      const looked = await plan('looked');
      expect([looked.status, looked.error]).toEqual([
        403,
        expect.objectContaining({ code: 'actions_off', hint: expect.stringContaining('maintenance:') as string }),
      ]);
      expect((await plan('kept')).error?.code).not.toBe('actions_off');
      const { body } = await call(exporter, 'GET /api/v1/targets', { as: 'Viewer' });
      expect(body.map(({ name, actions }) => [name, actions.state])).toEqual([
        ['looked', 'off'],
        ['kept', 'on'],
      ]);
    } finally {
      await exporter.stop();
    }
  });

  test('of one login are counted, those of another are not', async () => {
    const exporter = await startApi({ env: env() });
    try {
      const write = (login: string) => call(exporter, 'POST /api/v1/actions/:action/plan', { ...PLAN, login });
      const answers = await Promise.all(Array.from({ length: 80 }, () => write('eager')));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.length).toBeLessThan(80);
      expect(refused[0].headers.get('Retry-After')).toMatch(/^\d+$/);
      expect((await write('calm')).status).toBe(403);
    } finally {
      await exporter.stop();
    }
  });
});

describe('a secret that changes', () => {
  let exporter: ApiExporter;
  beforeEach(async () => {
    exporter = await startApi({ env: env() });
  });
  afterEach(() => exporter.stop());
  const replace = (file: string, text: string): void => {
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  const read = async (secret: string): Promise<number> =>
    (await send(exporter, 'GET', '/api/v1/status', { headers: { 'X-Pgvigil-Secret': secret } })).status;
  const write = async (secret: string): Promise<string> =>
    errorOf(
      (
        await send(exporter, 'POST', '/api/v1/actions/vacuum/run', {
          headers: { 'X-Pgvigil-Secret': secret },
          body: '{',
        })
      ).text,
    ).code;

  test('is taken up at once, and the old one is worth nothing', async () => {
    const { secrets } = exporter;
    expect(await read(secrets.read)).toBe(200);
    replace(secrets.readFile, 'a-new-secret-of-enough-characters\n');
    expect(await read('a-new-secret-of-enough-characters')).toBe(200);
    expect(await read(secrets.read)).toBe(403);
  });

  test('into one that is too short, or into nothing, is not taken up, and the log says so', async () => {
    const { secrets } = exporter;
    expect(await read(secrets.read)).toBe(200);
    replace(secrets.readFile, 'short');
    expect([await read('short'), await read(secrets.read)]).toEqual([403, 200]);
    rmSync(secrets.readFile);
    expect(await read(secrets.read)).toBe(200);
    expect(exporter.log()).toContain('fewer than 16 characters');
    expect(exporter.log()).toContain('cannot be read');
    expect(exporter.log()).not.toContain(secrets.read);
  });

  test('into the same for reading and writing makes nobody a writer', async () => {
    const { secrets } = exporter;
    expect(await write(secrets.write)).toBe('bad_request');
    replace(secrets.readFile, secrets.write);
    expect(await write(secrets.write)).toBe('forbidden');
    expect(await read(secrets.write)).toBe(200);
  });
});
