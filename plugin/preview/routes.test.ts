import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { actions } from '../../exporter/src/actions/index.ts';
import { SECRET_HEADER } from '../../exporter/src/api/auth.ts';
import { type EndpointKey, endpoints } from '../../exporter/src/contract/index.ts';
import { findRoute, type Route } from './proxy.ts';

/** plugin.json says again, for Grafana, what is decided elsewhere: here the two are held together. */
const ROOT = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Include {
  readonly type: string;
  readonly name: string;
  readonly path: string;
}
interface PluginJson {
  readonly id: string;
  readonly info: {
    readonly logos: { readonly small: string; readonly large: string };
    readonly screenshots?: readonly { readonly path: string }[];
  };
  readonly includes: readonly Include[];
  readonly routes: readonly Route[];
}
const plugin = JSON.parse(read('plugin/src/plugin.json')) as PluginJson;
const panels = plugin.includes.filter(({ type }) => type === 'panel');
const panelJson = ({ path }: Include): PluginJson => JSON.parse(read(`plugin/src/${path}`)) as PluginJson;

/** Every endpoint as a request; those of actions once for each action. */
const requests = (Object.keys(endpoints) as EndpointKey[]).flatMap((key) => {
  const [method, path] = key.split(' ');
  const { role } = endpoints[key];
  const sample = path.slice(1).replace(/:(queryId|id|workload)/, '1');
  if (!sample.includes(':action')) return [{ method, path: sample, role: role === 'action' ? 'Editor' : role }];
  return actions.map(({ id, role }) => ({ method, path: sample.replace(':action', id), role }));
});

test.each(requests)(
  '$method $path: Grafana asks for the role $role, as the exporter does',
  ({ method, path, role }) => {
    const { route } = findRoute(plugin.routes, method, path)!;
    expect(route.reqRole).toBe(role);
    const secret = method === 'GET' ? 'readSecret' : 'writeSecret';
    expect(route.headers).toEqual([{ name: SECRET_HEADER, content: `{{ .SecureJsonData.${secret} }}` }]);
  },
);

test('a route sends on exactly the path that it matched', () => {
  for (const { path, url } of plugin.routes) expect(`${url}/*`).toBe(`{{ .JsonData.url }}/${path}`);
});

test('the navigation has the pages of the list, and the list those of the navigation', () => {
  const list = [...read('plugin/src/pages/index.ts').matchAll(/path: '([^']+)'/g)].map(([, path]) => path);
  const pages = plugin.includes.filter(({ path }) => path.startsWith('/a/'));
  expect(pages.map(({ path }) => path)).toEqual(
    list.filter((path) => !path.includes(':')).map((path) => `/a/%PLUGIN_ID%/${path}`),
  );
});

test('all ids are allowed to load unsigned, wherever it is said', () => {
  const line = `allow_loading_unsigned_plugins = ${[plugin, ...panels.map(panelJson)].map(({ id }) => id).join(',')}`;
  for (const file of ['docs/grafana.md', 'provisioning/grafana/grafana.ini.example'])
    expect(read(file)).toContain(line);
});

test('an include is called as its panel is', () => {
  for (const panel of panels) expect(panelJson(panel)).toMatchObject({ type: 'panel', name: panel.name });
});

test('every picture that is named is there', () => {
  const parts: [string, PluginJson][] = [
    ['', plugin],
    ...panels.map((panel): [string, PluginJson] => [dirname(panel.path), panelJson(panel)]),
  ];
  const pictures = parts.flatMap(([folder, { info }]) =>
    [info.logos.small, info.logos.large, ...(info.screenshots ?? []).map(({ path }) => path)].map((path) =>
      join(ROOT, 'plugin/src', folder, path),
    ),
  );
  expect(pictures.filter((path) => !existsSync(path))).toEqual([]);
  expect(plugin.info.screenshots).not.toHaveLength(0);
});
