/**
 * What a collector is. Collectors are plain data: one file, one query, one group of metrics.
 * The engine (the rest of this folder) is the only code that runs them.
 */

export type MetricType = 'counter' | 'gauge' | 'untyped' | 'histogram';

/** How the rows beyond the series budget are added up into the one row labelled `other`. */
export type Fold = 'sum' | 'max' | 'min' | 'none';

export interface Metric {
  /** The whole name, as exposed. */
  readonly name: string;
  readonly type: MetricType;
  /** Ends with the origin in parentheses, e.g. `(pg_stat_database.blk_read_time, ms at source)`. */
  readonly help: string;
  /** Factor from the source's unit to the base unit: 1e-3 for ms, 1e-6 for µs, 8192 for blocks. */
  readonly scale?: number;
  /** The labels of this metric where they differ from the collector's. */
  readonly labels?: readonly string[];
  /** Text → number, for a source column that is neither number, boolean nor timestamp; other texts give no sample. */
  readonly map?: Readonly<Record<string, number>>;
  /** Default: `sum`. A timestamp takes `max` or `none`; a ratio or an average `none`. */
  readonly fold?: Fold;
}

/**
 * Something the catalogue must have, read once per connection:
 * `pg_stat_io` (a relation in pg_catalog), `pg_stat_wal.wal_sync` (a column of one),
 * `extension pg_stat_statements` or `extension pg_stat_statements 1.8` (installed in this database, at least that version),
 * `role pg_monitor` (the login role has that role's privileges),
 * `function pgvigil.vacuum_need` (installed by `pgvigil sql install` in this database, and open to us),
 * `server >=10.0.0 <14.0.0` (only for users' own queries: a collector of ours never depends on a version number).
 */
export type Need = string;

/** One way to ask; the first whose needs are all met is used, so the last should have the fewest. */
export interface Variant {
  readonly needs?: readonly Need[];
  readonly sql: string;
}

export interface Background {
  /** Seconds between two runs. */
  readonly intervalSeconds: number;
  /** Seconds after which a run is cancelled on the server. */
  readonly timeoutSeconds: number;
}

/** At most `max` rows keep their own labels, those with the highest `rankBy`; the rest are added up in a row labelled `other`. */
export interface Budget {
  readonly max: number;
  /** A numeric column of the result. */
  readonly rankBy: string;
}

/** A row as an object; values are PostgreSQL's text, null where SQL had NULL. */
export type Row = Record<string, string | null>;

export interface Collector {
  /** File name = collector name = `collector` label = flag name. */
  readonly name: string;
  /** `pgbouncer`: `sql` is a SHOW command for the admin console. `function`: from the user's configuration. */
  readonly source: 'postgres' | 'pgbouncer' | 'function';
  /** `server`: once per server. `database`: in every monitored database; `datname` is then added by the engine. */
  readonly scope: 'server' | 'database';
  /**
   * One statement, no parameters, schema-qualified, every label and column under its final alias.
   * `select *` from a view is welcome: columns that are not declared below are not even fetched,
   * declared ones that this server lacks are skipped.
   */
  readonly sql: string | readonly Variant[];
  /** Must be met, otherwise the collector does not run and `pgvigil_collector_problem` says which is missing. */
  readonly needs?: readonly Need[];
  /** The collector runs without it, but sees less (e.g. `role pg_read_all_stats`); said in the same metric. */
  readonly wants?: readonly Need[];
  /** Result columns whose values are labels; NULL becomes the empty string. */
  readonly labels: readonly string[];
  /**
   * Result column → metric(s). NULL gives no sample. Booleans become 0/1, timestamps seconds since 1970.
   * A histogram's column holds the boundaries as an array, `<column>_bucket` the cumulative counts as an array,
   * `<column>_sum` and `<column>_count` the rest (postgres_exporter's convention).
   */
  readonly columns: Readonly<Record<string, Metric | readonly Metric[]>>;
  /** Every row is a metric family of its own: columns `metric`, `type`, `help`, `value` of the result say which. */
  readonly dynamic?: boolean;
  /** Runs apart from the scrape, at its own interval; its last result and its age are served. */
  readonly background?: Background;
  readonly budget?: Budget;
  /**
   * A boolean result column that is true where the value could not be read now (the relation was locked):
   * the object's last values are served, and how old they are.
   */
  readonly keepLastWhen?: string;
  /** True: with `server="host:port"` in every profile, as postgres_exporter has it on what queries.yaml asks for. */
  readonly serverLabel?: boolean;
  /** False: only with `--collector.<name>` or in the configuration. Default true. */
  readonly enabled?: boolean;
  /** Reshapes a small result (PgBouncer's SHOW cannot aggregate). Pure. */
  readonly reshape?: (rows: Row[]) => Row[];
}

/** `counter('pg_x_total', 'Help (origin).', { scale: 1e-3 })` */
export const counter = (name: string, help: string, rest: Partial<Metric> = {}): Metric => ({
  name,
  type: 'counter',
  help,
  ...rest,
});

export const gauge = (name: string, help: string, rest: Partial<Metric> = {}): Metric => ({
  name,
  type: 'gauge',
  help,
  ...rest,
});

export const untyped = (name: string, help: string, rest: Partial<Metric> = {}): Metric => ({
  name,
  type: 'untyped',
  help,
  ...rest,
});

export const histogram = (name: string, help: string, rest: Partial<Metric> = {}): Metric => ({
  name,
  type: 'histogram',
  help,
  ...rest,
});

/** For a SHOW command with a row per setting: one row with a column each, which is what `columns` can name. */
export const pivot =
  (name: string, value: string) =>
  (rows: Row[]): Row[] => {
    const pivoted: Row = {};
    for (const row of rows) pivoted[row[name] ?? ''] = row[value];
    return [pivoted];
  };
