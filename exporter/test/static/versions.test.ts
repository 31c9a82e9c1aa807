import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectors } from '../../src/collectors/index.ts';
import { chooseSql, CollectorUnavailable } from '../../src/metrics/compile.ts';
import type { Facts } from '../../src/metrics/facts.ts';

const MAJORS = [14, 15, 16, 17, 18] as const;

/** Columns as live servers of each major listed them. */
function factsOf(major: number): Facts {
  const text = readFileSync(join(import.meta.dirname, `../facts/pg${major}-columns.tsv`), 'utf8');
  const relations = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'))
    .map(([name, columns]) => [name, new Set(columns.split(','))] as const);
  const newest = { version: '99', schema: 'public' };
  return {
    version: `PostgreSQL ${major}`,
    shortVersion: String(major),
    database: 'postgres',
    user: 'postgres',
    userPath: 'pg_catalog',
    relations: new Map(relations),
    extensions: new Map([
      ['pg_stat_statements', newest],
      ['pg_buffercache', newest],
    ]),
    roles: new Set(['pg_monitor', 'pg_read_all_stats']),
    functions: new Set(collectors.flatMap(({ needs }) => needs ?? []).map((need) => need.replace(/^function /, ''))),
  };
}

/** The first major that has what the collector reads; every other collector runs on all of them. */
const SINCE: Readonly<Record<string, number>> = {
  stat_io: 16,
  recovery_prefetch: 15,
  subscription_stats: 15,
};

test.each(MAJORS)('every collector has a statement for PostgreSQL %i, or its view came later', (major) => {
  const facts = factsOf(major);
  const gaps = collectors
    .filter((collector) => collector.source === 'postgres')
    .filter((collector) => {
      try {
        chooseSql(collector, facts);
        return false;
      } catch (error) {
        if (error instanceof CollectorUnavailable) return true;
        throw error;
      }
    })
    .map((collector) => collector.name);
  const expected = Object.keys(SINCE).filter((name) => major < SINCE[name]);
  expect(gaps.sort()).toEqual(expected.sort());
});

test('variants are ordered from the most demanding to the least', () => {
  const wrong = collectors.filter(
    ({ sql }) => typeof sql !== 'string' && sql.slice(0, -1).some((variant) => (variant.needs ?? []).length === 0),
  );
  expect(wrong.map((collector) => collector.name)).toEqual([]);
});

const BOUNCERS = ['1.18', '1.24', '1.26'] as const;

/** SHOW command → its columns, as each PgBouncer listed them; nothing where it has no such command. */
const showColumns = (version: string): Map<string, Set<string>> =>
  new Map(
    readFileSync(join(import.meta.dirname, `../facts/pgbouncer${version}-columns.tsv`), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#') && !line.includes('(not supported)'))
      .map((line) => line.split('\t'))
      .map(([command, columns]) => [`SHOW ${command}`, new Set(columns.split('|'))]),
  );

/** Collectors that read the columns as they come; the others reshape rows of names and values. */
const shows = collectors.filter(
  ({ source, reshape, sql }) => source === 'pgbouncer' && !reshape && sql !== 'SHOW VERSION',
);

test.each(BOUNCERS)('every label of a SHOW command is a column in PgBouncer %s', (version) => {
  const columns = showColumns(version);
  const missing = shows.flatMap(({ name, sql, labels }) => {
    const has = columns.get(sql as string);
    return has === undefined ? [] : labels.filter((label) => !has.has(label)).map((label) => `${name}: ${label}`);
  });
  expect(missing).toEqual([]);
});

test('every column of a SHOW command that we read exists in some PgBouncer', () => {
  const all = BOUNCERS.map(showColumns);
  const missing = shows.flatMap(({ name, sql, columns }) =>
    Object.keys(columns)
      .filter((column) => !all.some((lists) => lists.get(sql as string)?.has(column)))
      .map((column) => `${name}: ${column}`),
  );
  expect(missing).toEqual([]);
});
