import { readFileSync } from 'node:fs';
import http, { type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { makeSecrets } from '../../demo/secrets.ts';
import { type PostgresServer, startPostgres } from '../../demo/servers/index.ts';
import { startExporter, type TestExporter } from '../../exporter/test/support/exporter.ts';
import { buildPlugin } from '../../.ci/plugin.ts';
import { type RunningPreview, startPreview } from './server.ts';
import { type Role, USERS } from './users.ts';

const ID = 'pgvigil-database-app';
const ROLES = Object.keys(USERS) as Role[];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const SECRET = 'x-pgvigil-secret';

/** A path for each route of plugin.json, and who may POST to it. */
const POSTS: readonly (readonly [route: string, path: string, allowed: readonly Role[]])[] = [
  ['api/v1/actions/cancel/*', 'api/v1/actions/cancel/session', ['editor', 'admin']],
  ['api/v1/actions/analyze/*', 'api/v1/actions/analyze/plan', ['editor', 'admin']],
  ['api/v1/actions/vacuum/*', 'api/v1/actions/vacuum/run', ['editor', 'admin']],
  ['api/v1/actions/refresh_matview/*', 'api/v1/actions/refresh_matview/plan', ['editor', 'admin']],
  ['api/v1/actions/*', 'api/v1/actions/terminate/session', ['admin']],
  ['api/v1/actions/*', 'api/v1/actions/vacuum_freeze/plan', ['admin']],
  ['api/v1/actions/*', 'api/v1/actions/create_index/run', ['admin']],
  ['api/v1/jobs/*', 'api/v1/jobs/00000000-0000-0000-0000-000000000000/cancel', ['editor', 'admin']],
  ['api/v1/benchmarks/workloads/*', 'api/v1/benchmarks/workloads/musicdb-query/run', ['admin']],
  ['api/v1/benchmarks/*', 'api/v1/benchmarks/00000000-0000-0000-0000-000000000000/cancel', ['editor', 'admin']],
  ['api/v1/queries/*', 'api/v1/queries/42/analyze', ['admin']],
  ['api/*', 'api/v1/status', []],
];

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Not `fetch`: it would not send Origin and Cookie as told, and would tidy the path. */
function ask(
  url: string,
  path: string,
  { method = 'GET', role = 'admin' as Role, headers = {}, body = '' } = {},
): Promise<Answer> {
  const cookie = `pgvigil_preview=${role}.dark`;
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, path, method, headers: { cookie, ...headers } }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode!, headers: response.headers, body }), reject);
    });
    request.on('error', reject).end(body);
  });
}
const through = (preview: RunningPreview, path: string, options: Parameters<typeof ask>[2] = {}): Promise<Answer> =>
  ask(preview.url, `/api/plugin-proxy/${ID}/${path}`, options);
const echoed = ({ body }: Answer): Echo => JSON.parse(body) as Echo;

beforeAll(() => buildPlugin(), 300_000);

describe('with an upstream that says what it was sent', () => {
  let upstream: http.Server;
  let preview: RunningPreview;
  let url: string;

  beforeAll(async () => {
    upstream = http.createServer((request, response) => {
      text(request).then(
        (body) => {
          const { method, url, headers } = request;
          response.setHeader('Set-Cookie', 'stolen=1');
          response.setHeader('Server', 'echo');
          response.setHeader('X-Kept', 'yes');
          response.end(JSON.stringify({ method, url, headers, body }));
        },
        () => response.destroy(),
      );
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    const secureJsonData = { readSecret: 'the read secret', writeSecret: 'the write secret' };
    preview = await startPreview({ port: 0, jsonData: { url: `${url}/base` }, secureJsonData });
  });
  afterAll(async () => {
    await preview?.close();
    upstream?.close();
    upstream?.closeAllConnections();
  });

  test('the table below has every route of plugin.json', () => {
    const file = join(import.meta.dirname, '..', 'src', 'plugin.json');
    const { routes } = JSON.parse(readFileSync(file, 'utf8')) as {
      routes: { path: string; method?: string; reqRole?: string }[];
    };
    expect([...new Set(POSTS.map(([route]) => route))]).toEqual(routes.map(({ path }) => path));
    // A route without a method or a role would be open to more than is meant.
    for (const route of routes) {
      expect(route).toMatchObject({ reqRole: expect.stringMatching(/^(Viewer|Editor|Admin)$/) as string });
      expect(route.method).toBe(route.path === 'api/*' ? 'GET' : 'POST');
    }
  });

  const cases = POSTS.flatMap(([, path, allowed]) =>
    METHODS.flatMap((method) => ROLES.map((role) => ({ path, method, role, allowed: allowed.includes(role) }))),
  );
  test.each(cases)('$method $path as $role', async ({ path, method, role, allowed }) => {
    const answer = await through(preview, path, { method, role });
    if (method === 'GET') {
      expect(answer.status).toBe(200);
      expect(echoed(answer)).toMatchObject({ url: `/base/${path}`, headers: { [SECRET]: 'the read secret' } });
    } else if (method === 'POST' && path !== 'api/v1/status') {
      expect(answer.status).toBe(allowed ? 200 : 403);
      if (allowed) {
        expect(echoed(answer)).toMatchObject({ url: `/base/${path}`, headers: { [SECRET]: 'the write secret' } });
      } else {
        expect(JSON.parse(answer.body)).toEqual({ message: 'plugin proxy route access denied' });
      }
    } else {
      expect(answer.status).toBe(404);
      if (method !== 'HEAD') expect(JSON.parse(answer.body)).toEqual({ message: 'plugin route match not found' });
    }
  });

  test.each([
    '',
    'api',
    'api/',
    'metrics',
    'probe',
    '-/ready',
    'apis/v1/status',
    'API/v1/status',
    'api%2',
    '/api/v1/status',
  ])('no route for "%s"', async (path) => {
    expect(await through(preview, path)).toMatchObject({ status: 404 });
  });

  test('who asks is said by the server, whatever the browser says', async () => {
    const headers = {
      'X-Grafana-Context': '{"OrgRole":"Admin","Login":"mallory"}',
      'X-Pgvigil-Secret': 'guessed',
      'X-Grafana-User': 'mallory',
      Origin: 'http://evil.example',
      Referer: 'http://evil.example/page',
      'X-Forwarded-Host': 'evil.example',
    };
    for (const role of ROLES) {
      const answer = await through(preview, 'api/v1/status', { role, headers });
      const sent = echoed(answer).headers;
      const { id, login, orgRole } = USERS[role];
      expect(JSON.parse(sent['x-grafana-context'] as string)).toMatchObject({
        UserID: id,
        Login: login,
        OrgRole: orgRole,
      });
      expect(sent[SECRET]).toBe('the read secret');
      for (const name of ['cookie', 'origin', 'referer', 'x-forwarded-host', 'x-grafana-user']) {
        expect(sent).not.toHaveProperty(name);
      }
      expect(answer.headers).not.toHaveProperty('set-cookie');
      expect(answer.headers).not.toHaveProperty('server');
      expect(answer.headers).toMatchObject({ 'x-kept': 'yes' });
    }
    expect(USERS.anonymous).toMatchObject({ id: 0, login: '', orgRole: 'Viewer' });
  });

  test('query and body arrive as they were sent', async () => {
    const body = JSON.stringify({ name: 'Ä "quoted" 🦔' });
    const path = 'api/v1/actions/vacuum/plan?search=a%20b%26c&page=2';
    expect(echoed(await through(preview, path, { method: 'POST', body }))).toMatchObject({
      url: `/base/${path}`,
      body,
    });
  });

  test('a settings page that is not an Admin’s saves nothing; an Admin’s keeps the secrets it does not name', async () => {
    const settings = `/api/plugins/${ID}/settings`;
    const save = (role: Role, secureJsonData: object) =>
      ask(preview.url, settings, { method: 'POST', role, body: JSON.stringify({ jsonData: { url }, secureJsonData }) });
    expect(await save('editor', { readSecret: 'mine now' })).toMatchObject({ status: 403 });
    expect(await save('admin', { readSecret: 'another' })).toMatchObject({ status: 200 });
    expect(echoed(await through(preview, 'api/v1/status')).headers[SECRET]).toBe('another');
    const write = await through(preview, 'api/v1/jobs/1/cancel', { method: 'POST' });
    expect(echoed(write)).toMatchObject({ url: '/api/v1/jobs/1/cancel', headers: { [SECRET]: 'the write secret' } });
    const page = await ask(preview.url, '/');
    expect(page.body).toContain('"secureJsonFields":{"readSecret":true,"writeSecret":true}');
    expect(page.body).not.toContain('the write secret');
  });

  test('nothing outside of its folders is served', async () => {
    for (const path of [`/public/plugins/${ID}/../package.json`, `/public/plugins/${ID}/%2e%2e/package.json`]) {
      expect(await ask(preview.url, path)).toMatchObject({ status: 404 });
    }
    expect(await ask(preview.url, `/public/plugins/${ID}/module.js`)).toMatchObject({ status: 200 });
    expect(await ask(preview.url, '/public/plugins/pgvigil-queries-panel/module.js')).toMatchObject({ status: 200 });
  });
});

test('an exporter that is not there is a 502 without words', async () => {
  const preview = await startPreview({ port: 0, jsonData: { url: 'http://127.0.0.1:9' } });
  try {
    expect(await through(preview, 'api/v1/status')).toMatchObject({ status: 502, body: '' });
  } finally {
    await preview.close();
  }
});

describe('with the exporter', () => {
  let postgres: PostgresServer;
  let exporter: TestExporter;
  let preview: RunningPreview;
  const secrets = makeSecrets();

  beforeAll(async () => {
    postgres = await startPostgres({ major: 18 });
    const args = [`--api.read-secret-file=${secrets.readFile}`, `--api.write-secret-file=${secrets.writeFile}`];
    exporter = await startExporter({ args, env: { DATA_SOURCE_NAME: postgres.url() } });
    const secureJsonData = { readSecret: secrets.read, writeSecret: secrets.write };
    preview = await startPreview({ port: 0, jsonData: { url: exporter.url }, secureJsonData });
  });
  afterAll(async () => {
    await preview?.close();
    await exporter?.stop();
    await postgres?.stop();
    secrets.remove();
  });

  test.each(ROLES)('it takes %s for who the server says', async (role) => {
    const headers = { 'X-Grafana-Context': '{"OrgRole":"Admin","Login":"mallory"}' };
    const answer = await through(preview, 'api/v1/status', { role, headers });
    expect(answer.status).toBe(200);
    const { login, orgRole } = USERS[role];
    expect(JSON.parse(answer.body)).toMatchObject({ you: { login: login || '(anonymous)', role: orgRole } });
  });

  test('a path that climbs out of an Editor’s route reaches nothing', async () => {
    const headers = { 'Content-Type': 'application/json' };
    for (const path of [
      'vacuum/../terminate/session',
      'vacuum/%2e%2e/terminate/session',
      'vacuum%2f..%2fterminate%2fsession',
    ]) {
      const answer = await through(preview, `api/v1/actions/${path}`, {
        method: 'POST',
        role: 'editor',
        headers,
        body: '{}',
      });
      expect([400, 403, 404]).toContain(answer.status);
    }
  });

  test('it never answers 401, whatever the secret: that would log a user out', async () => {
    const wrong = await startPreview({ port: 0, jsonData: { url: exporter.url } });
    try {
      for (const method of ['GET', 'POST']) {
        const path = method === 'GET' ? 'api/v1/status' : 'api/v1/jobs/1/cancel';
        expect(await through(wrong, path, { method })).toMatchObject({ status: 403 });
      }
    } finally {
      await wrong.close();
    }
  });
});
