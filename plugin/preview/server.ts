/** Serves the preview: the host page, the built app, Grafana's icons, and the imitation of Grafana's proxy and settings. */
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join, normalize, sep } from 'node:path';
import { text } from 'node:stream/consumers';
import { BUNDLE, bundleHost } from './bundle.ts';
import { proxy, type Route, type Settings } from './proxy.ts';
import { isRole, type Role, USERS } from './users.ts';

export interface PreviewOptions {
  readonly port: number;
  /** As the configuration page would have saved them. */
  readonly jsonData?: Readonly<Record<string, string>>;
  readonly secureJsonData?: Readonly<Record<string, string>>;
  /** Of the panels on the dashboard, by their ids. */
  readonly panelOptions?: PanelOptions;
}

export type PanelOptions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface RunningPreview {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

interface PluginJson {
  readonly id: string;
  readonly includes: readonly { readonly type: string; readonly path: string }[];
  readonly routes: readonly Route[];
}

export const PLUGIN_DIST = join(import.meta.dirname, '..', 'dist');
const require = createRequire(import.meta.url);
const GRAFANA_IMG = join(dirname(require.resolve('@grafana/ui/package.json')), 'dist', 'public', 'img');

/** Grafana's fonts are not in its packages. */
const FONTS = join(dirname(require.resolve('@fontsource/inter/package.json')), 'files');
const INTER: Readonly<Record<string, string>> = { Regular: '400', Medium: '500' };
/** In the body, so that it comes after Grafana's own styles, whose monospaced font is not in a package. */
const MONO = "src: local('DejaVu Sans Mono'), local('Menlo'), local('Consolas'), local('Liberation Mono')";
const STYLE = `body { margin: 0 }
@font-face { font-family: 'Roboto Mono'; font-weight: 400; ${MONO} }
@font-face { font-family: 'Roboto Mono'; font-weight: 500; ${MONO} }`;

/** Icons that Grafana has and its packages leave out: another one, turned round. */
const TURNED: Readonly<Record<string, string>> = {
  'angle-double-left': 'angle-double-right',
  'angle-double-up': 'angle-double-down',
  spinner: 'sync',
};

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** @throws Error when the app is not built or the port is taken. */
export async function startPreview({
  port,
  jsonData = {},
  secureJsonData = {},
  panelOptions = {},
}: PreviewOptions): Promise<RunningPreview> {
  if (!existsSync(join(PLUGIN_DIST, 'module.js'))) throw new Error('The app is not built: run `npm run build` first.');
  await bundleHost();
  const preview = new Preview({ jsonData, secureJsonData }, panelOptions);
  const server = http.createServer((request, response) => {
    preview.handle(request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy();
      else send(response, 500, 'text/plain', error.message);
    });
  });
  // This machine only: whoever reaches it chooses a role.
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const address = server.address() as { port: number };
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, close };
}

class Preview {
  #settings: Settings;
  readonly #panelOptions: PanelOptions;

  constructor(settings: Settings, panelOptions: PanelOptions) {
    this.#settings = settings;
    this.#panelOptions = panelOptions;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path, query] = split(request.url ?? '/');
    const plugin = pluginJson();
    const prefix = `/api/plugin-proxy/${plugin.id}/`;
    if (path.startsWith(prefix)) {
      const user = USERS[sessionOf(request).role];
      const rest = path.slice(prefix.length);
      return proxy(request, response, {
        routes: plugin.routes,
        settings: this.#settings,
        user,
        path: rest,
        search: query,
      });
    }
    if (path === `/api/plugins/${plugin.id}/settings`) return this.#handleSettings(request, response, plugin);
    if (path === '/preview/session' && request.method === 'POST') return changeSession(request, response);
    if (path.startsWith('/api/')) return sendJson(response, 404, { message: 'Not found' });
    const icon = turnedIcon(path);
    if (icon !== undefined) return send(response, 200, TYPES['.svg'], icon);
    const file = fileOf(path, plugin);
    if (file !== undefined) return sendFile(request, response, file);
    if (path.startsWith('/public/')) return send(response, 404, 'text/plain', 'Not found');
    const asked = new URLSearchParams(query);
    if (asked.has('preview.role') || asked.has('preview.theme')) return enter(response, path, asked);
    send(response, 200, 'text/html; charset=utf-8', this.#page(request, plugin));
  }

  /** As Grafana: secrets are merged by name and cannot be read back. */
  async #handleSettings(request: IncomingMessage, response: ServerResponse, plugin: PluginJson): Promise<void> {
    if (request.method === 'GET') return sendJson(response, 200, this.#meta(plugin));
    if (USERS[sessionOf(request).role].orgRole !== 'Admin') {
      return sendJson(response, 403, { message: "You'll need additional permissions to perform this action." });
    }
    const given = JSON.parse(await text(request)) as Partial<Settings>;
    this.#settings = {
      jsonData: given.jsonData ?? {},
      secureJsonData: { ...this.#settings.secureJsonData, ...given.secureJsonData },
    };
    sendJson(response, 200, { message: 'Plugin settings updated' });
  }

  #meta(plugin: PluginJson): object {
    const names = Object.entries(this.#settings.secureJsonData).filter(([, value]) => value !== '');
    return {
      ...plugin,
      routes: undefined,
      enabled: true,
      pinned: true,
      jsonData: this.#settings.jsonData,
      secureJsonFields: Object.fromEntries(names.map(([name]) => [name, true])),
    };
  }

  #page(request: IncomingMessage, plugin: PluginJson): string {
    const { role, theme } = sessionOf(request);
    const panels = plugin.includes
      .filter(({ type }) => type === 'panel')
      .map(({ path }) => {
        const panel = readJson(join(PLUGIN_DIST, path)) as PluginJson;
        return { ...panel, path: dirname(path), options: this.#panelOptions[panel.id] ?? {} };
      });
    const boot = { role, theme, user: USERS[role], meta: this.#meta(plugin), panels };
    return `<!doctype html>
<html lang="en" class="theme-${theme}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>pgvigil preview</title>
<link rel="icon" href="/public/plugins/${plugin.id}/img/logo.svg"><link rel="stylesheet" href="/public/preview/host.css">
</head>
<body class="theme-${theme}"><style>${STYLE}</style><div id="reactRoot"></div>
<script>window.previewBoot = ${JSON.stringify(boot).replaceAll('<', '\\u003c')};</script>
<script src="/public/preview/host.js"></script>
</body>
</html>
`;
  }
}

/** The app may be built again while the preview runs. */
const pluginJson = (): PluginJson => readJson(join(PLUGIN_DIST, 'plugin.json')) as PluginJson;
const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

function split(url: string): [path: string, query: string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark)];
}

/** Files below `/public`, as Grafana serves them. */
function fileOf(path: string, plugin: PluginJson): string | undefined {
  const roots: [prefix: string, folder: string][] = [
    [`/public/plugins/${plugin.id}/`, PLUGIN_DIST],
    ['/public/preview/', BUNDLE],
    ['/public/build/img/', GRAFANA_IMG],
  ];
  // A panel of the app is a plugin of its own to the browser.
  for (const { type, path: include } of plugin.includes) {
    if (type !== 'panel') continue;
    const { id } = readJson(join(PLUGIN_DIST, include)) as PluginJson;
    roots.push([`/public/plugins/${id}/`, join(PLUGIN_DIST, dirname(include))]);
  }
  const [, weight = ''] = /^\/public\/fonts\/inter\/Inter-(\w+)\.woff2$/.exec(path) ?? [];
  if (weight in INTER) return join(FONTS, `inter-latin-${INTER[weight]}-normal.woff2`);
  const root = roots.find(([prefix]) => path.startsWith(prefix));
  if (root === undefined) return undefined;
  const file = normalize(join(root[1], decodeURIComponent(path.slice(root[0].length))));
  const inside = file.startsWith(root[1] + sep) && existsSync(file) && statSync(file).isFile();
  return inside ? file : undefined;
}

function turnedIcon(path: string): string | undefined {
  const [, name = ''] = /^\/public\/build\/img\/icons\/unicons\/([\w-]+)\.svg$/.exec(path) ?? [];
  if (!(name in TURNED)) return undefined;
  const svg = readFileSync(join(GRAFANA_IMG, 'icons', 'unicons', `${TURNED[name]}.svg`), 'utf8');
  return svg.replace(/<path /g, '<path transform="rotate(180 12 12)" ');
}

interface Session {
  readonly role: Role;
  readonly theme: 'light' | 'dark';
}
const COOKIE = 'pgvigil_preview';

function sessionOf(request: IncomingMessage): Session {
  const [, value = ''] = new RegExp(`(?:^|;\\s*)${COOKIE}=([^;]*)`).exec(request.headers.cookie ?? '') ?? [];
  const [role, theme] = value.split('.');
  return { role: isRole(role) ? role : 'admin', theme: theme === 'light' ? 'light' : 'dark' };
}

const cookieOf = ({ role, theme }: Session): string => `${COOKIE}=${role}.${theme}; Path=/; SameSite=Strict; HttpOnly`;

async function changeSession(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const given = JSON.parse(await text(request)) as Partial<Session>;
  response.writeHead(204, { 'Set-Cookie': cookieOf({ ...sessionOf(request), ...given }) }).end();
}

/** A link may say who looks and how: `?preview.role=viewer&preview.theme=light`. */
function enter(response: ServerResponse, path: string, asked: URLSearchParams): void {
  const role = asked.get('preview.role');
  const theme = asked.get('preview.theme') === 'light' ? 'light' : 'dark';
  asked.delete('preview.role');
  asked.delete('preview.theme');
  const rest = asked.toString();
  const headers = { 'Set-Cookie': cookieOf({ role: isRole(role) ? role : 'admin', theme }) };
  response.writeHead(302, { ...headers, Location: path + (rest && `?${rest}`) }).end();
}

/** The browser keeps it, and asks each time whether it is still that: the app may be built again meanwhile. */
function sendFile(request: IncomingMessage, response: ServerResponse, file: string): void {
  const { mtimeMs, size } = statSync(file);
  const headers = { 'Cache-Control': 'no-cache', ETag: `"${mtimeMs}-${size}"` };
  if (request.headers['if-none-match'] === headers.ETag) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, { ...headers, 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' });
  createReadStream(file).pipe(response);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type }).end(body);
}
const sendJson = (response: ServerResponse, status: number, body: unknown): void =>
  send(response, status, 'application/json', JSON.stringify(body));
