/** `pgvigil check`: connects to everything that is configured and says what is missing, what that costs and the cure. */
import { collectors as builtIn } from '../collectors/index.ts';
import { describeDsn } from '../config/dsn.ts';
import type { Config, Dsn, TargetConfig } from '../config/types.ts';
import { describeFailure } from '../db/errors.ts';
import { ConsoleSession } from '../db/pgbouncer.ts';
import { Connected, RunContext } from '../metrics/connected.ts';
import { statementParameters } from '../metrics/postgres_source.ts';
import { selectCollectors } from '../metrics/select.ts';
import type { Result } from '../metrics/result.ts';
import { Memory, Sink } from '../metrics/sink.ts';
import type { Collector } from '../metrics/types.ts';
import { type Findings, rules } from './advice.ts';

const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 100;

const say = (line = ''): void => void process.stdout.write(`${line}\n`);
const ok = (line: string): void => say(`  ok       ${line}`);
const advise = (line: string): void => say(`  missing  ${line}`);
const fail = (line: string): void => say(`  FAILED   ${line}`);

/** @returns the exit status: 0 when every target answers and no collector fails; advice alone is no failure. */
export async function check(config: Config, warnings: readonly string[]): Promise<number> {
  for (const warning of warnings) say(`warning: ${warning}`);
  const collectors = selectCollectors(builtIn, config);
  let failures = 0;
  for (const target of config.targets) {
    say(`Target ${target.name}`);
    if (target.postgres) failures += await checkPostgres(config, target, target.postgres, collectors);
    if (target.pgbouncer) failures += await checkPgBouncer(target.pgbouncer, collectors);
    say();
  }
  say(failures === 0 ? 'Everything that was asked answered.' : `${failures} failed.`);
  return failures === 0 ? 0 : 1;
}

async function checkPostgres(
  config: Config,
  target: TargetConfig,
  dsn: Dsn,
  collectors: readonly Collector[],
): Promise<number> {
  const context = new RunContext({ labelsOf: () => ({}), budgetOf: () => undefined });
  const settings = {
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    lockTimeoutMs: LOCK_TIMEOUT_MS,
    parameters: statementParameters(config.statements),
  };
  let connected: Connected;
  try {
    connected = await Connected.open(dsn, settings, context);
  } catch (error) {
    fail(`PostgreSQL at ${describeDsn(dsn)}: ${describeFailure(error).message}`);
    return 1;
  }
  try {
    ok(`PostgreSQL ${connected.facts.shortVersion} at ${describeDsn(dsn)}`);
    const findings = await find(connected);
    for (const rule of rules) {
      const advice = rule(findings);
      if (advice === undefined) continue;
      advise(`${advice.missing}: ${advice.cost}`);
      for (const statement of advice.cure) say(`             ${statement}`);
    }
    const results: Result[] = [];
    for (const collector of collectors.filter(({ source }) => source !== 'pgbouncer')) {
      results.push(await connected.run(collector));
    }
    await checkOtherDatabases(target, connected, dsn);
    return report(results);
  } finally {
    await connected.close();
  }
}

/** Only whether they let us in; what they contain is asked by the same statements. */
async function checkOtherDatabases(target: TargetConfig, connected: Connected, dsn: Dsn): Promise<void> {
  if (!target.databases.discover) return;
  const rows = await connected.session.query(OPEN_DATABASES_SQL);
  const others = rows.map(([name]) => name!).filter((name) => name !== dsn.database);
  ok(`other databases whose objects are collected: ${others.length === 0 ? 'none' : others.join(', ')}`);
}

async function checkPgBouncer(dsn: Dsn, collectors: readonly Collector[]): Promise<number> {
  let session: ConsoleSession;
  try {
    session = await ConsoleSession.open(dsn);
  } catch (error) {
    fail(`PgBouncer at ${describeDsn(dsn)}: ${describeFailure(error).message}`);
    return 1;
  }
  ok(`PgBouncer at ${describeDsn(dsn)}`);
  let failures = 0;
  for (const collector of collectors.filter(({ source }) => source === 'pgbouncer')) {
    const sink = new Sink({ collector, memory: new Memory(), fixedLabels: {} });
    try {
      await session.show(collector.sql as string, sink);
    } catch (error) {
      const { reason, message } = describeFailure(error);
      if (reason === 'unsupported') continue;
      fail(`collector ${collector.name}: ${message}`);
      say(`             add ${dsn.user} to stats_users in pgbouncer.ini, then RELOAD`);
      failures++;
      if (!session.alive) break;
    }
  }
  await session.close();
  return failures;
}

function report(results: readonly Result[]): number {
  const failed = results.filter((result) => !result.success);
  for (const { collector, problems } of failed) {
    fail(`collector ${collector.name}: ${problems.map(({ message }) => message).join('; ')}`);
  }
  const partial = results
    .filter((result) => result.success)
    .flatMap(({ collector, problems }) => problems.map(({ message }) => ({ name: collector.name, message })));
  for (const [message, collectors] of Map.groupBy(partial, (entry) => entry.message)) {
    say(`  partial  ${message}: ${collectors.map(({ name }) => name).join(', ')}`);
  }
  const working = results.filter((result) => result.output !== undefined);
  const samples = working.reduce((sum, { output }) => sum + output!.samples, 0);
  ok(`${working.length} collectors give ${samples} samples`);
  return failed.length;
}

async function find(connected: Connected): Promise<Findings> {
  const { session, facts } = connected;
  const [[isSuperuser]] = await session.query("select current_setting('is_superuser')");
  const settings = await session.query('select name, setting from pg_catalog.pg_settings');
  const available = await session.query('select name, default_version from pg_catalog.pg_available_extensions');
  const closed = await session.query(CLOSED_DATABASES_SQL);
  return {
    facts,
    isSuperuser: isSuperuser === 'on',
    settings: toMap(settings),
    available: toMap(available),
    closedDatabases: closed.map(([name]) => name!),
  };
}

const toMap = (rows: (string | null)[][]): Map<string, string> =>
  new Map(rows.map(([name, value]) => [name!, value ?? '']));

const OPEN_DATABASES_SQL = `
  select datname from pg_catalog.pg_database
   where datallowconn and not datistemplate and pg_catalog.has_database_privilege(oid, 'CONNECT') order by 1`;

const CLOSED_DATABASES_SQL = `
  select datname from pg_catalog.pg_database
   where datallowconn and not datistemplate and not pg_catalog.has_database_privilege(oid, 'CONNECT') order by 1`;
