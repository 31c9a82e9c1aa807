/** Applies files of `sql/` to a test's database, without the installer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgresServer } from '../../../demo/servers/index.ts';

const FOLDER = join(import.meta.dirname, '../../../sql');

/** Each file in one transaction, as the installer does it. `file` is a path below `sql/`. */
export async function applySql(server: PostgresServer, database: string, ...files: string[]): Promise<void> {
  for (const file of files) await server.query(readFileSync(join(FOLDER, file), 'utf8'), database);
}
