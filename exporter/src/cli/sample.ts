/** `pgvigil sample`: fills the sample databases with generated rows, or writes them to a file. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type pg from 'pg';
import { describeDsn } from '../config/dsn.ts';
import { DatabaseFailure, describeFailure } from '../db/errors.ts';
import { EXPORT_FORMATS, type ExportFormat, exportTracks } from '../sample/musicdb/export.ts';
import { loadMusicDb } from '../sample/musicdb/load.ts';
import { loadRoadTrip } from '../sample/roadtrip/load.ts';
import { tables as roadTripTables } from '../sample/roadtrip/tables.ts';
import { TablesNotEmpty } from '../sample/tables.ts';
import { functionsBundle, SAMPLE_NAMES, sampleBundle, type SampleName } from '../sql/bundles.ts';
import { installBundles } from '../sql/install.ts';
import { VERSION } from '../version.ts';
import { type AddCommands, databaseDsn, databaseOption, type Io, withClient } from './group.ts';
import { type LoadProgress, loadProgress } from './sample_progress.ts';

interface Size {
  readonly size: number;
  readonly seed: number;
}

interface Loading extends Size {
  readonly db: string;
  readonly sample: readonly SampleName[];
  readonly replace: boolean;
}

const SIZES: Readonly<Record<string, number>> = { '20k': 20_000, '200k': 200_000, '1m': 1_000_000 };
/** Below, Road trip can't have rows of every kind. */
const SMALLEST = 100;
const LARGEST = 50_000_000;

const HELP = `
The same size and seed give the same rows, on any machine. A load is one transaction: what is interrupted leaves
nothing, and can be repeated. Nothing but the schemas musicdb and roadtrip is touched.

Examples:
  pgvigil sample load --db postgresql://postgres@localhost/demo --size 20k
  pgvigil sample load --db postgresql://postgres@localhost/demo --size 1m --seed 7 --sample musicdb --replace
  pgvigil sample export --size 200k --format ndjson > tracks.ndjson
`;

export const addSampleCommands: AddCommands = (program, io) => {
  const group = program
    .command('sample')
    .summary('fill the sample databases with generated rows')
    .description('Generated rows for the sample databases MusicDB and Road trip.')
    .addHelpText('after', HELP);
  sized(group.command('load'))
    .summary('install the sample databases and fill them')
    .description('Installs the sample databases, which must be empty, and fills them.')
    .addOption(databaseOption())
    .addOption(sampleOption())
    .option('--replace', 'remove the rows that are there', false)
    .action(async (options: Loading) => io.finish(await load(options, io)));
  sized(group.command('export'))
    .summary("write MusicDB's tracks to standard output")
    .description("Writes MusicDB's tracks to standard output, as a source would deliver them to `pgvigil etl load`.")
    .addOption(new Option('--format <format>', 'of the file').choices(EXPORT_FORMATS).default('csv'))
    .action(({ size, seed, format }: Size & { format: ExportFormat }) =>
      write(exportTracks({ tracks: size, seed }, format)),
    );
};

const sized = (command: Command): Command =>
  command
    .addOption(
      new Option('--size <rows>', `tracks, and stories: ${Object.keys(SIZES).join(', ')} or a number`)
        .default(SIZES['20k'], '20k')
        .argParser(readSize),
    )
    .addOption(new Option('--seed <number>', 'another one, other rows').default(1).argParser(readSeed));

function readSize(text: string): number {
  const size = SIZES[text.toLowerCase()] ?? (/^\d+$/.test(text) ? Number(text) : NaN);
  if (size >= SMALLEST && size <= LARGEST) return size;
  throw new InvalidArgumentError(`It is ${Object.keys(SIZES).join(', ')} or a number from ${SMALLEST} to ${LARGEST}.`);
}

function readSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 0 to 999999999.');
  return Number(text);
}

const BOTH = 'both';
const sampleOption = (): Option =>
  new Option('--sample <name>', `which: ${SAMPLE_NAMES.join(', ')} or ${BOTH}`)
    .default(SAMPLE_NAMES, BOTH)
    .argParser((value) => {
      const chosen = SAMPLE_NAMES.filter((name) => value === BOTH || value === name);
      if (chosen.length === 0) throw new InvalidArgumentError(`It is ${SAMPLE_NAMES.join(', ')} or ${BOTH}.`);
      return chosen;
    });

/** What is done with each sample. @returns what has been loaded, in words. */
const LOADERS: Readonly<
  Record<SampleName, (client: pg.Client, options: Loading, progress: LoadProgress) => Promise<string>>
> = {
  musicdb: async (client, { size, seed, replace }, { rows, stage }) => {
    const loaded = await loadMusicDb(client, { tracks: size, seed, replace, onProgress: rows, onStage: stage });
    const { artists, albums, tracks } = loaded;
    return `${whole(tracks)} tracks, ${whole(albums)} albums, ${whole(artists)} artists`;
  },
  roadtrip: async (client, { size, seed, replace }, { rows, stage }) => {
    const tables = roadTripTables(size, seed);
    await loadRoadTrip(client, { stories: size, seed, replace, onProgress: rows, onStage: stage });
    return tables.map(({ name, size: count }) => `${whole(count)} ${name.replace('roadtrip.', '')}`).join(', ');
  },
};

const whole = (value: number): string => Math.round(value).toLocaleString('en-GB');

async function load(options: Loading, io: Io): Promise<number> {
  const dsn = databaseDsn(options.db, io);
  io.out(`Samples into ${describeDsn(dsn)}, size ${whole(options.size)}, seed ${options.seed}\n`);
  return withClient(
    dsn,
    async (client) => {
      const bundles = [functionsBundle(), ...options.sample.map((name) => sampleBundle(name))];
      // Of interest is what changes the database, and whoever is in the way.
      const report = (line: string): void => void (line.endsWith('applied again') || io.err(`${line}\n`));
      await installBundles(client, bundles, { version: VERSION, report });
      for (const name of options.sample) {
        if (!(await loadOne(name, client, options, io))) return 1;
      }
      return 0;
    },
    'pgvigil sample',
  );
}

async function loadOne(name: SampleName, client: pg.Client, options: Loading, io: Io): Promise<boolean> {
  const progress = loadProgress(name, process.stderr, io.err);
  try {
    const loaded = await LOADERS[name](client, options, progress);
    io.out(`${name}: ${loaded}. ${progress.stop()}\n`);
    return true;
  } catch (error) {
    progress.stop();
    if (error instanceof TablesNotEmpty) {
      io.err(
        `pgvigil: ${name}: ${error.message}.\n         Remove them with --replace, or load into another database.\n`,
      );
      return false;
    }
    const { reason, message, fatal, sqlState } = describeFailure(error);
    const cure = reason === 'locked' ? `: end who uses the tables of ${name} (see pg_locks), or try again` : '';
    throw new DatabaseFailure(reason, `${name} was not loaded: ${message}${cure}`, { fatal, sqlState, cause: error });
  }
}

/** @throws nothing where the reader has seen enough: `| head` is no error. */
async function write(text: Iterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(text), process.stdout, { end: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}
