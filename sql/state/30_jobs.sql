-- Jobs: what was planned, confirmed and run. The delivery (pg-boss) is beside; the truth about a job is its row here.

create table if not exists pgvigil_state.job (
  id                  uuid primary key default pg_catalog.gen_random_uuid(),
  action              text not null,
  target              text not null,
  database_name       text not null,
  heavy               boolean not null,
  state               text not null default 'planned' check (state in
                        ('planned', 'confirmed', 'running', 'verifying', 'done', 'failed', 'cancelled', 'interrupted')),
  -- What was shown to whoever confirmed it, and what running and verifying it needs.
  params              jsonb not null,
  draft               jsonb not null,
  created_at          timestamptz not null default pg_catalog.now(),
  expires_at          timestamptz not null,
  requested_by        text not null,
  requested_role      text not null,
  confirmed_at        timestamptz,
  started_at          timestamptz,
  finished_at         timestamptz,
  -- Who runs it; without a sign of life until then, another may close it.
  holder              uuid,
  lease_until         timestamptz,
  cancel_requested_by text,
  progress            jsonb,
  message             text not null default '',
  hint                text not null default '',
  verified            jsonb not null default '[]',
  effect              jsonb not null default '[]',
  effect_due_at       timestamptz,
  check ((state in ('running', 'verifying')) = (lease_until is not null))
);
comment on table pgvigil_state.job is 'Actions on targets, from plan to verified end. A plan that nobody confirms is deleted when it has expired.';
comment on column pgvigil_state.job.draft is 'Statements, lock, expectation and subject, as the action planned them.';
comment on column pgvigil_state.job.holder is 'The exporter (a random id per process) that runs it.';

-- The guarantee behind "one heavy job per database at a time": whoever claims a second one is refused by the index.
create unique index if not exists job_heavy on pgvigil_state.job (target, database_name)
  where heavy and state in ('running', 'verifying');
create index if not exists job_active on pgvigil_state.job (state) where state in ('planned', 'confirmed', 'running', 'verifying');
create index if not exists job_created on pgvigil_state.job (created_at desc) where state <> 'planned';
create index if not exists job_effect on pgvigil_state.job (effect_due_at) where effect_due_at is not null;

grant select, insert, update, delete on pgvigil_state.job to pgvigil_state;
