/** The statements that add to the history. All are the exporter's own rights: insert, and the owner's functions. */
import type { Query } from '../store/store.ts';
import { type Entries, pack, packAll } from './codec.ts';
import type { Stream } from './columns.ts';

/** What the next point is compared with. */
export interface Facts {
  /** Seconds since 1970. */
  readonly serverStart?: number;
  readonly statsReset?: number | null;
  /** Times that statements were evicted, since the last reset. */
  readonly evictions?: number | null;
  readonly ioTiming?: boolean;
  /** Seconds between two looks at the sessions. */
  readonly sampleSeconds?: number;
}

export interface Point {
  readonly target: number;
  readonly stream: Stream;
  readonly at: Date;
  readonly previous: Date | null;
  /** Nothing is known between the previous point and this one but their difference. */
  readonly gap: boolean;
  readonly keyframe: boolean;
  readonly entries: Entries;
  /** Last totals of those that ended here. */
  readonly ended: Entries | null;
  /** What happened to the counters, in words. */
  readonly notes: readonly string[];
  readonly facts: Facts;
}

export async function insertPoint(query: Query, point: Point): Promise<void> {
  const { target, stream, at, previous, gap, keyframe, entries, ended, notes, facts } = point;
  const { head, rest } = await pack(stream, entries);
  await query(INSERT_POINT_SQL, [
    target,
    stream,
    at,
    previous,
    gap,
    keyframe,
    entries.ids.length,
    head,
    rest,
    ended?.ids.length ?? 0,
    ended && (await packAll(ended)),
    notes.length === 0 ? null : notes,
    JSON.stringify(facts),
  ]);
  if (ended !== null) await query('select pgvigil_state.end_lives($1, $2, $3)', [stream, Array.from(ended.ids), at]);
}

const INSERT_POINT_SQL = `
  insert into pgvigil_state.point
         (target, stream, at, previous, gap, keyframe, entries, head, rest, endings, ended, notes, facts)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`;

export interface NewStatement {
  readonly queryId: string;
  readonly database: string;
  readonly user: string;
}

/** @returns ids, null for those that are not there. */
export async function findStatements(
  query: Query,
  target: number,
  statements: readonly NewStatement[],
): Promise<(number | null)[]> {
  const rows = await query<{ id: number | null }>(FIND_STATEMENTS_SQL, [target, ...keys(statements)]);
  return rows.map(({ id }) => id);
}

const keys = (statements: readonly NewStatement[]): unknown[] => [
  statements.map(({ queryId }) => queryId),
  statements.map(({ database }) => database),
  statements.map(({ user }) => user),
];

const FIND_STATEMENTS_SQL = `
  select s.id
    from unnest($2::bigint[], $3::text[], $4::text[]) with ordinality as k (query_id, database_name, user_name, place)
    left join pgvigil_state.statement s on s.target = $1 and s.query_id = k.query_id
     and s.database_name = k.database_name and s.user_name = k.user_name
   order by k.place`;

/** @returns ids, in the order given. None of them may be there yet. */
export async function insertStatements(
  query: Query,
  target: number,
  firstSeen: Date,
  statements: readonly (NewStatement & { readonly text: string })[],
): Promise<number[]> {
  await query(INSERT_STATEMENTS_SQL, [target, ...keys(statements), statements.map(({ text }) => text), firstSeen]);
  return (await findStatements(query, target, statements)).map((id) => id!);
}

const INSERT_STATEMENTS_SQL = `
  insert into pgvigil_state.statement (target, query_id, database_name, user_name, query, first_seen)
  select $1, k.query_id, k.database_name, k.user_name, k.query, $6
    from unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) as k (query_id, database_name, user_name, query)
  on conflict (target, query_id, database_name, user_name) do nothing`;

export interface NewLife {
  readonly statement: number;
  readonly dbOid: number;
  readonly userOid: number;
  readonly toplevel: boolean;
  readonly since: number | null;
}

/** @returns ids, in the order given. */
export async function insertLives(
  query: Query,
  target: number,
  began: Date,
  lives: readonly NewLife[],
): Promise<number[]> {
  const rows = await query<{ id: number }>(INSERT_LIVES_SQL, [
    target,
    lives.map(({ statement }) => statement),
    lives.map(({ dbOid }) => dbOid),
    lives.map(({ userOid }) => userOid),
    lives.map(({ toplevel }) => toplevel),
    began,
    lives.map(({ since }) => since),
  ]);
  return rows.map(({ id }) => id);
}

/** Ids are given in the order of the rows selected, and `returning` keeps it. */
const INSERT_LIVES_SQL = `
  insert into pgvigil_state.life (target, statement, db_oid, user_oid, toplevel, began, since)
  select $1, l.statement, l.db_oid, l.user_oid, l.toplevel, $6, l.since
    from unnest($2::integer[], $3::oid[], $4::oid[], $5::boolean[], $7::float8[])
         with ordinality as l (statement, db_oid, user_oid, toplevel, since, place)
   order by l.place
  returning id`;

export interface NewWait {
  readonly queryId: string | null;
  readonly database: string | null;
  readonly user: string | null;
  readonly application: string | null;
  readonly state: string;
  readonly waitType: string;
  readonly waitEvent: string;
  readonly blockedBy: string | null;
}

/** @returns ids, in the order given. */
export async function insertWaits(
  query: Query,
  target: number,
  began: Date,
  waits: readonly NewWait[],
): Promise<number[]> {
  const rows = await query<{ id: number }>(INSERT_WAITS_SQL, [target, JSON.stringify(waits), began]);
  return rows.map(({ id }) => id);
}

const INSERT_WAITS_SQL = `
  insert into pgvigil_state.wait
         (target, query_id, database_name, user_name, application, state, wait_type, wait_event, blocked_by, began)
  select $1, (w.value ->> 'queryId')::bigint, w.value ->> 'database', w.value ->> 'user', w.value ->> 'application',
         w.value ->> 'state', w.value ->> 'waitType', w.value ->> 'waitEvent', (w.value ->> 'blockedBy')::bigint, $3
    from jsonb_array_elements($2::jsonb) with ordinality as w (value, place)
   order by w.place
  returning id`;
