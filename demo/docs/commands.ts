/** The commands that the docs show: what stands in their blocks of `sh`, line by line. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...['docs', 'alerts', 'dashboards', 'exporter', 'plugin', 'provisioning', 'demo'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((file) => file.endsWith('.md'))
      .map((file) => `${folder}/${file}`),
  ),
];

export interface ShownCommand {
  /** `docs/state.md`, from the root. */
  readonly page: string;
  /** Without its comment. */
  readonly text: string;
}

const commandsOf = (page: string): ShownCommand[] =>
  [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^ *```sh\n(.*?)^ *```$/gms)].flatMap(([, block]) =>
    block
      .split('\n')
      .map((line) => line.replace(/(^|\s+)#\s.*$/, '').trim())
      .filter((text) => text !== '')
      .map((text) => ({ page, text })),
  );

/** In the order in which they are read. */
export const shownCommands: readonly ShownCommand[] = PAGES.flatMap(commandsOf);

/** What CI runs on a clean clone, and what only another machine could. */
export const ELSEWHERE: readonly { readonly command: RegExp; readonly because: string }[] = [
  { command: /^git clone/, because: 'CI runs on a clean clone' },
  { command: /^npm (test|run (check|build|demo|stack))( -- \S+)?$/, because: '.ci/run' },
  { command: /^npm run (docs|generate)$/, because: 'their results are compared with what is there' },
  { command: /^npm run bench:/, because: 'a benchmark, and no test' },
  { command: /^npm ci && npm run build && npm pack/, because: '.ci/run' },
  {
    command: /^pgvigil bench (?!workloads)/,
    because: 'exporter/test/benchmark/run runs each, with a configuration of its own',
  },
  { command: /^docker compose/, because: 'needs containers; npm run stack reads the same files' },
  { command: /^cat secrets\//, because: 'what make-secrets.sh writes, see there' },
  { command: /^sudo |^systemctl /, because: 'changes the system' },
  { command: /^cd plugin$|sign-plugin/, because: 'needs an account at Grafana Labs' },
  { command: /^\w+=\S+$/, because: 'an assignment, and no command' },
];
