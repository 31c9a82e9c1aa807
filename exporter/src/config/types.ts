import type { Collector } from '../metrics/types.ts';

/**
 * Where and how to connect. Secrets live here only: `describeDsn` is how it is printed.
 * `password` is not enumerable, so a spread loses it: `forDatabase` makes the Dsn of another database.
 */
export interface Dsn {
  /** Host name, address, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  /** Read again at every connection, so that a rotated secret needs no restart. */
  readonly passwordFile?: string;
  readonly database: string;
  readonly tls: Tls;
  /** Seconds; how long one connection attempt may take. */
  readonly connectTimeoutSeconds: number;
  /** What the connection calls itself in pg_stat_activity, where the user said so. */
  readonly applicationName?: string;
}

/** libpq's sslmode and files. Paths, not contents: read again at every connection, so certificates rotate without a restart. */
export interface Tls {
  readonly mode: 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
  readonly rootCert?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface TargetConfig {
  /** `target` label, `/probe?target=` and log field. Never contains a secret. */
  readonly name: string;
  readonly postgres?: Dsn;
  readonly pgbouncer?: Dsn;
  /** Login of the maintenance role, for actions. Without it the target is only looked at. */
  readonly maintenance?: Dsn;
  /** A benchmark loads the server as hard as its workload says: nobody does that to a server unasked. Default: forbidden. */
  readonly benchmark?: 'allowed' | 'forbidden';
  /** Who sends the statements of a benchmark's workload. */
  readonly load?: Dsn;
  readonly databases: DatabaseSelection;
}

/** When maintenance may run. None configured: always. */
export interface MaintenanceWindow {
  readonly name: string;
  /** 0 is Sunday. Of the day on which it opens. */
  readonly days: readonly number[];
  /** Minutes after midnight; `until` ≤ `from` is the next day. */
  readonly from: number;
  readonly until: number;
  /** IANA name. */
  readonly timezone: string;
  /** Targets by name; empty means all. */
  readonly targets: readonly string[];
}

export interface DatabaseSelection {
  /** Also collect per-object metrics in the server's other databases. */
  readonly discover: boolean;
  /** Names; empty means all. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export interface CollectorSettings {
  readonly enabled?: boolean;
  /** Rows that keep their own labels; 0 means no limit. */
  readonly budget?: number;
  readonly intervalSeconds?: number;
  readonly timeoutSeconds?: number;
}

/** What is served of pg_stat_statements. How many statements: the budget of the collector `stat_statements`. */
export interface StatementSettings {
  /** Also serve the text of each statement, `queryLength` characters of it. */
  readonly includeQuery: boolean;
  readonly queryLength: number;
  /** Names; their statements are left out. */
  readonly excludeDatabases: readonly string[];
  readonly excludeUsers: readonly string[];
}

export type CompatProfile = '0.20' | '0.11';

/** Only `loadConfig` makes one; frozen. */
export interface Config {
  readonly web: {
    /** `host:port`; host may be empty (all addresses). */
    readonly listenAddresses: readonly string[];
    readonly telemetryPath: string;
    /** exporter-toolkit's web configuration file (TLS, basic auth). */
    readonly configFile?: string;
  };
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly format: 'logfmt' | 'json' };
  readonly scrape: {
    /** Used where the scraper sends no X-Prometheus-Scrape-Timeout-Seconds. */
    readonly timeoutSeconds: number;
    /** Taken off the scraper's timeout, so that the answer arrives before it gives up. */
    readonly timeoutMarginSeconds: number;
    /** A finished collection younger than this is served again: two Prometheus servers cost the database once. */
    readonly shareSeconds: number;
    /** Background collectors run inside the scrape (for like-for-like measuring). */
    readonly inline: boolean;
  };
  readonly compat: CompatProfile;
  readonly statements: StatementSettings;
  readonly targets: readonly TargetConfig[];
  /** The state database; undefined: no history, and no actions but cancel and terminate. */
  readonly state: Dsn | undefined;
  readonly history: {
    /** Between two snapshots of pg_stat_statements. */
    readonly intervalSeconds: number;
    /** Between two looks at pg_stat_activity; 0 = none. */
    readonly sampleSeconds: number;
    /** Between two looks at the plans of the costliest statements; 0 = only when somebody asks. */
    readonly planSeconds: number;
    readonly retentionDays: number;
  };
  readonly api: {
    /** Files with the secrets that Grafana's routes send. Without a read secret the API answers on loopback only. */
    readonly readSecretFile?: string;
    /** Without it nothing can be changed. */
    readonly writeSecretFile?: string;
  };
  readonly actions: {
    /** Longest that an action may wait for locks before it gives up, all tries together. */
    readonly lockBudgetSeconds: number;
    /** Where cancel and terminate are noted first; they need no state database. */
    readonly journalFile: string;
  };
  readonly benchmark: {
    /** Folder of workload files beside those that come along; empty: none. */
    readonly workloads: string;
  };
  readonly windows: readonly MaintenanceWindow[];
  /** By collector name. */
  readonly collectors: Readonly<Record<string, CollectorSettings>>;
  /** `--disable-default-metrics`: only collectors that are switched on by name run. */
  readonly disableDefaultCollectors: boolean;
  /** Collectors of the user: SQL functions from the configuration file and postgres_exporter's queries.yaml. */
  readonly functions: readonly Collector[];
  /** Labels added to every metric of every target. */
  readonly constantLabels: Readonly<Record<string, string>>;
}
