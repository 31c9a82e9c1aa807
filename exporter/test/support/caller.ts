/** Calls the API as Grafana does: the only place of tests, recordings and benchmarks that knows which secret goes where. */
import type { Role } from '../../src/contract/index.ts';

export interface ApiSecrets {
  readonly read: string;
  readonly write: string;
}

/** Where it answers, and what it wants to see. */
export interface Api {
  readonly url: string;
  readonly secrets: ApiSecrets;
}

export interface CallOptions {
  /** Grafana's user of that role; `direct`: the secret alone; `nobody`: no secret. Default: Admin. */
  readonly as?: Role | 'direct' | 'nobody';
  /** Default: the role in small letters. */
  readonly login?: string;
  /** Over what `as` would send. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** @throws Error when it is not JSON. */
  readonly json: unknown;
}

/** Anything, also what `call` would not send. */
export async function send(
  { url }: Pick<Api, 'url'>,
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Readonly<Record<string, string>>; body?: string } = {},
): Promise<RawAnswer> {
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const response = await fetch(url + path, { method, headers: { ...type, Connection: 'close', ...headers }, body });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    get json(): unknown {
      return JSON.parse(text) as unknown;
    },
  };
}

/** As the routes of plugin.json do: the read secret for GET, the write secret for the rest. */
export function headersOf(
  { secrets }: Pick<Api, 'secrets'>,
  method: string,
  { as = 'Admin', login, headers }: CallOptions = {},
): Record<string, string> {
  if (as === 'nobody') return { ...headers };
  const secret = { 'X-Pgvigil-Secret': method === 'GET' ? secrets.read : secrets.write };
  return as === 'direct'
    ? { ...secret, ...headers }
    : { ...secret, 'X-Grafana-Context': grafanaContext(as, login), ...headers };
}

/** As Grafana 12 sends it. */
export const grafanaContext = (role: string, login = role.toLowerCase()): string =>
  JSON.stringify({
    UserID: 2,
    UserUID: 'u000000001',
    OrgID: 1,
    OrgName: 'Main Org.',
    OrgRole: role,
    Login: login,
    Name: login,
    Email: `${login}@example.org`,
    IsGrafanaAdmin: false,
    IsAnonymous: false,
  });

/** What is at this path below /api/v1, as Grafana's administrator; with a body it is a POST. @throws Error when it refuses */
export async function ask<T>(api: Api, path: string, body?: unknown): Promise<T> {
  const method = body === undefined ? 'GET' : 'POST';
  const headers = headersOf(api, method);
  const answer = await send(api, method, `/api/v1/${path}`, { headers, body: JSON.stringify(body) });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return answer.json as T;
}
