import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { identity, livingPid } from './proc.ts';
import { sleep } from './process.ts';
import { assertReachable } from './user.ts';

/** A lock older than this (ms) is ignored, for processes whose pid we cannot see (containers sharing a cache). */
const LOCK_MAX_AGE_MS = 10 * 60_000;

const isRoot = (): boolean => process.getuid?.() === 0;

function location(): string {
  const named = process.env.PGVIGIL_CACHE;
  if (named) return resolve(named);
  // Root's home is closed to the user that the servers run as.
  if (isRoot()) return '/var/tmp/pgvigil-cache';
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pgvigil');
}

/**
 * The folder of unpacked servers, created if absent. As programs are run from it, one that others could have written is
 * refused with an Error.
 */
export function cacheDir(): string {
  const dir = location();
  // The mode is set apart from mkdir, which would subtract a umask of 077.
  if (mkdirSync(dir, { recursive: true })) chmodSync(dir, 0o755);
  const stat = lstatSync(dir);
  const fault = !stat.isDirectory()
    ? 'is not a directory'
    : stat.uid !== process.getuid?.()
      ? `belongs to uid ${stat.uid}, not to us (uid ${process.getuid?.()})`
      : stat.mode & 0o022
        ? `can be written by others (mode ${(stat.mode & 0o777).toString(8)})`
        : undefined;
  if (fault) {
    throw new Error(
      `will not run programs from ${dir}: it ${fault}. Remove it, or set PGVIGIL_CACHE to another folder`,
    );
  }
  assertReachable(dir, 'set PGVIGIL_CACHE to a folder that every user can enter');
  return dir;
}

/** Prints what is being unpacked or built, and how long that took, on standard error. */
async function withProgress(what: string, work: () => void | Promise<void>): Promise<void> {
  const started = performance.now();
  process.stderr.write(`${what} …\n`);
  await work();
  process.stderr.write(`${what} … ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}

function lock(file: string): boolean {
  try {
    writeFileSync(file, identity(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  try {
    const text = readFileSync(file, 'utf8');
    const age = Date.now() - statSync(file).mtimeMs;
    // An empty one is being written this moment.
    const held = text === '' ? age < 1_000 : livingPid(text) !== undefined && age < LOCK_MAX_AGE_MS;
    if (!held) rmSync(file, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return false;
}

const building = new Map<string, Promise<string>>();

/**
 * The cached directory `key`, built first if absent: `build` fills an empty directory, which is renamed to `key` when
 * complete. The lock only avoids doing the work twice; correctness rests on the rename.
 */
export function cached(key: string, progress: string, build: (dir: string) => void | Promise<void>): Promise<string> {
  const final = join(cacheDir(), key);
  let pending = building.get(final);
  if (!pending) {
    pending = buildOnce(final, progress, build).finally(() => building.delete(final));
    building.set(final, pending);
  }
  return pending;
}

async function buildOnce(
  final: string,
  progress: string,
  build: (dir: string) => void | Promise<void>,
): Promise<string> {
  const lockFile = `${final}.lock`;
  while (!existsSync(final)) {
    if (!lock(lockFile)) {
      await sleep(50);
      continue;
    }
    try {
      if (!existsSync(final)) await withProgress(progress, () => fill(final, build));
    } finally {
      rmSync(lockFile, { force: true });
    }
  }
  return final;
}

async function fill(final: string, build: (dir: string) => void | Promise<void>): Promise<void> {
  // What a killed process left of the same key.
  const prefix = `${basename(final)}.tmp-`;
  for (const name of readdirSync(cacheDir())) {
    if (!name.startsWith(prefix)) continue;
    if (!livingPid(name.slice(prefix.length).replace('-', ' '))) rmSync(join(cacheDir(), name), { recursive: true });
  }
  const temporary = `${final}.tmp-${identity(process.pid).replace(' ', '-')}`;
  mkdirSync(temporary);
  chmodSync(temporary, 0o755);
  try {
    await build(temporary);
    renameSync(temporary, final);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    // Lost a race against a process that ignored our lock: its result is as good.
    if (!existsSync(final)) throw error;
  }
}
