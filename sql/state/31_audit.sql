-- The audit: one row per event. The exporter may add rows and read them, and nothing else: the table is its owner's.

create table if not exists pgvigil_state.audit (
  id               bigint generated always as identity primary key,
  -- Given by whoever writes it, so that the local journal can be replayed without doubling anything.
  event_id         uuid not null unique,
  -- The job's, or one of a session action's own: what belongs together.
  entry            uuid not null,
  at               timestamptz not null,
  event            text not null check (event in
                     ('confirmed', 'done', 'failed', 'cancelled', 'interrupted', 'refused', 'effect')),
  login            text not null,
  role             text not null,
  action           text not null,
  title            text not null,
  target           text not null,
  database_name    text not null,
  statements       text[] not null,
  message          text not null default '',
  duration_seconds double precision,
  effect           jsonb not null default '[]',
  job              uuid
);
comment on table pgvigil_state.audit is 'Who did what, when, with which statements and which result. Rows are never changed.';
comment on column pgvigil_state.audit.event is 'effect: measured over the windows after the end.';
create index if not exists audit_entry on pgvigil_state.audit (entry, id);

revoke all on pgvigil_state.audit from pgvigil_state;
grant select on pgvigil_state.audit to pgvigil_state;
-- All columns but id: `overriding system value` would put a row where it was not written.
grant insert (event_id, entry, at, event, login, role, action, title, target, database_name, statements, message,
              duration_seconds, effect, job) on pgvigil_state.audit to pgvigil_state;
