/** Builds the app into plugin/dist, weighs it, packs it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipFolder } from './zip.ts';

const ROOT = join(import.meta.dirname, '..');
const PLUGIN = join(ROOT, 'plugin');
const DIST = join(PLUGIN, 'dist');
const BUILT = join(DIST, 'module.js');
const WEBPACK = join(ROOT, 'node_modules', 'webpack', 'bin', 'webpack.js');
/** What a browser loads before the first page is there, compressed. */
const MOST_BYTES = 250 * 1024;

interface Chunk {
  readonly files: readonly string[];
  readonly names: readonly string[];
  readonly origins?: readonly { readonly request: string }[];
}
interface Stats {
  readonly chunks: readonly Chunk[];
  readonly errors: readonly { readonly message: string }[];
}

/**
 * Nothing to do when the last build is younger than the sources.
 * @throws Error when it does not compile, with webpack's words.
 */
export function buildPlugin({ always = false } = {}): void {
  if (!always && existsSync(BUILT) && statSync(BUILT).mtimeMs > newestSource()) return;
  compile();
}

/** The build for a release: its size is looked at, and a zip made of it. @returns lines for people. */
export async function releasePlugin(): Promise<string[]> {
  const { chunks } = compile();
  const bytes = firstPageBytes(chunks);
  if (bytes > MOST_BYTES) throw new Error(`The app's first page takes ${bytes} bytes, more than ${MOST_BYTES}.`);
  const { id, info } = JSON.parse(readFileSync(join(DIST, 'plugin.json'), 'utf8')) as PluginJson;
  const zip = join(PLUGIN, `${id}-${info.version}.zip`);
  await zipFolder(DIST, id, zip);
  return [
    `${id} ${info.version}: first page ${(bytes / 1024).toFixed(0)} KiB of ${MOST_BYTES / 1024} KiB allowed (gzip)`,
    `${zip}: ${(statSync(zip).size / 1024).toFixed(0)} KiB`,
  ];
}

interface PluginJson {
  readonly id: string;
  readonly info: { readonly version: string };
}

function compile(): Stats {
  const folder = mkdtempSync(join(tmpdir(), 'pgvigil-build-'));
  try {
    const file = join(folder, 'stats.json');
    // create-plugin's files are ES modules in a package that does not say so.
    const node = ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', WEBPACK];
    const options = ['-c', 'webpack.config.mjs', '--env', 'production', '--stats', 'normal', `--json=${file}`];
    try {
      // Its tooling finds the plugin by the working directory.
      execFileSync(process.execPath, [...node, ...options], { cwd: PLUGIN, stdio: ['ignore', 'ignore', 'pipe'] });
    } catch (error) {
      if (!existsSync(file)) throw error;
    }
    const stats = JSON.parse(readFileSync(file, 'utf8')) as Stats;
    if (stats.errors.length > 0) throw new Error(stats.errors.map(({ message }) => message).join('\n\n'));
    // Files that come out as they were are not written again: without this it would be built again each time from then on.
    utimesSync(BUILT, new Date(), new Date());
    return stats;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `module.js`, the app around the pages, and the page that is shown first. */
function firstPageBytes(chunks: readonly Chunk[]): number {
  const first = /import\('\.(\/[^']+)'\)/.exec(readFileSync(join(PLUGIN, 'src', 'pages', 'index.ts'), 'utf8'))![1];
  const needed = chunks.filter(
    ({ names, origins = [] }) =>
      names.includes('module') || origins.some(({ request }) => request === './App' || request === `.${first}`),
  );
  const files = new Set(needed.flatMap(({ files }) => files).map((file) => file.replace(/\?.*$/, '')));
  return [...files].reduce((bytes, file) => bytes + gzipSync(readFileSync(join(DIST, file))).length, 0);
}

function newestSource(): number {
  const sources = readdirSync(join(PLUGIN, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.includes('.test.'))
    .map((path) => join('src', path));
  const others = ['package.json', 'CHANGELOG.md', 'webpack.config.mjs', '.config/webpack/webpack.config.ts'];
  const alerts = readdirSync(join(PLUGIN, '..', 'alerts'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.rules.yml') || path.startsWith('runbooks'))
    .map((path) => join('..', 'alerts', path));
  const files = [...sources, ...others, ...alerts].map((path) => join(PLUGIN, path)).filter(existsSync);
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}
