/** The audit in the state database: rows are added and read, never changed. */
import { randomUUID } from 'node:crypto';
import type { AuditEntry, Input, Measure } from '../contract/index.ts';
import type { Query } from '../store/store.ts';
import { type JobRow, statementsOf } from './job_rows.ts';

export interface AuditEvent {
  readonly eventId: string;
  /** What belongs together: a job's id, or that of one session action. */
  readonly entry: string;
  readonly at: string;
  readonly event: AuditEntry['outcome'] | 'effect';
  readonly login: string;
  readonly role: string;
  readonly action: string;
  readonly title: string;
  readonly target: string;
  readonly database: string;
  readonly statements: readonly string[];
  readonly message: string;
  readonly durationSeconds: number | null;
  readonly effect: readonly Measure[];
  readonly job: string | null;
}

/** Those that are there already, by their id, are left alone: a journal may be replayed again. */
export async function insertEvents(query: Query, events: readonly AuditEvent[]): Promise<void> {
  if (events.length === 0) return;
  await query(
    `insert into pgvigil_state.audit (event_id, entry, at, event, login, role, action, title, target, database_name,
                                      statements, message, duration_seconds, effect, job)
     select e."eventId", e.entry, e.at, e.event, e.login, e.role, e.action, e.title, e.target, e.database,
            e.statements, e.message, e."durationSeconds", e.effect, e.job
       from pg_catalog.jsonb_to_recordset($1::jsonb) as e ("eventId" uuid, entry uuid, at timestamptz, event text, login text,
            role text, action text, title text, target text, database text, statements text[], message text,
            "durationSeconds" float8, effect jsonb, job uuid)
     on conflict (event_id) do nothing`,
    [JSON.stringify(events)],
  );
}

export function jobEvent(
  row: JobRow,
  event: AuditEvent['event'],
  more: Partial<Pick<AuditEvent, 'message' | 'durationSeconds' | 'effect' | 'login' | 'role'>> = {},
): AuditEvent {
  return {
    eventId: randomUUID(),
    entry: row.id,
    at: new Date().toISOString(),
    event,
    login: row.requested_by,
    role: row.requested_role,
    action: row.action,
    title: row.draft.title,
    target: row.target,
    database: row.database_name,
    statements: statementsOf(row.draft.steps),
    message: '',
    durationSeconds: null,
    effect: [],
    job: row.id,
    ...more,
  };
}

/** One row an entry: who and when of its first event, outcome of its last but `effect`, the latest figures. */
const LIST_SQL = `
  with entry as (
    select a.entry, pg_catalog.min(a.id) as first, pg_catalog.max(a.id) filter (where a.event <> 'effect') as last,
           pg_catalog.max(a.id) filter (where a.effect <> '[]') as measured
      from pgvigil_state.audit a
     where ($1::text is null or a.target = $1) and ($2::text is null or a.action = $2) and ($3::text is null or a.login = $3)
       and ($4::text is null
            or pg_catalog.strpos(pg_catalog.lower(a.title || ' ' || a.login || ' ' || a.message || ' '
                 || pg_catalog.array_to_string(a.statements, ' ')), pg_catalog.lower($4)) > 0)
     group by a.entry
  )
  select pg_catalog.count(*) over ()::int as total, e.entry as id, f.at, f.login, f.role, f.action, f.title, f.target,
         f.database_name as database, f.statements, l.event as outcome, l.message, l.duration_seconds as "durationSeconds",
         coalesce(m.effect, '[]') as effect, f.job as "jobId"
    from entry e
    join pgvigil_state.audit f on f.id = e.first
    join pgvigil_state.audit l on l.id = coalesce(e.last, e.first)
    left join pgvigil_state.audit m on m.id = e.measured
   order by e.first desc
   limit $5 offset $6`;

type Row = Omit<AuditEntry, 'at'> & { readonly at: Date; readonly total: number };

export async function listAudit(
  query: Query,
  target: string | undefined,
  { action, login, search, page, pageSize }: Input<'GET /api/v1/audit'>['query'],
): Promise<{ items: AuditEntry[]; total: number }> {
  const filter = [target ?? null, action ?? null, login ?? null, search ?? null];
  const rows = await query<Row>(LIST_SQL, [...filter, pageSize, (page - 1) * pageSize]);
  // Behind the last page there is no row to carry the count.
  const total = rows[0]?.total ?? (page === 1 ? 0 : ((await query<Row>(LIST_SQL, [...filter, 1, 0]))[0]?.total ?? 0));
  return { items: rows.map(({ total: _, at, ...entry }) => ({ ...entry, at: at.toISOString() })), total };
}
