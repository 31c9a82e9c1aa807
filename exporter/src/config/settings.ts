import {
  boolean,
  checkAddress,
  count,
  duration,
  inverted,
  type Kind,
  labels,
  list,
  oneOf,
  text,
  urlPath,
} from './kinds.ts';

/** A value that the user may set in four places. The flag, the environment variable, the file and --help follow from it. */
export interface Setting {
  /** Path in Config; the same path in snake_case is the key in the file. */
  readonly key: string;
  /** Without the dashes. */
  readonly flag: string;
  /** Names that the peers' users already have, beside our own (`envNames`). */
  readonly env?: readonly string[];
  readonly kind: Kind<unknown>;
  /** Absent: nothing unless said. */
  readonly default?: unknown;
  readonly help: string;
  readonly group: Group;
  /** Never shown, not even in an error. */
  readonly secret?: boolean;
  /** False: makes no sense in the file (it names the file). */
  readonly inFile?: boolean;
}

export type Group = 'General' | 'Web' | 'Scrape' | 'Databases' | 'Collectors' | 'Statements' | 'State' | 'API';

/** Every scalar setting, in the order of --help. Targets, per-collector settings and functions have their own place in the file. */
export const settings: readonly Setting[] = [
  {
    key: 'configFile',
    flag: 'config.file',
    kind: text('<file>'),
    help: 'Configuration file. Without it pgvigil.yml is read where there is one.',
    group: 'General',
    inFile: false,
  },
  {
    key: 'log.level',
    flag: 'log.level',
    kind: oneOf('debug', 'info', 'warn', 'error'),
    default: 'info',
    help: 'Only log messages of this severity or above.',
    group: 'General',
  },
  {
    key: 'log.format',
    flag: 'log.format',
    kind: oneOf('logfmt', 'json'),
    default: 'logfmt',
    help: 'Format of the log.',
    group: 'General',
  },
  {
    key: 'compat',
    flag: 'compat',
    kind: oneOf('0.20', '0.11'),
    default: '0.20',
    help: 'The postgres_exporter generation whose names and labels are served.',
    group: 'General',
  },
  {
    key: 'constantLabels',
    flag: 'constantLabels',
    env: ['PG_EXPORTER_CONSTANT_LABELS'],
    kind: labels,
    default: {},
    help: 'Labels added to every metric of every target.',
    group: 'General',
  },
  {
    key: 'web.listenAddresses',
    flag: 'web.listen-address',
    env: ['PG_EXPORTER_WEB_LISTEN_ADDRESS'],
    kind: list('<host:port>', checkAddress),
    default: [':9187'],
    help: 'Address to listen on. Repeatable.',
    group: 'Web',
  },
  {
    key: 'web.telemetryPath',
    flag: 'web.telemetry-path',
    env: ['PG_EXPORTER_WEB_TELEMETRY_PATH'],
    kind: urlPath,
    default: '/metrics',
    help: 'Path of the metrics.',
    group: 'Web',
  },
  {
    key: 'web.configFile',
    flag: 'web.config.file',
    kind: text('<file>'),
    help: "Prometheus' web configuration file: TLS, client certificates, basic auth.",
    group: 'Web',
  },
  {
    key: 'scrape.timeoutSeconds',
    flag: 'collection-timeout',
    env: ['PG_EXPORTER_COLLECTION_TIMEOUT'],
    kind: duration,
    default: 10,
    help: 'Longest scrape where the scraper does not say its own timeout.',
    group: 'Scrape',
  },
  {
    key: 'scrape.timeoutMarginSeconds',
    flag: 'scrape.timeout-margin',
    kind: duration,
    default: 0.5,
    help: "Taken off the scraper's timeout, so that the answer arrives in time.",
    group: 'Scrape',
  },
  {
    key: 'scrape.shareSeconds',
    flag: 'scrape.share-seconds',
    kind: duration,
    default: 1,
    help: 'Scrapes within this time of each other share one collection; 0 = only those at the same time.',
    group: 'Scrape',
  },
  {
    key: 'scrape.inline',
    flag: 'collectors.inline',
    kind: boolean,
    default: false,
    help: 'Run background collectors inside the scrape (to measure like for like).',
    group: 'Scrape',
  },
  {
    key: 'databases.discover',
    flag: 'auto-discover-databases',
    env: ['PG_EXPORTER_AUTO_DISCOVER_DATABASES'],
    kind: boolean,
    default: true,
    help: "Also collect per-object metrics in the server's other databases.",
    group: 'Databases',
  },
  {
    key: 'databases.include',
    flag: 'include-databases',
    env: ['PG_EXPORTER_INCLUDE_DATABASES'],
    kind: list('<name,…>'),
    default: [],
    help: 'Discover only these.',
    group: 'Databases',
  },
  {
    key: 'databases.exclude',
    flag: 'exclude-databases',
    env: ['PG_EXPORTER_EXCLUDE_DATABASES'],
    kind: list('<name,…>'),
    default: [],
    help: 'Leave these out.',
    group: 'Databases',
  },
  {
    key: 'pgbouncer.connectionString',
    flag: 'pgBouncer.connectionString',
    env: ['PGBOUNCER_EXPORTER_CONNECTION_STRING'],
    kind: text('<dsn>'),
    help: 'PgBouncer in front of the one target of DATA_SOURCE_NAME.',
    group: 'Databases',
    secret: true,
  },
  {
    key: 'disableDefaultCollectors',
    flag: 'disable-default-metrics',
    env: ['PG_EXPORTER_DISABLE_DEFAULT_METRICS'],
    kind: boolean,
    default: false,
    help: 'Run only the collectors that are switched on by name.',
    group: 'Collectors',
  },
  {
    key: 'collectors.settings.enabled',
    flag: 'disable-settings-metrics',
    env: ['PG_EXPORTER_DISABLE_SETTINGS_METRICS'],
    kind: inverted,
    help: 'The same as --no-collector.settings.',
    group: 'Collectors',
  },
  {
    key: 'seriesBudget',
    flag: 'series-budget',
    kind: count,
    help: "Rows per collector that keep their own labels, 0 = no limit. Default: each collector's own.",
    group: 'Collectors',
  },
  {
    key: 'extend.queryPath',
    flag: 'extend.query-path',
    env: ['PG_EXPORTER_EXTEND_QUERY_PATH'],
    kind: text('<file>'),
    help: "Your own queries, in postgres_exporter's queries.yaml format.",
    group: 'Collectors',
  },
  {
    key: 'collectors.stat_statements.budget',
    flag: 'collector.stat_statements.limit',
    kind: count,
    help: 'Statements that keep their own labels, 0 = no limit.',
    group: 'Statements',
  },
  {
    key: 'statements.includeQuery',
    flag: 'collector.stat_statements.include_query',
    kind: boolean,
    default: false,
    help: 'Also serve the text of each statement.',
    group: 'Statements',
  },
  {
    key: 'statements.queryLength',
    flag: 'collector.stat_statements.query_length',
    kind: count,
    default: 120,
    help: 'Characters of that text.',
    group: 'Statements',
  },
  {
    key: 'statements.excludeDatabases',
    flag: 'collector.stat_statements.exclude_databases',
    kind: list('<name,…>'),
    default: [],
    help: 'Databases whose statements are left out.',
    group: 'Statements',
  },
  {
    key: 'statements.excludeUsers',
    flag: 'collector.stat_statements.exclude_users',
    kind: list('<name,…>'),
    default: [],
    help: 'Users whose statements are left out.',
    group: 'Statements',
  },
  {
    key: 'state.url',
    flag: 'state.url',
    kind: text('<dsn>'),
    help: 'The state database: history, jobs and audit. `pgvigil state migrate` prepares it.',
    group: 'State',
    secret: true,
  },
  {
    key: 'history.intervalSeconds',
    flag: 'history.interval',
    kind: duration,
    default: 60,
    help: 'Between two snapshots of pg_stat_statements.',
    group: 'State',
  },
  {
    key: 'history.sampleSeconds',
    flag: 'history.sample-interval',
    kind: duration,
    default: 1,
    help: 'Between two looks at the sessions; 0 = none.',
    group: 'State',
  },
  {
    key: 'history.planSeconds',
    flag: 'history.plan-interval',
    kind: duration,
    default: 300,
    help: 'Between two looks at the plans of the costliest statements; 0 = only when somebody asks.',
    group: 'State',
  },
  {
    key: 'history.retentionDays',
    flag: 'history.retention-days',
    kind: count,
    default: 14,
    help: 'Days of history that are kept.',
    group: 'State',
  },
  {
    key: 'api.readSecretFile',
    flag: 'api.read-secret-file',
    kind: text('<file>'),
    help: 'Secret that readers of the API send. Without it the API answers on the loopback address only.',
    group: 'API',
  },
  {
    key: 'api.writeSecretFile',
    flag: 'api.write-secret-file',
    kind: text('<file>'),
    help: 'Secret for everything that changes something. Without it nothing does.',
    group: 'API',
  },
  {
    key: 'maintenance.connectionString',
    flag: 'maintenance.connection-string',
    kind: text('<dsn>'),
    help: 'Login of the maintenance role at the one target of DATA_SOURCE_NAME. Without it actions are off.',
    group: 'API',
    secret: true,
  },
  {
    key: 'actions.lockBudgetSeconds',
    flag: 'actions.lock-budget',
    kind: duration,
    default: 30,
    help: 'Longest that an action may wait for locks, all tries together.',
    group: 'API',
  },
  {
    key: 'actions.journalFile',
    flag: 'actions.journal-file',
    kind: text('<file>'),
    default: 'pgvigil-journal.ndjson',
    help: 'Cancel and terminate are noted here first, in case the state database is away.',
    group: 'API',
  },
  {
    key: 'load.connectionString',
    flag: 'benchmark.connection-string',
    kind: text('<dsn>'),
    help: 'Login of whoever sends the statements of benchmarks to the one target of DATA_SOURCE_NAME: allows them there.',
    group: 'API',
    secret: true,
  },
  {
    key: 'benchmark.workloads',
    flag: 'benchmark.workloads',
    kind: text('<folder>'),
    default: '',
    help: 'Workload files (*.yml) beside those that come along.',
    group: 'API',
  },
];

const words = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1_$2');

/** `PGVIGIL_WEB_LISTEN_ADDRESS`, then the names that peers use for the same; the first that is set counts. */
export const envNames = ({ flag, env = [] }: Setting): readonly string[] => [
  `PGVIGIL_${words(flag).replace(/[.-]/g, '_').toUpperCase()}`,
  ...env,
];

/** `web.listen_addresses`: where the setting stands in the file. */
export const fileKey = ({ key }: Setting): string => words(key).toLowerCase();

/** A switch takes no value and has a `--no-` form. */
export const isSwitch = ({ kind }: Setting): boolean => kind.placeholder === undefined;
