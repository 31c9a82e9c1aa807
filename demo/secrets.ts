import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Secrets {
  readonly read: string;
  readonly write: string;
  /** Where the exporter reads them; only this user may. */
  readonly readFile: string;
  readonly writeFile: string;
  /** For what else the exporter writes. */
  readonly folder: string;
  remove(): void;
}

/** What Grafana's routes send to the exporter, new at each start. */
export function makeSecrets(): Secrets {
  const folder = mkdtempSync(join(tmpdir(), 'pgvigil-secrets-'));
  const [read, write] = [1, 2].map(() => randomBytes(24).toString('base64url'));
  const [readFile, writeFile] = ['read', 'write'].map((name) => join(folder, name));
  writeFileSync(readFile, `${read}\n`, { mode: 0o600 });
  writeFileSync(writeFile, `${write}\n`, { mode: 0o600 });
  return { read, write, readFile, writeFile, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
