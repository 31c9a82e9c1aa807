/** What the installer noted in the database: which files, and what they made. */
import type pg from 'pg';
import type { Bundle, RecordSchema, SqlFile } from './bundles.ts';
import { keyOf, readObjects, type SchemaObject } from './fingerprint.ts';
import { isPlainTable } from './trust.ts';

export interface InstalledFile {
  readonly bundle: string;
  readonly file: string;
  readonly version: string;
  readonly checksum: string;
  readonly installed_at: Date;
  readonly installed_by: string;
}

export interface InstalledObject extends SchemaObject {
  readonly file: string;
  readonly server_major: number;
}

export async function hasRecord(client: pg.Client, record: RecordSchema = 'pgvigil'): Promise<boolean> {
  const there = await isPlainTable(client, `${record}.installed_file`);
  return (await isPlainTable(client, `${record}.installed_object`)) && there;
}

/** The bundle's files; none where nothing was ever installed. */
export async function readInstalledFiles(client: pg.Client, { name, record }: Bundle): Promise<InstalledFile[]> {
  if (!(await hasRecord(client, record))) return [];
  const text = `select * from ${record}.installed_file where bundle = $1 order by file`;
  return (await client.query<InstalledFile>(text, [name])).rows;
}

export interface Applied {
  readonly bundle: Pick<Bundle, 'name' | 'record'>;
  readonly file: SqlFile;
  readonly version: string;
  readonly serverMajor: number;
  /** The bundle has no record yet: what is in its schema already is taken for ours. */
  readonly adopt: boolean;
  readonly before: readonly SchemaObject[];
  readonly after: readonly SchemaObject[];
}

/**
 * Notes a file and what it made or changed. What somebody else changed and the file leaves as it is keeps its old
 * fingerprint, so that status goes on naming it. Inside the file's transaction.
 */
export async function recordFile(client: pg.Client, applied: Applied): Promise<void> {
  const { file, version, serverMajor, adopt, before, after } = applied;
  const { name, record } = applied.bundle;
  const was = new Map(before.map((object) => [keyOf(object), object.fingerprint]));
  const made = after.filter((object) => was.get(keyOf(object)) !== object.fingerprint);
  const left = new Set(after.map(keyOf));
  const dropped = before.filter((object) => !left.has(keyOf(object)));
  await client.query(recordFileSql(record), [name, file.name, version, file.checksum]);
  await client.query(forgetSql(record), [name, JSON.stringify(dropped)]);
  await client.query(recordMadeSql(record), [name, file.name, JSON.stringify(made), serverMajor]);
  await client.query(recordFoundSql(record), [name, file.name, JSON.stringify(after), serverMajor, adopt]);
}

/** Files that this version no longer has leave the record; their objects stay in the database. */
export async function forgetOtherFiles(client: pg.Client, { name, record, files }: Bundle): Promise<void> {
  const names = files.map((file) => file.name);
  await client.query(`delete from ${record}.installed_file where bundle = $1 and file <> all ($2::text[])`, [
    name,
    names,
  ]);
}

export interface Difference {
  readonly kind: string;
  readonly identity: string;
  readonly state: 'missing' | 'changed';
  /** The file that made it. */
  readonly file: string;
}

export interface Compared {
  /** Objects that should be there. */
  readonly expected: number;
  /** Those that are there but were noted on another major version: it may print the same definition differently. */
  readonly unverified: number;
  readonly differences: readonly Difference[];
}

/** What of a bundle is not as it was installed. */
export async function compareObjects(
  client: pg.Client,
  bundle: Pick<Bundle, 'name' | 'record' | 'schema'>,
  serverMajor: number,
): Promise<Compared> {
  const { rows } = await client.query<InstalledObject>(expectedSql(bundle.record), [bundle.name]);
  const found = new Map(
    (await readObjects(client, bundle.schema)).map((object) => [keyOf(object), object.fingerprint]),
  );
  const missing = new Set(rows.filter((object) => !found.has(keyOf(object))).map(({ identity }) => identity));
  const differences = rows.flatMap((object): Difference[] => {
    const fingerprint = found.get(keyOf(object));
    const { kind, identity, parent, file } = object;
    // A table that is gone has taken its columns and indexes along: one line says it.
    if (fingerprint === undefined) {
      return parent !== null && missing.has(parent) ? [] : [{ kind, identity, state: 'missing', file }];
    }
    const differs = object.server_major === serverMajor && fingerprint !== object.fingerprint;
    return differs ? [{ kind, identity, state: 'changed', file }] : [];
  });
  const unverified = rows.filter((object) => object.server_major !== serverMajor).length;
  return { expected: rows.length, unverified, differences };
}

const expectedSql = (record: RecordSchema): string => `
  select kind, identity, parent, fingerprint, file, server_major from ${record}.installed_object
   where bundle = $1 order by file, kind, identity`;

const recordFileSql = (record: RecordSchema): string => `
  insert into ${record}.installed_file (bundle, file, version, checksum) values ($1, $2, $3, $4)
  on conflict (bundle, file) do update
    set version = excluded.version, checksum = excluded.checksum,
        installed_at = excluded.installed_at, installed_by = excluded.installed_by`;

const OBJECTS = (parameter: string): string =>
  `pg_catalog.jsonb_to_recordset(${parameter}::jsonb) as o (kind text, identity text, parent text, fingerprint text)`;

const forgetSql = (record: RecordSchema): string => `
  delete from ${record}.installed_object i using ${OBJECTS('$2')}
   where i.bundle = $1 and i.kind = o.kind and i.identity = o.identity`;

const insertObjects = (record: RecordSchema): string => `
  insert into ${record}.installed_object as i (bundle, kind, identity, parent, file, fingerprint, server_major)
  select $1, o.kind, o.identity, o.parent, $2, o.fingerprint, $4::integer`;

const recordMadeSql = (record: RecordSchema): string => `${insertObjects(record)} from ${OBJECTS('$3')}
  on conflict (bundle, kind, identity) do update
    set parent = excluded.parent, file = excluded.file, fingerprint = excluded.fingerprint,
        server_major = excluded.server_major`;

/** What another major version printed cannot be compared with; and what was there before the first install is taken over. */
const recordFoundSql = (record: RecordSchema): string => `${insertObjects(record)} from ${OBJECTS('$3')}
   where $5::boolean or exists (
     select from ${record}.installed_object e where e.bundle = $1 and e.kind = o.kind and e.identity = o.identity)
  on conflict (bundle, kind, identity) do update
    set fingerprint = excluded.fingerprint, server_major = excluded.server_major
  where i.server_major <> excluded.server_major`;
