/** `pgvigil sql`: installs the functions and the sample databases, looks after them, removes them. */
import { InvalidArgumentError, Option } from 'commander';
import type pg from 'pg';
import { describeDsn } from '../config/dsn.ts';
import { BadValue } from '../config/problems.ts';
import { type Bundle, functionsBundle, SAMPLE_NAMES, sampleBundle, type SampleName } from '../sql/bundles.ts';
import { installBundles } from '../sql/install.ts';
import { nextSteps } from '../sql/next_steps.ts';
import type { Difference } from '../sql/record.ts';
import { type BundleStatus, isInPlace, isInstalled, readStatus } from '../sql/status.ts';
import { uninstallBundles } from '../sql/uninstall.ts';
import { VERSION } from '../version.ts';
import { type AddCommands, databaseDsn, databaseOption, type Io, withClient } from './group.ts';

interface Common {
  readonly db: string;
  readonly sample: readonly SampleName[];
}

export const addSqlCommands: AddCommands = (program, io) => {
  const group = program
    .command('sql')
    .description('Installs the SQL functions, the roles and the sample databases, looks after them, removes them.')
    .summary('install, check and remove the SQL functions, roles and sample databases');
  group
    .command('install')
    .summary('apply the SQL files, each in one transaction')
    .description(
      'Applies the SQL files, each in one transaction. Again at any time: what was dropped or altered comes back.',
    )
    .addOption(databaseOption())
    .addOption(sampleOption('also install this sample database, in a schema of its own; repeatable'))
    .addOption(waitOption())
    .action((options: Waiting) => install(options, io));
  group
    .command('status')
    .summary('say what is installed, and what is not as it was installed')
    .description('Says what is installed, and what is not as it was installed. Exit status 0 when all is in place.')
    .addOption(databaseOption())
    .addOption(sampleOption('this sample database must be there as well; repeatable'))
    .option('--json', 'print JSON')
    .action((options: Common & { json?: boolean }) => status(options, io));
  group
    .command('uninstall')
    .summary('drop what was installed, if nothing else needs it')
    .description('Drops the schema pgvigil; with --sample the schemas of the samples named, and nothing else.')
    .addOption(databaseOption())
    .addOption(sampleOption('drop this sample database; repeatable'))
    .option(
      '--roles',
      'also drop the roles pgvigil_monitor, pgvigil_maintain and pgvigil_owners, if nothing needs them',
    )
    .option('--yes', 'even if rows are lost, or objects that were added to the schema')
    .addOption(waitOption())
    .action((options: Waiting & Removal) => uninstall(options, io));
};

type Waiting = Common & { readonly wait: number };
type Removal = { readonly roles?: boolean; readonly yes?: boolean };

const sampleOption = (description: string): Option =>
  new Option('--sample <name>', `${description}: ${SAMPLE_NAMES.join(', ')}`)
    .default([], 'none')
    .argParser((value: string, previous: readonly SampleName[]) => {
      const name = SAMPLE_NAMES.find((known) => known === value);
      if (name === undefined) throw new InvalidArgumentError(`Known samples: ${SAMPLE_NAMES.join(', ')}.`);
      return [...new Set([...previous, name])];
    });

const waitOption = (): Option =>
  new Option('--wait <seconds>', 'how long to wait for another installer').default(60).argParser((value) => {
    if (!/^\d{1,6}$/.test(value)) throw new InvalidArgumentError('It is a whole number of seconds.');
    return Number(value);
  });

const connected = <T>(db: string, io: Io, work: (client: pg.Client) => Promise<T>): Promise<T> =>
  withClient(databaseDsn(db, io), work, 'pgvigil sql');

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

async function install({ db, sample, wait }: Waiting, io: Io): Promise<void> {
  const say = (line: string): void => io.out(`${line}\n`);
  const bundles = [functionsBundle(), ...sample.map((name) => sampleBundle(name))];
  say(`pgvigil ${VERSION} into ${describeDsn(databaseDsn(db, io))}`);
  await connected(db, io, async (client) => {
    const installed = await installBundles(client, bundles, { version: VERSION, waitSeconds: wait, report: say });
    for (const { bundle, objects, differences } of installed) {
      say(`${bundle}: ${plural(objects, 'object')} verified${differences.length === 0 ? '.' : ', except:'}`);
      sayDifferences(differences, say);
    }
    if (installed.some(({ differences }) => differences.length > 0)) {
      say('No file can put these right without losing data: restore them by hand, or uninstall and install.');
      return io.finish(1);
    }
    for (const line of await nextSteps(client)) say(line);
  });
}

async function status({ db, sample, json }: Common & { json?: boolean }, io: Io): Promise<void> {
  const say = (line: string): void => io.out(`${line}\n`);
  const bundles: readonly Bundle[] = [functionsBundle(), ...SAMPLE_NAMES.map((name) => sampleBundle(name))];
  const { session, bundles: found } = await connected(db, io, (client) => readStatus(client, bundles, VERSION));
  const expected = found.filter(
    (entry) => entry.bundle === 'pgvigil' || isInstalled(entry) || sample.some((name) => name === entry.bundle),
  );
  const inPlace = expected.every(isInPlace);
  io.finish(inPlace ? 0 : 1);
  if (json) return say(JSON.stringify({ version: VERSION, server: session, inPlace, bundles: expected }, undefined, 2));
  say(`pgvigil ${VERSION} in database ${session.database}, PostgreSQL ${session.version}`);
  for (const bundle of expected) sayStatus(bundle, say);
  const absent = found.filter((entry) => !expected.includes(entry)).map(({ bundle }) => bundle);
  if (absent.length > 0) say(`Samples that are not installed: ${absent.join(', ')}`);
  say(inPlace ? 'All is in place.' : 'Not all is in place. Cure: pgvigil sql install');
}

function sayStatus({ bundle, files, objects }: BundleStatus, say: (line: string) => void): void {
  say(`${bundle}`);
  const width = Math.max(...files.map(({ file }) => file.length));
  for (const { file, state, installed } of files) {
    const since =
      installed && `${installed.at.toISOString().slice(0, 16)}Z by ${installed.by}, pgvigil ${installed.version}`;
    say(`  ${file.padEnd(width)}  ${state.padEnd(14)}${since ? ` ${since}` : ''}`.trimEnd());
  }
  const { expected, unverified, differences } = objects;
  if (expected > 0)
    say(
      `  ${plural(expected, 'object')}: ${differences.length === 0 ? 'all there' : `${differences.length} not as installed`}`,
    );
  sayDifferences(differences, say);
  if (unverified > 0) {
    say(
      `  ${plural(unverified, 'object')} of these were installed on another major version: only their presence is known`,
    );
  }
}

function sayDifferences(differences: readonly Difference[], say: (line: string) => void): void {
  for (const { kind, identity, state, file } of differences) say(`    ${state}: ${kind} ${identity} (${file})`);
}

async function uninstall({ db, sample, wait, roles = false, yes = false }: Waiting & Removal, io: Io): Promise<void> {
  if (roles && sample.length > 0) {
    throw new BadValue(
      '--roles together with --sample',
      'The roles go with the schema pgvigil: uninstall without --sample.',
    );
  }
  const report = (line: string): void => io.out(`${line}\n`);
  const bundles = sample.length > 0 ? sample.map((name) => sampleBundle(name)) : [functionsBundle()];
  const kept = await connected(db, io, (client) =>
    uninstallBundles(client, bundles, { roles, yes, waitSeconds: wait, report }),
  );
  if (kept.length === 0) return;
  report(`The roles stay, because they are needed:${kept.map((line) => `\n  ${line}`).join('')}`);
  io.finish(1);
}
