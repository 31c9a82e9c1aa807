/** What the tests of the search for duplicates share: a database with it, and how what it finds is held against the truth. */
import type { PostgresServer } from '../../../demo/servers/index.ts';
import { openSession, type Session } from '../support/database.ts';
import { applySql } from '../support/sql.ts';

const FILES = ['01_schema.sql', '02_roles.sql', '70_duplicates.sql', '71_duplicates_features.sql'].concat([
  '72_duplicates_compare.sql',
  '73_duplicates_find.sql',
]);

/** Applied twice: whatever works only the first time fails here. */
export async function installDuplicates(server: PostgresServer, database = 'postgres'): Promise<void> {
  await server.query('create extension if not exists pg_trgm', database);
  for (let times = 0; times < 2; times++) await applySql(server, database, ...FILES);
  await server.query('grant usage on schema pgvigil to pgvigil_monitor, pgvigil_maintain', database);
}

export interface Pair {
  readonly left_key: string;
  readonly right_key: string;
  readonly score: number;
  readonly cluster_key: string;
  readonly reasons: string[];
}

/** A table of its own for one test: `create table … as values …`, and what is found in it. */
export async function findIn(
  server: PostgresServer,
  columns: string,
  rows: readonly string[],
  options = '0.5, null',
): Promise<Pair[]> {
  await server.query('drop table if exists sample cascade');
  await server.query(`create table sample (${columns})`);
  if (rows.length > 0) await server.query(`insert into sample values ${rows.join(', ')}`);
  const map = Object.fromEntries(columns.split(', ').map((column) => [column.split(' ')[0], column.split(' ')[0]]));
  return find(server, 'sample', map, options);
}

export async function find(
  server: PostgresServer,
  relation: string,
  map: Readonly<Record<string, string>>,
  options = '0.5, null',
): Promise<Pair[]> {
  return (await server.query(
    `select * from pgvigil.find_duplicates('${relation}', '${JSON.stringify(map)}', ${options})`,
  )) as unknown as Pair[];
}

const pairsOf = (groups: Iterable<readonly string[]>): Set<string> => {
  const pairs = new Set<string>();
  for (const group of groups) {
    const keys = group.toSorted();
    keys.forEach((left, i) => keys.slice(i + 1).forEach((right) => pairs.add(`${left} ${right}`)));
  }
  return pairs;
};

const grouped = (members: Iterable<readonly [key: string, group: string]>): string[][] => {
  const groups = new Map<string, Set<string>>();
  for (const [key, group] of members) groups.set(group, (groups.get(group) ?? new Set()).add(key));
  return [...groups.values()].map((group) => [...group]);
};

/** The clusters, each a sorted list of keys. */
export const clusters = (found: readonly Pair[]): string[][] =>
  grouped(found.flatMap((pair) => [pair.left_key, pair.right_key].map((key) => [key, pair.cluster_key] as const)))
    .map((keys) => keys.toSorted())
    .toSorted();

export interface Quality {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Pair by pair, after clustering. `truth`: of every key, what it really is. */
export function quality(found: readonly Pair[], truth: ReadonlyMap<string, string>): Quality {
  const claimed = pairsOf(clusters(found));
  const real = pairsOf(grouped(truth));
  const right = [...claimed].filter((pair) => real.has(pair)).length;
  const precision = right / claimed.size;
  const recall = right / real.size;
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall) };
}

/** A session as the exporter's are: read-only, in a hurry. */
export const watcher = (server: PostgresServer, user: string): Promise<Session> =>
  openSession(server.url('postgres', user), {
    options: '-c default_transaction_read_only=on -c lock_timeout=100ms -c statement_timeout=60s',
  });
