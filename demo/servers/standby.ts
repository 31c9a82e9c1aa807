import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { run, systemCommand, tail } from './process.ts';
import { serverUser, writeServerFile } from './user.ts';

/** What a standby needs to know of its primary. */
export interface Primary {
  readonly major: number;
  readonly host: string;
  readonly port: number;
  readonly socketDir: string;
  readonly dataDir: string;
}

/** Contents that belong to the running primary, not to a copy of it. */
const NOT_COPIED = [
  'postmaster.pid',
  'postmaster.opts',
  'pg_replslot/*',
  'pg_dynshmem/*',
  'pg_notify/*',
  'pg_stat_tmp/*',
];

/** PostgreSQL 15 renamed the functions. */
function backupFunctions(major: number): { start: string; stop: string } {
  return major >= 15
    ? { start: "pg_backup_start('standby', true)", stop: 'pg_backup_stop(false)' }
    : { start: "pg_start_backup('standby', true, false)", stop: 'pg_stop_backup(false, false)' };
}

/**
 * Copies a running primary's data directory to `dataDir`, as pg_basebackup would, and marks it as a standby. With
 * `slot`, that physical replication slot is created on the primary if absent. The primary is not interrupted.
 */
export async function copyPrimary(primary: Primary, dataDir: string, slot?: string): Promise<void> {
  const { start, stop } = backupFunctions(primary.major);
  const connection = { host: primary.socketDir, port: primary.port, user: 'postgres', database: 'postgres' };
  const client = new pg.Client(connection);
  await client.connect();
  try {
    if (slot) {
      const exists = await client.query('SELECT FROM pg_replication_slots WHERE slot_name = $1', [slot]);
      if (exists.rowCount === 0) await client.query('SELECT pg_create_physical_replication_slot($1, true)', [slot]);
    }
    // The backup lasts as long as this session: both calls must use it.
    await client.query(`SELECT ${start}`);
    await copyWhileRunning(primary.dataDir, dataDir);
    const { rows } = await client.query<{ labelfile: string }>(`SELECT labelfile FROM ${stop}`);
    writeServerFile(join(dataDir, 'backup_label'), rows[0]?.labelfile ?? '');
  } finally {
    await client.end();
  }
  for (const pattern of NOT_COPIED) removeMatching(dataDir, pattern);
  writeServerFile(join(dataDir, 'standby.signal'), '');
}

async function copyWhileRunning(from: string, to: string): Promise<void> {
  const { code, stderr } = await run(systemCommand('cp'), ['-a', '--sparse=never', from, to], {
    user: serverUser(),
    cwd: '/',
  });
  if (code === 0) return;
  // The primary removes files while we copy; replaying its WAL removes them from the copy as well.
  const serious = stderr.split('\n').filter((line) => line && !line.endsWith('No such file or directory'));
  if (serious.length > 0) throw new Error(`cannot copy the primary's data:\n${tail(serious.join('\n'))}`);
}

function removeMatching(dataDir: string, pattern: string): void {
  const [folder, all] = pattern.split('/');
  const path = join(dataDir, folder);
  const targets = all === '*' ? readdirSync(path).map((name) => join(path, name)) : [path];
  for (const target of targets) rmSync(target, { recursive: true, force: true });
}
