/** Who may call what: every endpoint and every action, as a table. */
import { hash } from 'bcrypt';
import { writeFileSync } from 'node:fs';
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { actions } from '../../src/actions/index.ts';
import { type EndpointKey, endpoints, type Role } from '../../src/contract/index.ts';
import { type ApiExporter, makeSecrets, startApi, validate } from '../support/api.ts';
import { grafanaContext, send } from '../support/caller.ts';
import { ask, startExporter } from '../support/exporter.ts';

/** Written down a second time: a role that changes in the code shall be noticed. */
const ROLE_OF: Readonly<Record<string, Role>> = {
  analyze: 'Editor',
  cancel: 'Editor',
  create_index: 'Admin',
  drop_index: 'Admin',
  drop_leftover: 'Admin',
  refresh_matview: 'Editor',
  reindex: 'Admin',
  terminate: 'Admin',
  vacuum: 'Editor',
  vacuum_freeze: 'Admin',
};
/** The same for endpoints. All others only read, and are everybody's. */
const ROLE_OF_WRITE: Readonly<Record<string, Role | 'action'>> = {
  'POST /api/v1/queries/:queryId/analyze': 'Admin',
  'POST /api/v1/actions/:action/plan': 'action',
  'POST /api/v1/actions/:action/run': 'action',
  'POST /api/v1/actions/:action/session': 'action',
  'POST /api/v1/jobs/:id/cancel': 'action',
  'POST /api/v1/benchmarks/workloads/:workload/run': 'Admin',
  'POST /api/v1/benchmarks/:id/cancel': 'Editor',
  'POST /api/v1/benchmarks/:id/star': 'Editor',
};
const EDITORS_AND_UP: Role[] = ['Editor', 'Admin'];

interface Case {
  readonly key: EndpointKey;
  readonly method: string;
  readonly path: string;
  readonly roles: readonly Role[];
}

/** Of the path's parameters, each kind that makes a difference. */
const cases: Case[] = (Object.keys(endpoints) as EndpointKey[]).flatMap((key) => {
  const [method, path] = key.split(' ');
  const filled = path
    .replace(':queryId', '-42')
    .replace(':workload', 'none')
    .replace(':id', '00000000-0000-4000-8000-000000000000');
  if (path.includes(':action'))
    return Object.entries(ROLE_OF).map(([action, role]) => ({
      key,
      method,
      path: filled.replace(':action', action),
      roles: role === 'Admin' ? ['Admin' as const] : EDITORS_AND_UP,
    }));
  const { role } = endpoints[key];
  const roles =
    role === 'Viewer'
      ? (['Viewer', 'Editor', 'Admin'] as const)
      : role === 'action' || role === 'Editor'
        ? EDITORS_AND_UP
        : ['Admin' as const];
  return [{ key, method, path: filled, roles }];
});

let server: PostgresServer;
let exporter: ApiExporter;
beforeAll(async () => {
  server = await startPostgres();
  exporter = await startApi({
    env: { DATA_SOURCE_NAME: server.url('postgres') },
    args: ['--maintenance.connection-string=user=postgres'],
  });
});
afterAll(async () => {
  await exporter.stop();
  await server.stop();
});

const request = async (
  { key, method, path }: Case,
  headers: Record<string, string>,
): Promise<{ status: number; code?: string }> => {
  const answer = await send(exporter, method, path, { headers, body: method === 'GET' ? undefined : '{"x":1}' });
  await validate(exporter, key, answer.status, answer.json);
  return { status: answer.status, code: (answer.json as { error?: { code: string } }).error?.code };
};

test('the table has every action', () => {
  expect(actions.map(({ id }) => id).sort()).toEqual(Object.keys(ROLE_OF).sort());
  expect(Object.fromEntries(actions.map(({ id, role }) => [id, role]))).toEqual(ROLE_OF);
});

test('the table has every endpoint, with its role', () => {
  const roles = Object.entries(endpoints).map(([key, { role }]) => [key, role]);
  expect(Object.fromEntries(roles)).toEqual(
    Object.fromEntries(roles.map(([key]) => [key, ROLE_OF_WRITE[key] ?? (key.startsWith('GET ') ? 'Viewer' : '?')])),
  );
  expect(new Set(cases.map(({ key }) => key))).toEqual(new Set(Object.keys(endpoints)));
});

describe.each(cases)('$method $path', (one) => {
  const writes = one.method !== 'GET';
  const right = (): string => (writes ? exporter.secrets.write : exporter.secrets.read);
  /** Not "forbidden" means that it got as far as its parameters, which are wrong on purpose where there is a body. */
  const got = async (headers: Record<string, string>): Promise<boolean> => {
    const { status, code } = await request(one, headers);
    expect(status).not.toBe(401);
    expect(status).not.toBe(500);
    if (writes && code !== 'forbidden') expect([status, code]).toEqual([400, 'bad_request']);
    return code !== 'forbidden';
  };

  test.each(['Viewer', 'Editor', 'Admin'] as const)('as %s', async (role) => {
    const login = `${role} ${one.path}`;
    const may = await got({ 'X-Pgvigil-Secret': right(), 'X-Grafana-Context': grafanaContext(role, login) });
    expect(may).toBe(one.roles.includes(role));
  });

  test('nobody without the secret, whatever they say of themselves', async () => {
    const context = { 'X-Grafana-Context': grafanaContext('Admin') };
    expect(await got({})).toBe(false);
    expect(await got(context)).toBe(false);
    expect(await got({ ...context, 'X-Pgvigil-Secret': `${right()}x` })).toBe(false);
    expect(await got({ ...context, 'X-Pgvigil-Secret': '' })).toBe(false);
    expect(await got({ ...context, Authorization: `Bearer ${right()}` })).toBe(false);
  });

  test('nobody whose role Grafana does not say', async () => {
    const secret = { 'X-Pgvigil-Secret': right() };
    for (const context of [
      '{"Login":"x","OrgRole":"None"}',
      '{"Login":"x"}',
      'null',
      '[]',
      '{',
      '"Admin"',
      '{"Login":1,"OrgRole":"Admin"}',
    ])
      expect(await got({ ...secret, 'X-Grafana-Context': context })).toBe(false);
  });

  test(writes ? 'the read secret is not enough, for an admin neither' : 'the secrets alone read', async () => {
    const { read, write } = exporter.secrets;
    expect(await got({ 'X-Pgvigil-Secret': read })).toBe(!writes);
    expect(await got({ 'X-Pgvigil-Secret': read, 'X-Grafana-Context': grafanaContext('Admin') })).toBe(!writes);
    expect(await got({ 'X-Pgvigil-Secret': write })).toBe(true);
  });
});

test('an action that does not exist is not found, for readers forbidden', async () => {
  const asked = (secret: string) =>
    send(exporter, 'POST', '/api/v1/actions/nope/plan', { headers: { 'X-Pgvigil-Secret': secret }, body: '{}' });
  expect((await asked(exporter.secrets.write)).status).toBe(404);
  expect((await asked(exporter.secrets.read)).status).toBe(403);
});

test('a GET to a write path falls to the read route of Grafana, and is refused', async () => {
  const answer = await send(exporter, 'GET', '/api/v1/actions/terminate/session', {
    headers: { 'X-Pgvigil-Secret': exporter.secrets.read, 'X-Grafana-Context': grafanaContext('Admin') },
  });
  expect([answer.status, answer.headers.get('Allow')]).toEqual([405, 'POST']);
});

test('a name is a name: an anonymous user has one, UTF-8 survives', async () => {
  const you = async (login: string): Promise<unknown> => {
    // Node's fetch takes Latin-1 only; Grafana sends the bytes.
    const context = Buffer.from(grafanaContext('Editor', login)).toString('latin1');
    const answer = await ask(`${exporter.url}/api/v1/status`, {
      headers: { 'X-Pgvigil-Secret': exporter.secrets.read, 'X-Grafana-Context': context },
    });
    return (JSON.parse(answer.text) as { you: unknown }).you;
  };
  expect(await you('')).toEqual({ login: '(anonymous)', role: 'Editor' });
  // Nor can anybody call themselves what is in the audit for those without a login.
  expect(await you('(direct)')).toEqual({ login: '((direct)', role: 'Editor' });
  expect(await you('jürgen 💡')).toEqual({ login: 'jürgen 💡', role: 'Editor' });
  expect(await you('a\nb\u0000')).toEqual({ login: 'ab', role: 'Editor' });
});

describe('basic auth of the web configuration file', () => {
  test('guards the API too, without a 401 that would log users out of Grafana', async () => {
    const secrets = makeSecrets();
    const file = `${secrets.readFile}.yml`;
    writeFileSync(file, `basic_auth_users: { prom: '${await hash('pw', 4)}' }`);
    const guarded = await startExporter({
      env: { DATA_SOURCE_NAME: server.url('postgres') },
      args: [`--web.config.file=${file}`, `--api.read-secret-file=${secrets.readFile}`],
    });
    try {
      const status = async (path: string, headers: Record<string, string>): Promise<number> =>
        (await guarded.scrape(path, { headers })).status;
      const basic = { Authorization: `Basic ${Buffer.from('prom:pw').toString('base64')}` };
      const secret = { 'X-Pgvigil-Secret': secrets.read };
      expect(await status('/metrics', {})).toBe(401);
      expect(await status('/api/v1/status', secret)).toBe(403);
      expect(await status('/api/v1/status', basic)).toBe(403);
      expect(await status('/api/v1/status', { ...basic, ...secret })).toBe(200);
    } finally {
      await guarded.stop();
      secrets.remove();
    }
  });
});
