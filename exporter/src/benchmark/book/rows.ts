/** The rows of the state database that benchmarks leave. */
import type { BenchmarkKind, BenchmarkProgress, Facts, StatementDelta } from '../../contract/benchmarks.ts';
import type { Ended, Errors } from '../kinds.ts';
import type { Workload } from '../workload/schema.ts';
import type { Segment, Tick } from '../recording.ts';
import type { Query } from '../../store/store.ts';
import type { BenchmarkDocument } from './document.ts';
import type { Summary } from './summary.ts';

export interface BenchmarkRow {
  readonly id: string;
  readonly kind: BenchmarkKind;
  readonly target: string;
  readonly workload_id: string;
  readonly workload: Workload;
  readonly digest: string;
  readonly blocks: number;
  /** A bigint, which pg gives as text. */
  readonly seed: string;
  readonly state: Ended | 'running';
  readonly requested_by: string;
  readonly version: string;
  readonly started_at: Date;
  readonly finished_at: Date | null;
  readonly message: string;
  readonly holder: string | null;
  readonly cancel_requested_by: string | null;
  readonly progress: BenchmarkProgress | null;
  readonly facts: Facts | null;
  readonly statement_deltas: StatementDelta[] | null;
  readonly errors: Errors;
  readonly summary: Summary | null;
  readonly star: boolean;
}

/** As it is while it runs; made by the server: id, times, state. */
export type NewBenchmark = Pick<
  BenchmarkRow,
  'kind' | 'target' | 'workload' | 'digest' | 'blocks' | 'requested_by' | 'version'
> & { readonly seed: number; readonly holder: string };

const TABLE = 'pgvigil_state.benchmark';
const SEGMENTS = 'pgvigil_state.benchmark_segment';

/** An SQL null, not JSON's. */
const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

/** @throws DatabaseFailure 23505 when another one runs on the target. */
export async function insertBenchmark(query: Query, row: NewBenchmark, leaseSeconds: number): Promise<BenchmarkRow> {
  const { kind, target, workload, digest, blocks, seed, requested_by, version, holder } = row;
  const [inserted] = await query<BenchmarkRow>(
    `insert into ${TABLE} (kind, target, workload_id, workload, digest, blocks, seed, requested_by, version, holder, lease_until)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, pg_catalog.now() + pg_catalog.make_interval(secs => $11)) returning *`,
    [kind, target, workload.id, json(workload), digest, blocks, seed, requested_by, version, holder, leaseSeconds],
  );
  return inserted;
}

/** @returns null when another one has closed it: it is not ours any more. */
export async function renewBenchmark(
  query: Query,
  { id, holder }: { readonly id: string; readonly holder: string },
  leaseSeconds: number,
  progress: BenchmarkProgress,
): Promise<{ readonly cancelledBy: string | null } | null> {
  const [row] = await query<{ cancelledBy: string | null }>(
    `update ${TABLE} set lease_until = pg_catalog.now() + pg_catalog.make_interval(secs => $3), progress = $4
      where id = $1 and holder = $2 and state = 'running' returning cancel_requested_by as "cancelledBy"`,
    [id, holder, leaseSeconds, json(progress)],
  );
  return row ?? null;
}

export async function noteFacts(query: Query, id: string, facts: Facts): Promise<void> {
  await query(`update ${TABLE} set facts = $2 where id = $1`, [id, json(facts)]);
}

/** @param ticks `at` counts from the run's first segment. Harmless when repeated: an answer may get lost. */
export async function insertSegment(query: Query, id: string, segment: Segment, ticks: readonly Tick[]): Promise<void> {
  const { block, position, arm, startedAt, seconds, due, sent, statements, server } = segment;
  await query(
    `insert into ${SEGMENTS} (benchmark, block, position, arm, started_at, seconds, due, sent, statements, server, ticks)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing`,
    [...[id, block, position, arm, startedAt, seconds, due, sent], ...[statements, server, ticks].map(json)],
  );
}

export interface Ending {
  readonly state: Ended;
  readonly message: string;
  readonly statements: readonly StatementDelta[] | null;
  readonly errors: Errors;
  readonly summary: Summary | null;
}

/** @returns false when another one has closed it. */
export async function finishBenchmark(query: Query, id: string, holder: string, ending: Ending): Promise<boolean> {
  const { state, message, statements, errors, summary } = ending;
  const rows = await query(
    `update ${TABLE} set state = $3, message = $4, statement_deltas = $5, errors = $6, summary = $7,
            finished_at = pg_catalog.now(), holder = null, lease_until = null, progress = null
      where id = $1 and holder = $2 and state = 'running' returning id`,
    [id, holder, state, message, json(statements), json(errors), json(summary)],
  );
  return rows.length > 0;
}

/** Those whose process gave no sign of life. */
export async function closeAbandoned(query: Query, targets: readonly string[]): Promise<void> {
  await query(
    `update ${TABLE} set state = 'interrupted', finished_at = pg_catalog.now(), holder = null, lease_until = null,
            progress = null, message = 'its process ended before it'
      where state = 'running' and lease_until < pg_catalog.now() and target = any ($1)`,
    [targets],
  );
}

/** @returns false when it does not run. */
export async function requestCancel(query: Query, id: string, login: string): Promise<boolean> {
  const rows = await query(
    `update ${TABLE} set cancel_requested_by = $2 where id = $1 and state = 'running' returning id`,
    [id, login],
  );
  return rows.length > 0;
}

export async function findBenchmark(query: Query, id: string): Promise<BenchmarkRow | undefined> {
  return (await query<BenchmarkRow>(`select * from ${TABLE} where id = $1`, [id]))[0];
}

/** @param beginning hexadecimal digits and hyphens. @returns at most two: enough to say that it is not the only one. */
export function findBeginning(query: Query, beginning: string): Promise<BenchmarkRow[]> {
  return query(`select * from ${TABLE} where id::text like $1 || '%' limit 2`, [beginning]);
}

export interface Wanted {
  readonly target?: string;
  readonly workload?: string;
  readonly kind?: BenchmarkKind;
  /** Part of the workload's id or title, or of who asked. */
  readonly search?: string;
  readonly limit: number;
  readonly offset?: number;
}

const WANTED = `($1::text is null or target = $1) and ($2::text is null or workload_id = $2)
    and ($3::text is null or kind = $3)
    and ($4::text is null or pg_catalog.strpos(pg_catalog.lower(workload_id || ' ' || (workload->>'title') || ' ' || requested_by),
                                              pg_catalog.lower($4)) > 0)`;

const valuesOf = ({ target, workload, kind, search }: Omit<Wanted, 'limit'>): unknown[] =>
  [target, workload, kind, search].map((value) => value ?? null);

/** Without what may be megabytes of a long list: what the server was like, and what it counted. */
export type ListedRow = Omit<BenchmarkRow, 'facts' | 'statement_deltas'>;

const LISTED = `id, kind, target, workload_id, workload, digest, blocks, seed, state, requested_by, version, started_at,
  finished_at, message, holder, cancel_requested_by, progress, errors, summary, star`;

/** Latest first. */
export function listBenchmarks(query: Query, wanted: Wanted): Promise<ListedRow[]> {
  return query(`select ${LISTED} from ${TABLE} where ${WANTED} order by started_at desc, id limit $5 offset $6`, [
    ...valuesOf(wanted),
    ...[wanted.limit, wanted.offset ?? 0],
  ]);
}

export async function countBenchmarks(query: Query, wanted: Omit<Wanted, 'limit'>): Promise<number> {
  const [{ count }] = await query<{ count: number }>(
    `select pg_catalog.count(*)::int as count from ${TABLE} where ${WANTED}`,
    valuesOf(wanted),
  );
  return count;
}

/** The last of each kind of each workload. @param ended as it should; else whatever became of it. */
export function lastBenchmarks(query: Query, targets: readonly string[], ended: boolean): Promise<ListedRow[]> {
  return query(
    `select distinct on (target, workload_id, kind) ${LISTED} from ${TABLE}
      where target = any ($1) and (state = 'done' or not $2)
      order by target, workload_id, kind, started_at desc`,
    [targets, ended],
  );
}

/** What the last A/A run of the same thing on the target has found: see `Aa`. Null: nobody has measured it. */
export async function lastAa(
  query: Query,
  { target, digest }: Pick<BenchmarkRow, 'target' | 'digest'>,
  figure: 'drift' | 'spread',
): Promise<number | null> {
  const [row] = await query<{ found: number }>(
    `select (summary->'aa'->>$3)::float8 as found from ${TABLE}
      where kind = 'aa' and target = $1 and digest = $2 and summary->'aa'->>$3 is not null
      order by started_at desc limit 1`,
    [target, digest, figure],
  );
  return row?.found ?? null;
}

/** How a segment went, without its latencies: of a long run those are megabytes. */
export type CourseSegment = Pick<RecordedSegment, 'arm' | 'seconds' | 'server' | 'ticks'>;

/** In the order of time. */
export function readCourse(query: Query, id: string): Promise<CourseSegment[]> {
  return query(`select arm, seconds, server, ticks from ${SEGMENTS} where benchmark = $1 order by block, position`, [
    id,
  ]);
}

/** A segment with its seconds. */
export type RecordedSegment = Segment & { readonly ticks: Tick[] };

/** In the order of time. */
export async function readSegments(query: Query, id: string): Promise<RecordedSegment[]> {
  const rows = await query<Omit<RecordedSegment, 'startedAt'> & { readonly started_at: Date }>(
    `select block, position, arm, started_at, seconds, due::float8, sent::float8, statements, server, ticks
       from ${SEGMENTS} where benchmark = $1 order by block, position`,
    [id],
  );
  return rows.map(({ started_at, ...one }) => ({ ...one, startedAt: started_at.toISOString() }));
}

/** @param derived is computed again where it is read in: a file could say anything. @returns false when it is there already. */
export async function importBenchmark(
  query: Query,
  one: BenchmarkDocument,
  { digest, summary }: Pick<BenchmarkRow, 'digest' | 'summary'>,
): Promise<boolean> {
  const rows = await query(
    `insert into ${TABLE} (id, kind, target, workload_id, workload, digest, blocks, seed, state, requested_by, version,
                           started_at, finished_at, message, facts, statement_deltas, errors, summary)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
     on conflict (id) do nothing returning id`,
    [
      ...[one.id, one.kind, one.target, one.workload.id, json(one.workload), digest, one.blocks, one.seed],
      ...[one.state, one.requestedBy, one.version, one.startedAt, one.finishedAt, one.message],
      ...[one.facts, one.statements, one.errors, summary].map(json),
    ],
  );
  if (rows.length === 0) return false;
  for (const { ticks, ...segment } of one.segments) await insertSegment(query, one.id, segment, ticks);
  return true;
}

/** One star for a workload on a target: the one before loses it. In a transaction, lest neither has it. */
export async function setStar(query: Query, { id, target, workload_id }: BenchmarkRow, star: boolean): Promise<void> {
  await query(`update ${TABLE} set star = false where target = $1 and workload_id = $2 and star`, [
    target,
    workload_id,
  ]);
  if (star) await query(`update ${TABLE} set star = true where id = $1`, [id]);
}
