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

/** The schema with the tables `installed_file` and `installed_object`; a literal, as it is written into statements. */
export type RecordSchema = 'pgvigil' | 'pgvigil_state';

export interface Bundle {
  readonly name: string;
  /** Where it is noted what was installed. The state database may have none of the functions, so it has its own. */
  readonly record: RecordSchema;
  /** Everything the files make is in this schema. */
  readonly schema: string;
  /** In the order in which they are applied. */
  readonly files: readonly SqlFile[];
}

type Described = Omit<Bundle, 'files'> & { readonly folder: string; readonly names: RegExp };

const FUNCTIONS: Described = {
  name: 'pgvigil',
  record: 'pgvigil',
  schema: 'pgvigil',
  folder: '.',
  names: /^\d\d_.*\.sql$/,
};
const STATE: Described = {
  name: 'state',
  record: 'pgvigil_state',
  schema: 'pgvigil_state',
  folder: 'state',
  names: /^\d\d_.*\.sql$/,
};
const SAMPLES = [
  { name: 'musicdb', record: 'pgvigil', schema: 'musicdb', folder: 'init', names: /^0\d-.*\.sql$/ },
  { name: 'roadtrip', record: 'pgvigil', schema: 'roadtrip', folder: 'init', names: /^1\d-.*\.sql$/ },
] as const satisfies readonly Described[];

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

/** History, jobs and audit, for the state database. */
export const stateBundle = (folder = sqlFolder()): Bundle => read(folder, STATE);

function read(root: string, { folder: below, names: pattern, ...described }: Described): Bundle {
  const folder = join(root, below);
  // Two digits lead every name, so the order of the names is the order of the numbers.
  const names = readdirSync(folder)
    .filter((file) => pattern.test(file))
    .sort();
  return { ...described, files: names.map((file) => sqlFile(file, readFileSync(join(folder, file), 'utf8'))) };
}

export const sqlFile = (name: string, text: string): SqlFile => ({
  name,
  text,
  checksum: createHash('sha256').update(text).digest('hex'),
});
