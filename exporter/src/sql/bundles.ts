/** Which files there are: sets ("bundles") that are installed, checked and removed together. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SqlFile {
  /** Without its folder: `01_schema.sql`. */
  readonly name: string;
  readonly text: string;
  /** SHA-256, hexadecimal. */
  readonly checksum: string;
}

export interface Bundle {
  readonly name: string;
  /** Everything the files make is in this schema. */
  readonly schema: string;
  /** In the order in which they are applied. */
  readonly files: readonly SqlFile[];
}

const FUNCTIONS = { name: 'pgvigil', schema: 'pgvigil', folder: '.', files: /^\d\d_.*\.sql$/ };
const SAMPLES = [
  { name: 'musicdb', schema: 'musicdb', folder: 'init', files: /^0\d-.*\.sql$/ },
  { name: 'roadtrip', schema: 'roadtrip', folder: 'init', files: /^1\d-.*\.sql$/ },
] as const;

export type SampleName = (typeof SAMPLES)[number]['name'];
export const SAMPLE_NAMES: readonly SampleName[] = SAMPLES.map(({ name }) => name);

/** The build puts the files beside this code; in the source tree they have a folder of their own. */
const FOLDERS = [import.meta.dirname, join(import.meta.dirname, '../../../sql')];

/** Where the files of this package are. @throws Error when the package is incomplete. */
export function sqlFolder(): string {
  const folder = FOLDERS.find((candidate) => existsSync(join(candidate, '01_schema.sql')));
  if (folder === undefined) throw new Error(`no SQL files in ${FOLDERS.join(' or ')}: install pgvigil again`);
  return folder;
}

/** The functions for any database, and the record that every other bundle needs. */
export const functionsBundle = (folder = sqlFolder()): Bundle => read(folder, FUNCTIONS);

export const sampleBundle = (name: SampleName, folder = sqlFolder()): Bundle =>
  read(folder, SAMPLES.find((sample) => sample.name === name)!);

function read(root: string, described: { name: string; schema: string; folder: string; files: RegExp }): Bundle {
  const { name, schema } = described;
  const folder = join(root, described.folder);
  // Two digits lead every name, so the order of the names is the order of the numbers.
  const names = readdirSync(folder)
    .filter((file) => described.files.test(file))
    .sort();
  return { name, schema, files: names.map((file) => sqlFile(file, readFileSync(join(folder, file), 'utf8'))) };
}

export const sqlFile = (name: string, text: string): SqlFile => ({
  name,
  text,
  checksum: createHash('sha256').update(text).digest('hex'),
});
