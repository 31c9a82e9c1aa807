/** `pgvigil etl`: a file of tracks into MusicDB. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type pg from 'pg';
import { describeFailure } from '../db/errors.ts';
import { type Loaded, load } from '../etl/load.ts';
import { LoadFailure } from '../etl/reader.ts';
import { beginRun, endRun, type Run } from '../etl/run.ts';
import { type Format, openFile, openStream, seek, type Source } from '../etl/source.ts';
import { type AddCommands, databaseDsn, databaseOption, type Io, withClient } from './group.ts';
import { rates, reportProgress } from './etl_progress.ts';

interface Options {
  readonly db: string;
  readonly format?: Format;
  readonly batch: number;
  readonly source?: string;
  readonly maxRejectRate: number;
  readonly dryRun: boolean;
  readonly restart: boolean;
}

const HELP = `
A CSV file has a header that names its columns; NDJSON has one object per line. Fields: external_id and title, and
artist_credit, album_title, artist_external_id, album_external_id, track_number, duration_ms, release_year, isrc,
genres, popularity, metadata, source, processing_status. What a row leaves out stays as it is.

Rows that break a rule go to musicdb.rejected_tracks with every reason; the rest is inserted or updated by external_id.
Batches come with their rejects and the position in the file, or not at all: after a kill, the same command goes on
where the last batch ended. A file that is loaded already is left alone, unless --restart says otherwise.

Exit status: 0 done; 1 failed, interrupted, or more rejects than --max-reject-rate; 2 wrong usage.

Examples:
  pgvigil etl load tracks.csv --db postgresql://loader@db/music
  zcat tracks.ndjson.gz | pgvigil etl load - --format ndjson --db postgresql://loader@db/music
`;

export const addEtlCommands: AddCommands = (program, io) => {
  const etl: Command = program
    .command('etl')
    .summary('load files of tracks into the sample database MusicDB')
    .description('Loads files of tracks into MusicDB.');
  etl
    .command('load')
    .summary('load a CSV or NDJSON file, or - for standard input')
    .description('pgvigil etl load: reads, stages, checks and merges a file of tracks.')
    .argument('<file>', 'file, or - for standard input')
    .addOption(databaseOption())
    .addOption(new Option('--format <format>', 'where the name does not say it').choices(['csv', 'ndjson']))
    .option('--batch <rows>', 'rows per transaction', rowsOfBatch, 10_000)
    .option('--source <name>', "source of the tracks that do not say theirs (default: the file's name)")
    .option('--max-reject-rate <percent>', 'with more rejects than that the exit status is 1', percentage, 5)
    .option('--dry-run', 'say what would happen, and change nothing', false)
    .option('--restart', 'load the whole file, even if it is loaded already or in part', false)
    .addHelpText('after', HELP)
    .action(async (path: string, options: Options) => io.finish(await loadFile(path, options, io)));
};

function rowsOfBatch(text: string): number {
  const rows = Number(text);
  if (!Number.isInteger(rows) || rows < 1 || rows > 100_000)
    throw new InvalidArgumentError('A number from 1 to 100000.');
  return rows;
}

function percentage(text: string): number {
  const value = Number(text.replace(/ ?%$/, ''));
  if (text.trim() === '' || !(value >= 0 && value <= 100))
    throw new InvalidArgumentError('A percentage from 0 to 100.');
  return value;
}

async function loadFile(path: string, options: Options, io: Io): Promise<number> {
  const dsn = databaseDsn(options.db, io);
  try {
    const source = await openSource(path, options, io);
    return await withClient(dsn, (one) =>
      withClient(dsn, async (two) => {
        await requireMusicDb(one);
        return options.dryRun ? rehearse([one, two], source, options, io) : loadRun([one, two], source, options, io);
      }, 'pgvigil etl'), 'pgvigil etl'); // prettier-ignore
  } catch (error) {
    if (!(error instanceof LoadFailure)) throw error;
    io.err(`pgvigil: ${error.message}\n`);
    return 1;
  }
}

/** @throws LoadFailure */
async function openSource(path: string, { format }: Options, io: Io): Promise<Source> {
  if (path !== '-') return openFile(path, format);
  if (format === undefined) throw new LoadFailure('standard input has no name that says what it is: give --format.');
  io.err('Reading standard input: a load that is interrupted cannot be taken up again, only repeated.\n');
  return openStream(process.stdin, format);
}

/** @throws LoadFailure */
async function requireMusicDb(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    "select pg_catalog.to_regprocedure('musicdb.stage_tracks()') is not null as there",
  );
  if (!rows[0].there)
    throw new LoadFailure('this database has no MusicDB, or an old one. Cure: pgvigil sql install --sample musicdb');
}

/** The first Ctrl-C lets the batches on their way finish; the second ends the process, which harms nothing either. */
async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>, io: Io): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => {
    io.err('\nStopping after the batches on their way. Once more ends at once.\n');
    controller.abort();
    // It may be waiting for bytes that never come.
    process.stdin.destroy();
    process.off('SIGINT', stop).off('SIGTERM', stop);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

const whole = (value: number): string => value.toLocaleString('en');

async function loadRun(clients: readonly pg.Client[], source: Source, options: Options, io: Io): Promise<number> {
  const run = await beginRun(clients[0], source, options.restart);
  if (run.state === 'done') {
    io.out(
      `This file is loaded already: run ${run.runId}, done at ${run.finishedAt?.toISOString()}, ` +
        `${whole(run.counts.read)} rows read, ${whole(run.counts.rejected)} rejected.\n` +
        'Nothing was done. --restart loads it again.\n',
    );
    return 0;
  }
  const began = performance.now();
  let ended: Run;
  try {
    const from = run.positionBytes > 0 ? run.positionBytes : undefined;
    if (from !== undefined) {
      await seek(source, from);
      io.err(
        `Going on with run ${run.runId} at byte ${whole(run.positionBytes)}, after ${whole(run.counts.read)} rows.\n`,
      );
    }
    const progress = reportProgress(process.stderr, source.file?.sizeBytes, from ?? 0);
    const to = { runId: run.runId, source: options.source ?? source.name };
    const interrupted = await interruptible(async (signal) => {
      try {
        await load(clients, source, { to, from, batchRows: options.batch, signal, onProgress: progress.update });
      } finally {
        progress.stop();
      }
      return signal.aborted;
    }, io);
    await source.file?.verify();
    ended = await endRun(clients[0], run.runId, interrupted ? 'interrupted' : 'done');
  } catch (error) {
    const failure = error instanceof LoadFailure ? error : describeFailure(error);
    await Promise.any(clients.map((client) => endRun(client, run.runId, 'failed', failure.message))).catch(
      () => undefined,
    );
    // A faulty file stays faulty.
    const resumes = source.file !== undefined && failure !== error;
    const cure = resumes ? ' The same command goes on where the last batch ended.' : '';
    io.err(`pgvigil: run ${run.runId} failed: ${failure.message}.${cure}\n`);
    return 1;
  }
  const seconds = (performance.now() - began) / 1000;
  return summarise(ended, ended.counts.read - run.counts.read, seconds, options, io);
}

/** @param read rows of this load; the run may have others from before. */
function summarise(run: Run, read: number, seconds: number, { maxRejectRate }: Options, io: Io): number {
  const { counts } = run;
  const rate = counts.read === 0 ? 0 : (100 * counts.rejected) / counts.read;
  io.out(
    `Run ${run.runId} ${run.state}: ${whole(counts.read)} rows read, ${whole(counts.inserted)} inserted, ` +
      `${whole(counts.updated)} updated, ${whole(counts.unchanged)} unchanged, ${whole(counts.rejected)} rejected ` +
      `(${rate.toFixed(2)} %).\n` +
      `${whole(read)} rows in ${seconds.toFixed(1)} s: ${rates(read, seconds)}.\n`,
  );
  if (counts.rejected > 0) {
    io.out(
      'The rejects, with their reasons:\n' +
        `  select line, reasons, content from musicdb.rejected_tracks where run_id = ${run.runId} order by line;\n`,
    );
  }
  if (run.state === 'interrupted') {
    io.err('Interrupted. The same command goes on where the last batch ended.\n');
    return 1;
  }
  if (rate > maxRejectRate) {
    io.err(
      `pgvigil: ${rate.toFixed(2)} % of the rows were rejected, more than --max-reject-rate ${maxRejectRate} %.\n`,
    );
    return 1;
  }
  return 0;
}

/** Everything but the commits. */
async function rehearse(clients: readonly pg.Client[], source: Source, options: Options, io: Io): Promise<number> {
  const progress = reportProgress(process.stderr, source.file?.sizeBytes, 0);
  let loaded: Loaded;
  try {
    loaded = await interruptible(
      (signal) =>
        load(clients, source, {
          to: { source: options.source ?? source.name },
          batchRows: options.batch,
          signal,
          onProgress: progress.update,
        }),
      io,
    );
  } finally {
    progress.stop();
  }
  const { counts, refused } = loaded;
  const rate = counts.read === 0 ? 0 : (100 * counts.rejected) / counts.read;
  io.out(
    `Rehearsal, nothing changed: ${whole(counts.read)} rows read, ${whole(counts.inserted)} to insert, ` +
      `${whole(counts.updated)} to update, ${whole(counts.unchanged)} unchanged, ${whole(counts.rejected)} to reject ` +
      `(${rate.toFixed(2)} %).\n`,
  );
  for (const { line, reasons } of refused) io.out(`  line ${line}: ${reasons.join('; ')}\n`);
  if (counts.rejected > refused.length) io.out(`  and ${whole(counts.rejected - refused.length)} more\n`);
  return rate > options.maxRejectRate ? 1 : 0;
}
