import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { cached } from './cache.ts';
import { mustRun, run, systemCommand, tail } from './process.ts';
import type { Command } from './process.ts';

/**
 * A server that this machine cannot provide: not installed, and not to be had from its package archive. Tests bound to
 * a particular version skip on it, and say so.
 */
export class ServerUnavailable extends Error {
  override readonly name = 'ServerUnavailable';
}

/** A program in a Debian or Ubuntu package, to be used without installing the package. */
export interface Packaged {
  /** For people: `PgBouncer 1.24`. */
  readonly title: string;
  /** Those of them that the release has are unpacked together: releases split programs differently. */
  readonly packages: readonly string[];
  /** Path inside the package, such as `usr/sbin/pgbouncer`. */
  readonly program: string;
  /** A Debian release's code name; without it, the machine's own release. */
  readonly suite?: string;
  /** Whether libraries are needed that the machine may lack: everything the package depends on is then unpacked too. */
  readonly dependencies: boolean;
  /** Folders removed after unpacking, to keep the cache small. */
  readonly discard: readonly string[];
  /** Its name in the cache; default: the first package's. For one that is unpacked twice, with different folders kept. */
  readonly key?: string;
}

/** Releases that a machine's sources may name by their role instead of their code name. */
const ROLES = ['stable', 'oldstable', 'testing'];

/** C library packages: never unpacked for the machine's own release, as they must match the machine's own loader. */
const C_LIBRARY = /^(libc6|libc-bin)_/;

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function onPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/local/sbin', '/usr/sbin', '/sbin');
  return folders.map((folder) => join(folder, program)).find((file) => file.startsWith('/') && isExecutable(file));
}

/** The program installed on this machine, if any; also looked for where root's PATH would lead. */
export function installed(program: string): Command | undefined {
  const file = onPath(program);
  return file ? systemCommand(file) : undefined;
}

function osRelease(): { id: string; codenames: string[] } {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const value = (key: string): string => new RegExp(`^${key}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? '';
  return { id: value('ID'), codenames: [value('VERSION_CODENAME'), value('UBUNTU_CODENAME')].filter(Boolean) };
}

/** Why this machine cannot unpack packages of `suite` (default: its own release); `undefined` if it can try. */
function obstacle(suite?: string): string | undefined {
  const { id, codenames } = osRelease();
  if (!onPath('apt-get') || !onPath('dpkg')) return 'this machine has no apt-get';
  if (suite && id !== 'debian' && !codenames.includes(suite)) return `Debian ${suite} is not in the archive of ${id}`;
  return undefined;
}

/** Whether `unpack` can work here for `suite` (a Debian code name; default: the machine's own release). */
export function canUnpack(suite?: string): boolean {
  return obstacle(suite) === undefined;
}

const isOwn = (suite?: string): boolean => suite === undefined || osRelease().codenames.includes(suite);

interface Source {
  readonly uri: string;
  readonly release: string;
  readonly component: string;
  readonly keyring?: string;
}

/** What the machine's own apt reads from, whatever the format of its configuration. */
async function machineSources(): Promise<Source[]> {
  const fields = ['REPO_URI', 'RELEASE', 'COMPONENT', 'SOURCESENTRY', 'ARCHITECTURE'].map((name) => `$(${name})`);
  const apt = systemCommand('apt-get');
  const architecture = (await mustRun(systemCommand('dpkg'), ['--print-architecture'])).trim();
  const text = await mustRun(apt, ['indextargets', '--format', fields.join('|'), 'Created-By: Packages']);
  return text
    .split('\n')
    .map((line) => line.split('|'))
    .filter((columns) => columns[4] === architecture)
    .map(([uri = '', release = '', component = '', entry = '']) => {
      // The entry is named as file:line; apt does not tell which key that entry is signed by.
      const file = entry.replace(/:\d+$/, '');
      const keyring =
        existsSync(file) && /^[^#\n]*signed-by\s*[:=]\s*(\/[^\s\]]+)/im.exec(readFileSync(file, 'utf8'))?.[1];
      return { uri, release, component, keyring: keyring || undefined };
    });
}

/** The lines of a sources.list for `suite`: the machine's own sources, with the release replaced if it is another. */
async function sourcesFor(suite: string | undefined): Promise<string[]> {
  const { codenames } = osRelease();
  const all = await machineSources();
  const base = [...codenames, ...ROLES].find((name) => all.some((source) => source.release === name));
  if (!base)
    throw new ServerUnavailable(`apt on this machine has no source for ${codenames.join(' or ') || 'its release'}`);
  const own = isOwn(suite);
  const releases = own ? [base, `${base}-updates`, `${base}-security`] : [base];
  const lines = all
    .filter((source) => releases.includes(source.release))
    .map(({ uri, release, component, keyring }) => {
      // Only package lists are fetched: no translations, icons or file lists.
      const options = ['target=Packages', keyring ? `signed-by=${keyring}` : ''].filter(Boolean).join(' ');
      return `deb [${options}] ${uri} ${own ? release : suite} ${component}`;
    });
  return [...new Set(lines)];
}

/** An apt that reads the machine's settings (proxy, keys) but keeps all its state in `dir` and believes all is absent. */
function privateApt(dir: string, sources: readonly string[]): { get: Command; cache: Command } {
  for (const folder of ['lists/partial', 'archives/partial', 'empty'])
    mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, 'status'), '');
  writeFileSync(join(dir, 'sources.list'), `${sources.join('\n')}\n`);
  const hooks = ['APT::Update::Pre-Invoke', 'APT::Update::Post-Invoke', 'APT::Update::Post-Invoke-Success'];
  const settings = {
    Dir: '/',
    'Dir::State': dir,
    'Dir::State::lists': join(dir, 'lists'),
    'Dir::State::status': join(dir, 'status'),
    'Dir::Cache': dir,
    'Dir::Cache::archives': join(dir, 'archives'),
    'Dir::Etc::sourcelist': join(dir, 'sources.list'),
    'Dir::Etc::sourceparts': join(dir, 'empty'),
    'Dir::Etc::preferences': join(dir, 'no-preferences'),
    'Dir::Etc::preferencesparts': join(dir, 'empty'),
    // apt would otherwise download as user _apt, who cannot write here.
    'APT::Sandbox::User': '',
    'Acquire::Retries': '2',
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} "${value}";\n`);
  // The machine's hooks are meant for the machine's own package cache.
  writeFileSync(join(dir, 'apt.conf'), lines.concat(hooks.map((hook) => `#clear ${hook};\n`)).join(''));
  const command = (name: string): Command => ({ ...systemCommand(name), args: ['-c', join(dir, 'apt.conf')] });
  return { get: command('apt-get'), cache: command('apt-cache') };
}

/**
 * Unpacks `packaged` into the cache, if it is not there yet, and returns how to run it. Nothing is installed. Throws
 * `ServerUnavailable` where that is not possible.
 */
export async function unpack(packaged: Packaged): Promise<Command> {
  const { title, suite, packages, program, key = packages[0] } = packaged;
  const own = isOwn(suite);
  const release = suite ?? osRelease().codenames.at(0) ?? 'own';
  const progress = `unpacking ${title} (${suite ? 'Debian ' : ''}${release})`;
  const reason = obstacle(suite);
  try {
    if (reason) throw new ServerUnavailable(reason);
    const root = await cached(`apt-${release}-${key}`, progress, (dir) => fill(dir, packaged, release));
    return unpackedCommand(root, join(root, program), own);
  } catch (error) {
    if (!(error instanceof ServerUnavailable)) throw error;
    const file = program.split('/').pop();
    const wanted = suite ? ` (wanted here: the version of Debian ${suite})` : '';
    const remedy = `install ${packages[0]} with your system's package manager, so that ${file} is on the PATH${wanted}`;
    throw new ServerUnavailable(`${title} is needed, but ${error.message.trimEnd()}\nRemedy: ${remedy}`, {
      cause: error,
    });
  }
}

async function fill(dir: string, packaged: Packaged, release: string): Promise<void> {
  const state = join(dir, 'apt');
  const archives = join(state, 'archives');
  const apt = privateApt(state, await sourcesFor(packaged.suite));
  const update = await run(apt.get, ['update']);
  if (update.code !== 0) throw new ServerUnavailable(`apt-get update failed:\n${tail(update.stderr)}`);
  const found: string[] = [];
  for (const name of packaged.packages) if ((await run(apt.cache, ['show', name])).code === 0) found.push(name);
  if (found.length === 0) {
    // Without a network apt-get update ends well all the same, having said so.
    const said = update.stderr ? `; apt-get update said:\n${tail(update.stderr, 5)}` : '';
    throw new ServerUnavailable(`${release} has no package ${packaged.packages.join(' or ')}${said}`);
  }
  const download = packaged.dependencies
    ? await run(apt.get, ['install', '-y', '--download-only', '--no-install-recommends', ...found])
    : await run(apt.get, ['download', ...found], { cwd: archives });
  if (download.code !== 0) throw new ServerUnavailable(`apt-get could not fetch it:\n${tail(download.stderr)}`);
  for (const file of readdirSync(archives)) {
    if (!file.endsWith('.deb') || (isOwn(packaged.suite) && C_LIBRARY.test(file))) continue;
    await mustRun(systemCommand('dpkg'), ['-x', join(archives, file), dir]);
  }
  for (const folder of ['apt', ...packaged.discard]) rmSync(join(dir, folder), { recursive: true, force: true });
  if (!existsSync(join(dir, packaged.program))) {
    throw new ServerUnavailable(`${found.join(' and ')} of ${release} has no ${packaged.program}`);
  }
}

/** lib and usr/lib with two levels of subfolders: the architecture's, and private ones below it. */
function libraryFolders(root: string): string[] {
  const below = (folder: string): string[] =>
    existsSync(folder)
      ? readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
          entry.isDirectory() ? join(folder, entry.name) : [],
        )
      : [];
  const tops = ['lib', 'usr/lib', 'lib64', 'usr/lib64']
    .map((name) => join(root, name))
    .filter((name) => existsSync(name));
  const middle = tops.flatMap(below);
  return [...tops, ...middle, ...middle.flatMap(below)].filter((folder) =>
    readdirSync(folder).some((name) => name.includes('.so')),
  );
}

function unpackedCommand(root: string, program: string, own: boolean): Command {
  const folders = libraryFolders(root);
  const env = { ...process.env, LC_ALL: 'C' };
  // The own release's C library is the machine's, so the machine's loader fits.
  if (own) return { file: program, args: [], env: { ...env, LD_LIBRARY_PATH: folders.join(':') } };
  const loader = folders
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .find((file) => /\/ld-linux-[^/]*\.so\.\d+$/.test(file));
  if (!loader) throw new ServerUnavailable(`no dynamic loader in ${root}: remove that folder and try again`);
  return { file: loader, args: ['--library-path', folders.join(':'), program], env };
}
