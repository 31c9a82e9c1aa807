/**
 * What `pgvigil check` looks at on a PostgreSQL server. Data: a row is what to look for, what its lack costs, and the
 * statement that cures it.
 */
import type { Facts } from '../metrics/facts.ts';

/** What one server says about itself, beyond the facts every connection reads. */
export interface Findings {
  readonly facts: Facts;
  readonly isSuperuser: boolean;
  /** From pg_settings; a setting that this role may not see is absent. */
  readonly settings: ReadonlyMap<string, string>;
  /** Extensions that the server could install: name → the version it would install. */
  readonly available: ReadonlyMap<string, string>;
  /** Databases that the role may not connect to. */
  readonly closedDatabases: readonly string[];
}

export interface Advice {
  /** What is missing, as a sentence without a full stop. */
  readonly missing: string;
  /** What that costs. */
  readonly cost: string;
  /** Statements to run as an administrator, exactly. */
  readonly cure: readonly string[];
}

type Rule = (findings: Findings) => Advice | undefined;

const quoted = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

const role =
  (name: string, cost: string): Rule =>
  ({ facts }) =>
    facts.roles.has(name)
      ? undefined
      : {
          missing: `${facts.user} does not have the privileges of ${name}`,
          cost,
          cure: [`GRANT ${name} TO ${quoted(facts.user)};`],
        };

const setting =
  (name: string, wanted: string, cost: string): Rule =>
  ({ settings }) => {
    const value = settings.get(name);
    if (value === undefined || value === wanted) return undefined;
    const cure = [`ALTER SYSTEM SET ${name} = ${wanted};`, 'SELECT pg_reload_conf();'];
    return { missing: `${name} is ${value}`, cost, cure };
  };

const statementsLibrary: Rule = ({ settings }) => {
  const preloaded = settings.get('shared_preload_libraries');
  if (preloaded === undefined || preloaded.includes('pg_stat_statements')) return undefined;
  const libraries = [...preloaded.split(',').map((name) => name.trim()), 'pg_stat_statements'].filter(Boolean);
  return {
    missing: 'pg_stat_statements is not loaded',
    cost: 'no metrics of statements: which query takes the time stays unknown',
    cure: [
      `ALTER SYSTEM SET shared_preload_libraries = ${libraries.map((name) => `'${name}'`).join(', ')};`,
      '-- then restart PostgreSQL',
    ],
  };
};

const extension =
  (name: string, cost: string): Rule =>
  ({ facts, available }) => {
    const installed = facts.extensions.get(name)?.version;
    const newest = available.get(name);
    if (newest === undefined || installed === newest) return undefined;
    if (installed === undefined) {
      return { missing: `${name} is not installed in ${facts.database}`, cost, cure: [`CREATE EXTENSION ${name};`] };
    }
    return {
      missing: `${name} is ${installed}; the server has ${newest}`,
      cost: 'the columns that came later are missing (usual after pg_upgrade)',
      cure: [`ALTER EXTENSION ${name} UPDATE;`],
    };
  };

const closedDatabases: Rule = ({ closedDatabases, facts }) =>
  closedDatabases.length === 0
    ? undefined
    : {
        missing: `${facts.user} may not connect to ${closedDatabases.join(', ')}`,
        cost: 'no metrics of the tables and indexes there, and without pg_read_all_stats no size',
        cure: closedDatabases.map((name) => `GRANT CONNECT ON DATABASE ${quoted(name)} TO ${quoted(facts.user)};`),
      };

const superuser: Rule = ({ isSuperuser, facts }) =>
  isSuperuser && facts.user !== 'postgres'
    ? {
        missing: `${facts.user} is a superuser`,
        cost: 'nothing is lost, but monitoring needs far less: pg_monitor is enough',
        cure: [`ALTER ROLE ${quoted(facts.user)} NOSUPERUSER;`, `GRANT pg_monitor TO ${quoted(facts.user)};`],
      }
    : undefined;

const functions: Rule = ({ facts }) =>
  facts.functions.size > 0
    ? undefined
    : {
        missing: `pgvigil's SQL functions are not installed in ${facts.database}, or not open to ${facts.user}`,
        cost: 'no metrics of index findings, bloat, vacuum need, partitions and materialized views',
        cure: [
          `-- pgvigil sql install --db postgresql://<owner>@<host>/${facts.database}`,
          `GRANT pgvigil_monitor TO ${quoted(facts.user)};`,
        ],
      };

export const rules: readonly Rule[] = [
  role(
    'pg_monitor',
    "other users' sessions, waits and statements are hidden, and so are some settings, the WAL directory and sizes",
  ),
  superuser,
  closedDatabases,
  statementsLibrary,
  extension('pg_stat_statements', 'no metrics of statements'),
  extension('pg_buffercache', 'no pg_buffercache_summary_* metrics (PostgreSQL 16 and later)'),
  functions,
  setting('track_counts', 'on', 'no metrics of tables and indexes, and autovacuum does not run'),
  setting('track_activities', 'on', 'sessions have no state and no query'),
  setting('track_io_timing', 'on', 'all times of reads and writes are 0'),
];
