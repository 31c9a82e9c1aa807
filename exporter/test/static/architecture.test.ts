import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const SRC = resolve(import.meta.dirname, '../../src');

/** What may open connections of its own, or hand out what a database says. */
const WITH_DATABASES = ['db/', 'config/types.ts', 'config/dsn.ts', 'contract/', 'log.ts'];

/** Folder → what its files may import, as paths from src/. A path that ends in / is a folder. Nothing else is allowed. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  collectors: ['metrics/types.ts', 'collectors/'],
  config: [
    'config/',
    'collectors/index.ts',
    'metrics/types.ts',
    'metrics/compile.ts',
    'metrics/select.ts',
    'metrics/self.ts',
    'metrics/profiles/index.ts',
  ],
  db: ['db/', 'config/types.ts'],
  'metrics/profiles': ['metrics/profiles/', 'metrics/types.ts', 'collectors/', 'config/types.ts'],
  metrics: ['metrics/', 'db/', 'config/types.ts', 'config/server_range.ts', 'log.ts'],
  contract: ['contract/'],
  actions: ['actions/', 'contract/'],
  store: ['store/', ...WITH_DATABASES],
  live: ['live/', ...WITH_DATABASES],
  history: ['history/', 'live/', 'store/', 'statements/', ...WITH_DATABASES],
  statements: ['statements/', 'live/', 'history/', 'store/', 'contract/', 'db/errors.ts', 'log.ts'],
  jobs: ['jobs/', 'actions/', 'store/', 'live/', ...WITH_DATABASES],
  benchmark: ['benchmark/', 'jobs/sessions.ts', 'store/', 'config/problems.ts', 'config/yaml.ts', ...WITH_DATABASES],
  'benchmark/compare': [
    'benchmark/compare/',
    'benchmark/recording.ts',
    'contract/',
    'benchmark/workload/schema.ts',
    'benchmark/workload/random.ts',
  ],
  // Of db only what a failure is called: connections are opened by those below it.
  api: [
    'api/',
    'actions/',
    'benchmark/',
    'contract/',
    'db/errors.ts',
    'history/',
    'jobs/',
    'live/',
    'log.ts',
    'metrics/',
    'statements/',
    'store/',
    'config/types.ts',
    'config/dsn.ts',
    'config/problems.ts',
  ],
  sql: ['sql/', 'db/'],
  sample: ['sample/', 'sql/', 'db/'],
  etl: ['etl/', 'db/'],
  partitions: ['partitions/', 'db/'],
  cli: [
    'cli/',
    'api/',
    'contract/',
    'metrics/',
    'db/',
    'config/',
    'sql/',
    'sample/',
    'etl/',
    'partitions/',
    'benchmark/',
    'store/',
    'live/',
    'history/',
    'jobs/',
    'statements/',
    'collectors/index.ts',
    'log.ts',
    'version.ts',
  ],
  '': ['cli/', 'config/types.ts', 'version.ts'],
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

const importsOf = (file: string): string[] =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)'/g)].map(([, path]) =>
    relative(SRC, resolve(SRC, dirname(file), path)),
  );

/** Of the folder itself, or of the nearest one above it that has rules; the program's own folder has none below it. */
function rulesFor(folder: string): readonly string[] {
  if (folder === '.') return MAY_IMPORT[''];
  return MAY_IMPORT[folder] ?? (folder.includes('/') ? rulesFor(dirname(folder)) : []);
}

test.each(files)('%s imports only what its folder may', (file) => {
  const allowed = rulesFor(dirname(file));
  const forbidden = importsOf(file).filter(
    (path) => !allowed.some((rule) => (rule.endsWith('/') ? path.startsWith(rule) : path === rule)),
  );
  expect(forbidden).toEqual([]);
});

test('a collector imports no other collector', () => {
  const crossing = files
    .filter((file) => file.startsWith('collectors/') && file !== 'collectors/index.ts')
    .flatMap((file) => importsOf(file).filter((path) => path.startsWith('collectors/')));
  expect(crossing).toEqual([]);
});

test('sessions begin in db/session.ts, where nobody else decides what names mean', () => {
  const openers = files.filter((file) => /\bopenClient\b/.test(readFileSync(join(SRC, file), 'utf8')));
  // The load runs no statements of ours, but a workload's, with the path that its user has.
  expect(openers.filter((file) => !file.startsWith('db/'))).toEqual(['benchmark/load/session.ts']);
  const pools = files.filter((file) => /\bopenPool\(/.test(readFileSync(join(SRC, file), 'utf8')));
  const careless = pools.filter((file) => !readFileSync(join(SRC, file), 'utf8').includes('searchPath: OWN_PATH'));
  expect(careless.filter((file) => !file.startsWith('db/'))).toEqual([]);
});

const ROOT = resolve(import.meta.dirname, '../../..');

const written = ['exporter/src', 'exporter/test', 'demo', 'bench', 'docs', 'sql', '.ci'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|mjs|sql|sh|conf|ini)$/.test(file))
    .map((file) => join(folder, file)),
);

test.each(written)('%s is at most 400 lines', (file) => {
  expect(readFileSync(join(ROOT, file), 'utf8').split('\n').length).toBeLessThanOrEqual(401);
});
