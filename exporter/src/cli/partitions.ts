/** `pgvigil partitions`: says how far partitions reach, creates them ahead, detaches them when they expire. */
import { InvalidArgumentError, Option } from 'commander';
import type pg from 'pg';
import { BadValue } from '../config/problems.ts';
import { createPartitions, type Table } from '../partitions/create.ts';
import { type Choice, detachPartitions, type ExpiredPartition, expiredPartitions } from '../partitions/detach.ts';
import type { Patience } from '../partitions/patience.ts';
import { type PartitionReport, readReport, todo } from '../partitions/report.ts';
import { prepareSessions, requireFunctions, type Sessions } from '../partitions/sessions.ts';
import type { Undone } from '../partitions/undone.ts';
import { type AddCommands, databaseDsn, databaseOption, type Io, withClient } from './group.ts';

interface Common {
  readonly db: string;
}
interface Acting extends Common {
  readonly parent?: string;
  readonly lockTimeout: number;
  readonly attempts: number;
}
type Detaching = Acting & { readonly olderThan?: string; readonly releaseKeys: boolean; readonly dryRun: boolean };

export const addPartitionsCommands: AddCommands = (program, io) => {
  const group = program
    .command('partitions')
    .description('Looks after tables that are range-partitioned by time, as pgvigil.partition_policy says.')
    .summary('create partitions ahead of time, detach those that have expired');
  group
    .command('status')
    .summary('say how far partitions reach ahead and what is in the default ones')
    .description(
      'Says how far partitions reach ahead and what is in the default ones. Exit status 1 when something is to be done.',
    )
    .addOption(databaseOption())
    .option('--json', 'print JSON', false)
    .action((options: Common & { json: boolean }) => status(options, io));
  group
    .command('create')
    .summary('create what the policies ask for, moving rows out of the default partition')
    .description('Creates the partitions that the policies ask for, and moves rows of the default partition into them.')
    .addOption(databaseOption())
    .option('--parent <table>', 'only of this table')
    .addOption(lockTimeoutOption())
    .addOption(attemptsOption())
    .action((options: Acting) => create(options, io));
  group
    .command('detach')
    .summary('detach what has expired; nothing is dropped')
    .description(
      'Detaches partitions that have expired, and finishes detaches that were interrupted. The tables stay, under their names.',
    )
    .addOption(databaseOption())
    .option('--parent <table>', 'only of this table')
    .option(
      '--older-than <interval>',
      "instead of the policies' retention, of tables without a policy as well: '90 days'",
    )
    .option(
      '--release-keys',
      'drop the foreign keys of what was detached to tables that are being detached from, which they would hold',
      false,
    )
    .option('--dry-run', 'print the statements and change nothing', false)
    .addOption(lockTimeoutOption())
    .addOption(attemptsOption())
    .action((options: Detaching) => detach(options, io));
};

const lockTimeoutOption = (): Option =>
  new Option('--lock-timeout <seconds>', 'longest wait for a lock, which is how long others may be held up behind us')
    .default(2)
    .argParser((value) => {
      if (!/^\d{1,4}(\.\d+)?$/.test(value) || Number(value) < 0.01) {
        throw new InvalidArgumentError('It is a number of seconds, at least 0.01.');
      }
      return Number(value);
    });

const attemptsOption = (): Option =>
  new Option('--attempts <number>', 'how often to try, with a pause in between').default(10).argParser((value) => {
    if (!/^[1-9]\d{0,4}$/.test(value)) throw new InvalidArgumentError('It is a whole number, at least 1.');
    return Number(value);
  });

const NAME = 'pgvigil partitions';

const say = (io: Io, line = ''): void => io.out(`${line}\n`);

async function status({ db, json }: Common & { json: boolean }, io: Io): Promise<void> {
  const reports = await withClient(
    databaseDsn(db, io),
    async (client) => {
      await client.query("set lock_timeout = '500ms'");
      await requireFunctions(client);
      return readReport(client);
    },
    NAME,
  );
  const found = reports.map((report) => ({ ...report, todo: todo(report) }));
  if (json) say(io, JSON.stringify(found, undefined, 2));
  else if (found.length === 0) say(io, 'There is no table here that is range-partitioned by time.');
  else for (const report of found) sayReport(report, io);
  if (found.some((report) => report.todo.length > 0)) io.finish(1);
}

function sayReport(report: PartitionReport & { todo: readonly string[] }, io: Io): void {
  const { parent, step, premake, retention, partitions, oldest_start, newest_end, size_bytes } = report;
  say(io, parent);
  say(io, `  policy      ${step === null ? 'none' : `by ${step}, ${premake} ahead, kept ${retention ?? 'for ever'}`}`);
  say(
    io,
    `  partitions  ${partitions ?? 'not known: one is locked'}, ${megabytes(size_bytes)}, ${oldest_start ?? 'unbounded'} to ${newest_end ?? 'unbounded'}`,
  );
  say(io, `  ahead       ${ahead(report)}`);
  say(io, `  default     ${defaultPartition(report)}`);
  for (const line of report.todo) say(io, `  TO DO       ${line}`);
}

function ahead({ seconds_ahead }: PartitionReport): string {
  if (seconds_ahead === null) return 'not known';
  const days = Number(seconds_ahead) / 86_400;
  return Number.isFinite(days) ? `${days.toFixed(1)} days without a gap` : 'without end';
}

const rowsOf = (count: number): string => `${count} ${count === 1 ? 'row' : 'rows'}`;

function defaultPartition({ has_default, default_rows, default_rows_estimate, rows_at_risk }: PartitionReport): string {
  if (!has_default) return 'none: rows out of range are refused';
  if (default_rows !== null) return `${rowsOf(default_rows)}, ${rows_at_risk} of them at risk`;
  return default_rows_estimate === null ? 'rows not known' : `about ${rowsOf(default_rows_estimate)}, not counted`;
}

const megabytes = (bytes: number | null): string =>
  bytes === null ? 'size not known' : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;

/** Opens both sessions and lets the first Ctrl-C end the work in an orderly way; the second one ends the program. */
async function withSessions(
  { db, lockTimeout, attempts }: Acting,
  io: Io,
  work: (sessions: Sessions, patience: Patience) => Promise<readonly Undone[]>,
): Promise<void> {
  const dsn = databaseDsn(db, io);
  const interrupt = new AbortController();
  const onSignal = (): void => {
    io.err('pgvigil: interrupted; cancelling what is running\n');
    interrupt.abort();
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    const undone = await withClient(
      dsn,
      (acting) =>
        withClient(
          dsn,
          async (watching) => {
            const sessions = { acting, watching };
            await prepareSessions(sessions);
            return work(sessions, {
              lockTimeoutMs: Math.ceil(lockTimeout * 1000),
              attempts,
              signal: interrupt.signal,
              report: (line) => say(io, line),
            });
          },
          `${NAME} (watching)`,
        ),
      NAME,
    );
    if (undone.length === 0 && !interrupt.signal.aborted) return;
    if (undone.length > 0) say(io, 'Not done:');
    for (const { name, why } of undone) say(io, `  ${name}: ${why.replaceAll('\n', '\n    ')}`);
    io.finish(1);
  } finally {
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
  }
}

const create = (options: Acting, io: Io): Promise<void> =>
  withSessions(options, io, async (sessions, patience) => {
    const parent = await findTable(sessions.watching, options.parent);
    const { created, undone } = await createPartitions(sessions, patience, parent);
    for (const { partition, range_start, range_end, action, rows_moved } of created) {
      say(io, `${partition}  ${range_start} to ${range_end}  ${action}${rows_moved > 0 ? ` (${rows_moved})` : ''}`);
    }
    if (created.length === 0 && undone.length === 0) say(io, 'All partitions that the policies ask for are there.');
    return undone;
  });

const detach = (options: Detaching, io: Io): Promise<void> =>
  withSessions(options, io, async (sessions, patience) => {
    const parent = await findTable(sessions.watching, options.parent);
    await checkInterval(sessions.watching, options.olderThan);
    const choice: Choice = { parent, olderThan: options.olderThan };
    const candidates = await expiredPartitions(sessions.watching, choice);
    if (candidates.length === 0) say(io, 'No partition has expired.');
    for (const [table, [{ reason }]] of Map.groupBy(
      candidates.filter(({ reason }) => reason !== null),
      (c) => c.parent,
    )) {
      say(io, `${table}: ${reason}`);
    }
    if (options.dryRun) {
      for (const { detach_statement } of candidates) say(io, `${detach_statement};`);
      return [];
    }
    const { detached, undone, keysInTheWay } = await detachPartitions(sessions, patience, candidates, options);
    if (detached.length > 0) sayDetached(detached, io);
    if (keysInTheWay.length > 0) {
      say(
        io,
        'Tables that were detached keep their foreign keys, which may be what holds the others. Next time, --release-keys; to let go of them now:',
      );
      for (const statement of keysInTheWay) say(io, `  ${statement};`);
    }
    return undone;
  });

function sayDetached(detached: readonly ExpiredPartition[], io: Io): void {
  say(io, 'Detached, with all rows. Once they are archived, or not needed:');
  for (const { drop_statement, rows_estimate, size_bytes } of detached) {
    const rows = rows_estimate === null ? 'number of rows not known' : `about ${rowsOf(rows_estimate)}`;
    say(io, `  ${drop_statement};  -- ${rows}, ${megabytes(size_bytes)}`);
  }
}

/** @throws BadValue when there is none that these commands can handle. */
async function findTable(client: pg.Client, parent: string | undefined): Promise<Table | undefined> {
  if (parent === undefined) return undefined;
  const { rows } = await client.query<Table>(
    'select parent::oid as oid, parent::text as name from pgvigil.range_partitioned_tables() where parent::text = $1',
    [parent],
  );
  if (rows.length > 0) return rows[0];
  throw new BadValue(
    `--parent: ${parent} is no table that is range-partitioned on one column of a date or timestamp type`,
    'Write it as pgvigil partitions status does: with its schema.',
  );
}

async function checkInterval(client: pg.Client, text: string | undefined): Promise<void> {
  if (text === undefined) return;
  const positive = await client
    .query<{ ok: boolean }>("select $1::interval > '0' as ok", [text])
    .catch(() => undefined);
  if (positive?.rows[0].ok === true) return;
  throw new BadValue(
    `--older-than: ${text} is no positive interval`,
    "Write it as PostgreSQL does: '90 days', '13 months'.",
  );
}
