/** What docs/deployment.md and docs/alerting.md name is there: files, scripts, profiles, services. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { readCompose } from '../compose.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const compose = readCompose(join(ROOT, 'docker-compose.yml'));
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

const found = (text: string, pattern: RegExp): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, name]) => name)),
];

describe.each(['docs/deployment.md', 'docs/alerting.md', 'provisioning/README.md'])('%s', (page) => {
  const text = read(page);

  test('names files that are there', () => {
    const named = found(text, /(?<![\w/.-])((?:provisioning|sql|demo|alerts|dashboards|exporter)\/[\w./-]*\w)/g);
    const linked = found(text, /\]\(([^)#]+)(?:#[^)]*)?\)/g).map((link) => join(page, '..', link));
    expect(named.length + linked.length).toBeGreaterThan(1);
    expect([...named, ...linked].filter((path) => !existsSync(join(ROOT, path.replace(/\/\*.*/, ''))))).toEqual([]);
  });

  test('names scripts, profiles, services and configurations that are there', () => {
    expect(found(text, /npm run ([\w:]+)/g).filter((name) => !(name in scripts))).toEqual([]);
    const profiles = Object.values(compose.services).flatMap((service) => service.profiles);
    expect(found(text, /--profile (\w+)/g).filter((name) => ![...profiles, 'none'].includes(name))).toEqual([]);
    const services = found(text, /docker compose (?:exec|logs -f) (\w+)/g);
    expect(services.filter((name) => !(name in compose.services))).toEqual([]);
    const configurations = found(text, /PGVIGIL_CONFIG=([\w-]+)/g);
    expect(configurations.filter((name) => !existsSync(join(ROOT, `provisioning/pgvigil/${name}.yml`)))).toEqual([]);
  });
});

test('docs/alerting.md says how often and to whom, as the routes do', () => {
  interface Route {
    readonly matchers?: readonly string[];
    readonly receiver: string;
    readonly repeat_interval?: string;
    readonly routes?: readonly Route[];
  }
  const { route } = parse(read('provisioning/alertmanager/alertmanager.yml')) as { route: Route };
  const rows = read('docs/alerting.md').matchAll(/^\| (.+?) \| `(\w+)` \| .+ \| (\d+) (h|min) \|$/gm);
  const said = new Map([...rows].map(([, , receiver, count, unit]) => [receiver, `${count}${unit[0]}`]));
  const all = [route, ...route.routes!];
  for (const { receiver, repeat_interval: repeat = route.repeat_interval } of all)
    expect([receiver, said.get(receiver)]).toEqual([receiver, repeat]);
  expect(said.size).toBe(new Set(all.map(({ receiver }) => receiver)).size);
});

test('docs/alerting.md tells of every rule that mutes', () => {
  const { inhibit_rules: rules } = parse(read('provisioning/alertmanager/alertmanager.yml')) as {
    inhibit_rules: { source_matchers: string[] }[];
  };
  const sources = new Set(rules.map(({ source_matchers: [matcher] }) => /"(\w+)"/.exec(matcher)![1]));
  const section = read('docs/alerting.md').split('## What is not said twice')[1];
  expect(found(section, /^\| `?(\w+)`? \|/gm).filter((name) => name !== 'while')).toEqual([...sources]);
});
