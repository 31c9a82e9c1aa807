import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Collector } from '../metrics/types.ts';
import { apiSecrets } from './api_secrets.ts';
import { collectorSettings } from './collector_settings.ts';
import { type Environment, parseDsn } from './dsn.ts';
import { type ConfigFile, readConfigFile } from './file.ts';
import { type Flags, parseFlags } from './flags.ts';
import { functionCollectors } from './functions.ts';
import { ConfigError, Findings, type Problem } from './problems.ts';
import { type Queries, readQueriesYaml } from './queries_yaml.ts';
import { type Resolved, resolveSettings } from './resolve.ts';
import { envNames, settings } from './settings.ts';
import type { TargetContext } from './secret_file.ts';
import { chooseTargets } from './targets.ts';
import type { CompatProfile, Config, DatabaseSelection, Dsn } from './types.ts';
import { fileWindows } from './windows.ts';

export { ConfigError } from './problems.ts';

const DEFAULT_FILE = 'pgvigil.yml';

export interface LoadInput {
  /** What follows the command's name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  /** Relative paths begin here. Default: the process's. */
  readonly cwd?: string;
}

export interface Loaded {
  readonly config: Config;
  /** For the log; no secrets. */
  readonly warnings: readonly string[];
}

/**
 * The configuration out of flags, environment, file and defaults, in this order of precedence.
 * Throws ConfigError, which lists every problem there is.
 */
export const loadConfig = ({ argv, env, cwd = process.cwd() }: LoadInput): Loaded => {
  const findings = new Findings();
  const flags = parseFlags(argv, findings);
  const problemsOfFlags = findings.problems.length;
  const file = openFile(flags, env, cwd, findings);
  const fileIsSound = findings.problems.length === problemsOfFlags;
  const resolved = resolveSettings(flags, env, file, findings);
  const { value } = resolved;

  // Undefined only where it is wrong, which is a problem already.
  const compat = (value('compat') as CompatProfile | undefined) ?? '0.20';
  const functions = file ? functionCollectors(file, compat, findings) : [];
  const path = value('extend.queryPath') as string | undefined;
  const options = { everyDatabase: resolved.said('databases.discover')?.value === true, compat };
  const queries = path ? readQueriesYaml(resolve(cwd, path), path, options, findings) : undefined;
  const own = [...functions, ...(queries?.collectors ?? [])];
  if (path && queries) checkDistinct(functions, queries, path, findings);

  const { databases } = nested(resolved, ['databases']) as { databases: DatabaseSelection };
  const context: TargetContext = { env, cwd, databases, findings };
  const { said } = resolved;
  const joined = {
    bouncer: said('pgbouncer.connectionString'),
    maintenance: said('maintenance.connectionString'),
    load: said('load.connectionString'),
  };
  const targets = chooseTargets(file, joined, context, fileIsSound);
  const windows = file
    ? fileWindows(
        file,
        targets.map(({ name }) => name),
        findings,
      )
    : [];
  const byCollector = collectorSettings({ flags, resolved, file, findings, own });
  for (const name of queries?.replaced ?? []) byCollector[name] = { ...byCollector[name], enabled: false };

  if (value('statements.includeQuery')) {
    byCollector.stat_statements_query_id = { enabled: true, ...byCollector.stat_statements_query_id };
  }

  const state = stateDsn(resolved, context);
  const api = apiSecrets(resolved, context);
  if (findings.problems.length > 0) throw new ConfigError([...findings.problems].sort(byPlace));
  const config: Config = {
    ...(nested(resolved, ['web', 'log', 'scrape', 'statements', 'history', 'actions', 'benchmark']) as Scalars),
    compat,
    disableDefaultCollectors: value('disableDefaultCollectors') as boolean,
    constantLabels: value('constantLabels') as Config['constantLabels'],
    targets,
    state,
    api,
    windows,
    collectors: byCollector,
    functions: own,
  };
  return { config: frozen(config), warnings: findings.warnings };
};

const stateDsn = ({ said }: Resolved, { env, findings }: TargetContext): Dsn | undefined => {
  const given = said('state.url');
  if (given === undefined) return undefined;
  return findings.attempt(given.where, () => parseDsn(given.value as string, { env }));
};

/** Line 9 before line 10. */
const byPlace = (a: Problem, b: Problem): number => a.where.localeCompare(b.where, 'en', { numeric: true });

type Scalars = Pick<Config, 'web' | 'log' | 'scrape' | 'statements' | 'history' | 'actions' | 'benchmark'>;

/** Functions are checked among themselves already; here against the namespaces of queries.yaml. */
const checkDistinct = (functions: readonly Collector[], queries: Queries, where: string, findings: Findings): void => {
  const owners = new Map(
    functions.flatMap(({ name, columns }) =>
      Object.values(columns)
        .flat()
        .map((metric) => [metric.name, name]),
    ),
  );
  for (const { name, columns } of queries.collectors)
    for (const metric of Object.values(columns).flat()) {
      const owner = owners.get(metric.name);
      if (owner === undefined) continue;
      const message = `${name} defines ${metric.name}, which the function ${owner} defines too`;
      findings.problem(where, message, 'Remove or rename one of them.');
    }
};

const openFile = (flags: Flags, env: Environment, cwd: string, findings: Findings): ConfigFile | undefined => {
  const setting = settings.find(({ key }) => key === 'configFile')!;
  const named =
    (flags.values.get('configFile') as string | undefined) ??
    envNames(setting)
      .map((name) => env[name])
      .find(Boolean);
  const name = named ?? DEFAULT_FILE;
  const path = resolve(cwd, name);
  if (named === undefined && !existsSync(path)) return undefined;
  return readConfigFile(path, name, env, findings);
};

/** `web.telemetryPath` and its neighbours become `{ web: { telemetryPath, … } }`. */
const nested = ({ value }: Resolved, sections: readonly string[]): unknown => {
  const tree: Record<string, Record<string, unknown>> = {};
  for (const { key } of settings) {
    const [section, name] = key.split('.');
    if (sections.includes(section)) tree[section] = { ...tree[section], [name]: value(key) };
  }
  return tree;
};

const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
};
