/** What is installed, beside what this package has and beside what was installed then. */
import type pg from 'pg';
import { DatabaseFailure, describeFailure } from '../db/errors.ts';
import type { Bundle } from './bundles.ts';
import { compareObjects, type Compared, type InstalledFile, readInstalledFiles } from './record.ts';
import { inspectSession, type InstallerSession } from './session.ts';

export type FileState =
  | 'same'
  | 'not installed'
  /** The same version of pgvigil, another text. */
  | 'drift'
  | 'newer package'
  | 'older package'
  | 'not in package';

export interface FileStatus {
  readonly file: string;
  readonly state: FileState;
  readonly installed?: { readonly version: string; readonly at: Date; readonly by: string };
}

export interface BundleStatus {
  readonly bundle: string;
  readonly files: readonly FileStatus[];
  readonly objects: Compared;
}

export interface Status {
  readonly session: InstallerSession;
  readonly bundles: readonly BundleStatus[];
}

/** @throws DatabaseFailure */
export async function readStatus(client: pg.Client, bundles: readonly Bundle[], version: string): Promise<Status> {
  const session = await inspectSession(client);
  await client.query("begin isolation level repeatable read read only; set local lock_timeout = '2s'");
  try {
    const found: BundleStatus[] = [];
    for (const bundle of bundles) {
      const known = await readInstalledFiles(client, bundle);
      const objects = known.length > 0 ? await compareObjects(client, bundle, session.major) : NOTHING;
      found.push({ bundle: bundle.name, files: compareFiles(bundle, known, version), objects });
    }
    return { session, bundles: found };
  } catch (error) {
    const failure = describeFailure(error);
    if (failure.reason !== 'permission_denied') throw failure;
    const message = `${failure.message}\n  Cure: grant ${bundles.some(({ record }) => record === 'pgvigil_state') ? 'pgvigil_state' : 'pgvigil_monitor'} to the login that asks, or ask as the owner of the schema.`;
    throw new DatabaseFailure(failure.reason, message, { fatal: false, cause: error });
  } finally {
    await client.query('rollback').catch(() => undefined);
  }
}

const NOTHING: Compared = { expected: 0, unverified: 0, differences: [] };

export const isInstalled = ({ files }: BundleStatus): boolean => files.some(({ installed }) => installed !== undefined);

/** Every file is this package's, and everything they made is as they made it. */
export const isInPlace = ({ files, objects }: BundleStatus): boolean =>
  files.every(({ state }) => state === 'same') && objects.differences.length === 0 && objects.unverified === 0;

function compareFiles(bundle: Bundle, known: readonly InstalledFile[], version: string): FileStatus[] {
  const ours = bundle.files.map(({ name, checksum }): FileStatus => {
    const entry = known.find(({ file }) => file === name);
    if (entry === undefined) return { file: name, state: 'not installed' };
    const order = compareVersions(version, entry.version);
    const other = order > 0 ? 'newer package' : order < 0 ? 'older package' : 'drift';
    return { file: name, state: entry.checksum === checksum ? 'same' : other, installed: describe(entry) };
  });
  const names = new Set(bundle.files.map(({ name }) => name));
  const others = known.filter(({ file }) => !names.has(file));
  return [
    ...ours,
    ...others.map((entry): FileStatus => ({ file: entry.file, state: 'not in package', installed: describe(entry) })),
  ];
}

const describe = (entry: InstalledFile): FileStatus['installed'] => ({
  version: entry.version,
  at: entry.installed_at,
  by: entry.installed_by,
});

/** By number, part by part; what stands behind a hyphen is not looked at. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('-')[0].split('.').map(Number));
  const index = left.findIndex((part, i) => part !== right[i]);
  return index < 0 ? 0 : left[index] - right[index];
}
