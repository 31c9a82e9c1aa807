/**
 * Grafana's proxy for an app's routes (12.4), imitated: which route a request takes, who may, what is sent on.
 * Routes are those of plugin.json; nothing here knows them.
 */
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { User } from './users.ts';

export interface Route {
  readonly path: string;
  readonly method?: string;
  readonly reqRole?: string;
  readonly url: string;
  readonly headers?: readonly { readonly name: string; readonly content: string }[];
}

export interface Settings {
  readonly jsonData: Readonly<Record<string, string>>;
  readonly secureJsonData: Readonly<Record<string, string>>;
}

const ROLES = ['Viewer', 'Editor', 'Admin'];
const hasRole = (user: User, needed: string): boolean => ROLES.indexOf(user.orgRole) >= ROLES.indexOf(needed);

/** The first route whose method and path match decides; `rest` is what its `*` stands for. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly rest: string } | undefined {
  for (const route of routes) {
    if (route.method && route.method !== '*' && route.method !== method) continue;
    const rest = matchPath(route.path, path);
    if (rest !== undefined) return { route, rest };
  }
  return undefined;
}

/** @returns what `*` matched, `''` for a pattern without one, undefined where the pattern does not match. */
function matchPath(pattern: string, path: string): string | undefined {
  const wanted = pattern.split('/');
  const given = path.replace(/\/$/, '').split('/');
  const open = wanted.at(-1) === '*';
  const fixed = open ? wanted.slice(0, -1) : wanted;
  if (open ? given.length <= fixed.length : given.length !== fixed.length) return undefined;
  // A segment is compared after decoding, as Grafana does: `%61pi` is `api`.
  if (!fixed.every((segment, i) => segment.startsWith(':') || segment === given[i])) return undefined;
  return open ? given.slice(fixed.length).join('/') : '';
}

/** `{{ .JsonData.url }}` and the like; Go's templates print `<no value>` for what is not there. */
export function fillIn(template: string, { jsonData, secureJsonData }: Settings): string {
  const values: Record<string, Readonly<Record<string, string>>> = {
    JsonData: jsonData,
    SecureJsonData: secureJsonData,
  };
  return template.replace(
    /\{\{\s*\.(JsonData|SecureJsonData)\.(\w+)\s*\}\}/g,
    (_, group: string, name: string) => values[group][name] ?? '<no value>',
  );
}

/** Not for the exporter: they belong to the browser and Grafana. */
const NOT_SENT = [
  'cookie',
  'set-cookie',
  'origin',
  'referer',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
];
/** They would change how the browser talks to Grafana. */
const NOT_RETURNED = ['alt-svc', 'close', 'server', 'set-cookie', 'strict-transport-security'];
/** Between two neighbours only. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'host'];

function forwarded(given: IncomingHttpHeaders, route: Route, settings: Settings, user: User): http.OutgoingHttpHeaders {
  const kept = Object.entries(given).filter(([name]) => ![...NOT_SENT, ...HOP_BY_HOP, 'x-grafana-user'].includes(name));
  const headers: http.OutgoingHttpHeaders = Object.fromEntries(kept);
  headers['x-grafana-referer'] = given.referer ?? '';
  // Whatever the browser sent under these names is gone.
  headers['x-grafana-context'] = JSON.stringify(contextOf(user));
  for (const { name, content } of route.headers ?? []) headers[name.toLowerCase()] = fillIn(content, settings);
  return headers;
}

/** The signed-in user as Grafana writes it. */
const contextOf = ({ id, login, name, orgRole }: User): object => ({
  UserID: id,
  UserUID: id === 0 ? '' : `u${id}`,
  OrgID: 1,
  OrgName: 'Main Org.',
  OrgRole: orgRole,
  Login: login,
  Name: name,
  Email: '',
});

const answer = (response: ServerResponse, status: number, message?: string): void => {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(message === undefined ? undefined : JSON.stringify({ message }));
};

/** @param path after `/api/plugin-proxy/<id>/`, still encoded, without the query. @param search with its `?`. */
export function proxy(
  request: IncomingMessage,
  response: ServerResponse,
  {
    routes,
    settings,
    user,
    path,
    search,
  }: { routes: readonly Route[]; settings: Settings; user: User; path: string; search: string },
): void {
  let plain: string;
  try {
    plain = decodeURIComponent(path);
  } catch {
    return answer(response, 404, 'plugin route match not found');
  }
  const found = findRoute(routes, request.method ?? 'GET', plain);
  if (found === undefined) return answer(response, 404, 'plugin route match not found');
  const { route, rest } = found;
  if (route.reqRole && !hasRole(user, route.reqRole)) return answer(response, 403, 'plugin proxy route access denied');

  let target: URL;
  try {
    target = new URL(fillIn(route.url, settings));
  } catch {
    return answer(response, 500, 'Could not parse url');
  }
  const base = target.pathname.replace(/\/$/, '');
  const outgoing = http.request(
    {
      host: target.hostname,
      port: target.port,
      method: request.method,
      // Not through URL: it would resolve `..`, which Grafana sends on as it is.
      path: base + (rest === '' ? '' : `/${rest.split('/').map(encodeURIComponent).join('/')}`) + search,
      headers: forwarded(request.headers, route, settings, user),
    },
    (incoming) => {
      const kept = Object.entries(incoming.headers).filter(
        ([name]) => !NOT_RETURNED.includes(name) && !HOP_BY_HOP.includes(name),
      );
      response.writeHead(incoming.statusCode!, { ...Object.fromEntries(kept), via: '1.1 grafana' });
      incoming.pipe(response);
    },
  );
  outgoing.on('error', () => {
    if (response.headersSent) response.destroy();
    else answer(response, 502);
  });
  // A page that is left takes its questions with it.
  response.on('close', () => outgoing.destroy());
  request.pipe(outgoing);
}
