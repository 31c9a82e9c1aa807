/** Applies bundles: each file in one transaction, all under one lock, each noted with what it made. */
import type pg from 'pg';
import type { Bundle, SqlFile } from './bundles.ts';
import { fileFailure } from './failure.ts';
import { readObjects } from './fingerprint.ts';
import { withInstallLock } from './lock.ts';
import { compareObjects, type Difference, forgetOtherFiles, readInstalledFiles, recordFile } from './record.ts';
import { assertWritable, inspectSession, type InstallerSession } from './session.ts';
import { inTransaction } from './transaction.ts';
import { refuseStrangers } from './trust.ts';

export interface InstallOptions {
  /** Of pgvigil. */
  readonly version: string;
  /** How long to wait for another installer; default 60. */
  readonly waitSeconds?: number;
  /** See transaction.ts. */
  readonly lockTimeoutMs?: number;
  readonly report: (line: string) => void;
}

/** A bundle as it is after the installation. */
export interface Installed {
  readonly bundle: string;
  /** Objects that should be there. */
  readonly objects: number;
  /** What is not as installed, and no file could put right: a column that somebody dropped from a table with data. */
  readonly differences: readonly Difference[];
}

const WAIT_SECONDS = 60;

/**
 * Applies the files of `bundles` in the order given; those that are there already once more, so that what was dropped or
 * altered comes back. The bundle `pgvigil` has the record of the samples: it comes first, or was installed before.
 * @throws DatabaseFailure naming file, line, cause and cure; what was applied before stays.
 */
export async function installBundles(
  client: pg.Client,
  bundles: readonly Bundle[],
  options: InstallOptions,
): Promise<Installed[]> {
  const { waitSeconds = WAIT_SECONDS, report } = options;
  const session = await inspectSession(client);
  await assertWritable(client);
  return withInstallLock(client, { waitSeconds, report }, async () => {
    const schemas = bundles.flatMap(({ schema, record }) => [schema, record]);
    await refuseStrangers(client, schemas);
    const installed: Installed[] = [];
    for (const bundle of bundles) installed.push(await installBundle(client, bundle, options, session));
    return installed;
  });
}

async function installBundle(
  client: pg.Client,
  bundle: Bundle,
  options: InstallOptions,
  session: InstallerSession,
): Promise<Installed> {
  const { version, report, lockTimeoutMs } = options;
  const known = await readInstalledFiles(client, bundle);
  const adopt = known.length === 0;
  const width = Math.max(...bundle.files.map(({ name }) => name.length));
  for (const file of bundle.files) {
    const progress = { finished: 0 };
    try {
      await inTransaction(client, { schema: bundle.schema, report, lockTimeoutMs }, async () => {
        const before = await readObjects(client, bundle.schema);
        await applyFile(client, file, progress);
        const after = await readObjects(client, bundle.schema);
        const serverMajor = session.major;
        await recordFile(client, { bundle, file, version, serverMajor, adopt, before, after });
      });
    } catch (error) {
      throw fileFailure(file, error, progress.finished, session);
    }
    const previous = known.find((entry) => entry.file === file.name);
    report(`${file.name.padEnd(width)}  ${outcome(file, previous)}`);
  }
  return inTransaction(client, { schema: bundle.schema, report, lockTimeoutMs }, async () => {
    await forgetOtherFiles(client, bundle);
    const { expected, differences } = await compareObjects(client, bundle, session.major);
    return { bundle: bundle.name, objects: expected, differences };
  });
}

function outcome(file: SqlFile, previous: { version: string; checksum: string } | undefined): string {
  if (previous === undefined) return 'installed';
  return previous.checksum === file.checksum
    ? 'unchanged, applied again'
    : `updated (from pgvigil ${previous.version})`;
}

/** The whole text as one simple query. @param progress counts its statements: some errors do not say where they are. */
async function applyFile(client: pg.Client, file: SqlFile, progress: { finished: number }): Promise<void> {
  progress.finished = 0;
  const count = (): void => void progress.finished++;
  client.connection.on('commandComplete', count);
  try {
    await client.query(file.text);
  } finally {
    client.connection.off('commandComplete', count);
  }
}
