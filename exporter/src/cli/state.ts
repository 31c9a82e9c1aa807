/** `pgvigil state`: prepares the state database, says what it holds. */
import { InvalidArgumentError, Option } from 'commander';
import type pg from 'pg';
import { describeDsn } from '../config/dsn.ts';
import { BadValue } from '../config/problems.ts';
import type { Dsn } from '../config/types.ts';
import { createQueues, QUEUE_SCHEMA } from '../jobs/queue.ts';
import { stateBundle } from '../sql/bundles.ts';
import { installBundles } from '../sql/install.ts';
import { assertWritable, inspectSession } from '../sql/session.ts';
import { type BundleStatus, isInPlace, readStatus } from '../sql/status.ts';
import { refuseStrangers } from '../sql/trust.ts';
import { type Overview, readOverview } from '../store/overview.ts';
import { admitRuntime, becomeOwner, OWNER_ROLE, RUNTIME_ROLE } from '../store/roles.ts';
import { VERSION } from '../version.ts';
import { type AddCommands, databaseDsn, type Io, withClient } from './group.ts';

/** What is made by code and not by a file. Runs as the owner, after the files, at every migration. */
export type StateStep = (client: pg.Client, report: (line: string) => void) => Promise<void>;
const STEPS: readonly StateStep[] = [(client) => createQueues(client)];

interface Common {
  readonly state: string;
}
interface Migration extends Common {
  readonly runtimeRole?: string;
  readonly wait: number;
}

export const addStateCommands: AddCommands = (program, io) => {
  const group = program
    .command('state')
    .description('Looks after the state database: history, jobs and audit.')
    .summary('prepare the state database, say what it holds');
  group
    .command('migrate')
    .summary('prepare the state database, or bring it up to this version')
    .description(
      'Prepares the state database, or brings it up to this version. Again at any time; nothing in it is lost. Connect as its owner or as a superuser, not as the exporter.',
    )
    .addOption(stateOption())
    .option('--runtime-role <name>', `the exporter's login: becomes a member of ${RUNTIME_ROLE}`)
    .addOption(waitOption())
    .action((options: Migration) => migrate(options, io));
  group
    .command('status')
    .summary('say what is there, what is not as it was installed, and who records')
    .description('Says what the state database holds. Exit status 0 when all is in place.')
    .addOption(stateOption())
    .option('--json', 'print JSON', false)
    .action((options: Common & { json: boolean }) => status(options, io));
};

const stateOption = (): Option =>
  new Option('--state <connection>', 'URI or keyword=value list of the state database')
    .env('PGVIGIL_STATE_URL')
    .default('');

const waitOption = (): Option =>
  new Option('--wait <seconds>', 'how long to wait for another installer').default(60).argParser((value) => {
    if (!/^\d{1,6}$/.test(value)) throw new InvalidArgumentError('It is a whole number of seconds.');
    return Number(value);
  });

function stateDsn(state: string, io: Io): Dsn {
  if (state !== '') return databaseDsn(state, io);
  throw new BadValue('no state database is named', 'Set PGVIGIL_STATE_URL, or give --state.');
}

const NAME = 'pgvigil state';

async function migrate({ state, runtimeRole, wait }: Migration, io: Io): Promise<void> {
  const say = (line: string): void => io.out(`${line}\n`);
  const dsn = stateDsn(state, io);
  say(`pgvigil ${VERSION}, state into ${describeDsn(dsn)}`);
  await withClient(
    dsn,
    async (client) => {
      await inspectSession(client);
      await assertWritable(client);
      await keepSuperuser(client);
      const owner = await becomeOwner(client);
      const [{ objects, differences }] = await installBundles(client, [stateBundle()], {
        version: VERSION,
        waitSeconds: wait,
        report: say,
      });
      for (const step of STEPS) await step(client, say);
      await client.query(
        "select pgvigil_state.prepare_days((now() at time zone 'UTC')::date, (now() at time zone 'UTC')::date + 2)",
      );
      say(`${objects} objects verified, owned by ${owner}${differences.length === 0 ? '.' : ', except:'}`);
      for (const { state: found, kind, identity, file } of differences)
        say(`  ${found}: ${kind} ${identity} (${file})`);
      if (differences.length > 0) io.finish(1);
      // The owner need not be allowed to grant the role; whoever logged in may be.
      await client.query('reset role');
      if (runtimeRole === undefined) {
        const login = await hasLogin(client);
        if (!login) say(`Next: pgvigil state migrate --runtime-role <the exporter's login>`);
        return;
      }
      const outcome = await admitRuntime(client, runtimeRole, owner);
      say(`${runtimeRole} ${outcome === 'admitted' ? 'is now' : 'is'} a member of ${RUNTIME_ROLE}.`);
    },
    NAME,
  );
}

/** SET ROLE protects nobody: what runs as the owner can become the superuser again who is connected. */
async function keepSuperuser(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ superuser: string }>("select current_setting('is_superuser') as superuser");
  if (rows[0].superuser !== 'on') return;
  await refuseStrangers(client, [stateBundle().schema, QUEUE_SCHEMA], [OWNER_ROLE]);
}

async function hasLogin(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `select exists (select from pg_catalog.pg_auth_members m
                      join pg_catalog.pg_roles g on g.oid = m.roleid
                      join pg_catalog.pg_roles r on r.oid = m.member
                     where g.rolname = $1 and r.rolcanlogin) as there`,
    [RUNTIME_ROLE],
  );
  return rows[0].there;
}

async function status({ state, json }: Common & { json: boolean }, io: Io): Promise<void> {
  const say = (line: string): void => io.out(`${line}\n`);
  const { found, session, overview } = await withClient(
    stateDsn(state, io),
    async (client) => {
      await keepSuperuser(client);
      const { session, bundles } = await readStatus(client, [stateBundle()], VERSION);
      const installed = bundles[0].files.some((file) => file.installed !== undefined);
      return { session, found: bundles[0], overview: installed ? await readOverview(client) : undefined };
    },
    NAME,
  );
  const inPlace = isInPlace(found);
  io.finish(inPlace ? 0 : 1);
  if (json)
    return say(JSON.stringify({ version: VERSION, server: session, inPlace, bundle: found, overview }, undefined, 2));
  say(`pgvigil ${VERSION}, state in database ${session.database}, PostgreSQL ${session.version}`);
  sayFiles(found, say);
  if (overview !== undefined) sayOverview(overview, say);
  say(inPlace ? 'All is in place.' : 'Not all is in place. Cure: pgvigil state migrate');
}

function sayFiles({ files, objects }: BundleStatus, say: (line: string) => void): void {
  const width = Math.max(...files.map(({ file }) => file.length));
  for (const { file, state, installed } of files) {
    const since =
      installed && `${installed.at.toISOString().slice(0, 16)}Z by ${installed.by}, pgvigil ${installed.version}`;
    say(`  ${file.padEnd(width)}  ${state.padEnd(14)}${since ? ` ${since}` : ''}`.trimEnd());
  }
  for (const { kind, identity, state, file } of objects.differences) say(`    ${state}: ${kind} ${identity} (${file})`);
}

function sayOverview({ sizes, days, targets }: Overview, say: (line: string) => void): void {
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  say(
    `Size: ${megabytes(total)}${sizes
      .slice(0, 5)
      .map(({ table, bytes }) => `, ${table} ${megabytes(bytes)}`)
      .join('')}`,
  );
  say(`Days with room: ${days.first ?? 'none'} to ${days.last ?? 'none'}`);
  if (targets.length === 0) say('Nothing was recorded yet.');
  for (const { target, from, to, statements, gapSeconds, leader } of targets) {
    say(`Target ${target}`);
    if (from === null || to === null) say('  history     none yet');
    else say(`  history     ${from.toISOString()} to ${to.toISOString()}, ${statements} statements`);
    say(`  gaps        ${Math.round(gapSeconds)} s of the last day`);
    say(`  recorded by ${leader ?? 'nobody'}`);
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
