-- Benchmarks: runs of a workload with what was recorded, and what the server is still owed.

create table if not exists pgvigil_state.benchmark (
  id                  uuid primary key default pg_catalog.gen_random_uuid(),
  kind                text not null check (kind in ('run', 'ab', 'aa')),
  target              text not null,
  workload_id         text not null,
  -- The file as it was, and a digest of what makes runs comparable in it.
  workload            jsonb not null,
  digest              text not null,
  blocks              integer not null check (blocks > 0),
  seed                bigint not null,
  state               text not null default 'running' check (state in
                        ('running', 'done', 'failed', 'cancelled', 'interrupted')),
  requested_by        text not null,
  version             text not null,
  started_at          timestamptz not null default pg_catalog.now(),
  finished_at         timestamptz,
  message             text not null default '',
  -- Who runs it; without a sign of life until then, another may close it.
  holder              uuid,
  lease_until         timestamptz,
  cancel_requested_by text,
  progress            jsonb,
  facts               jsonb,
  statement_deltas    jsonb,
  errors              jsonb not null default '{}',
  summary             jsonb,
  star                boolean not null default false,
  check ((state = 'running') = (lease_until is not null))
);
comment on table pgvigil_state.benchmark is 'Runs of a workload on a target: one at a time on each.';
comment on column pgvigil_state.benchmark.summary is 'What its segments come to: reading thousands of histograms again for a list would take seconds.';
comment on column pgvigil_state.benchmark.star is 'The run that later runs of this workload on this target are compared with.';
comment on column pgvigil_state.benchmark.errors is 'The first of each SQLSTATE: which statement, and what the server said.';

-- Two loads at once would measure each other.
create unique index if not exists benchmark_running on pgvigil_state.benchmark (target) where state = 'running';
create unique index if not exists benchmark_star on pgvigil_state.benchmark (target, workload_id) where star;
create index if not exists benchmark_started on pgvigil_state.benchmark (started_at desc);

create table if not exists pgvigil_state.benchmark_segment (
  benchmark  uuid not null references pgvigil_state.benchmark on delete cascade,
  block      integer not null,
  position   integer not null,
  arm        text not null,
  started_at timestamptz not null,
  seconds    double precision not null,
  due        bigint not null,
  sent       bigint not null,
  statements jsonb not null,
  server     jsonb,
  ticks      jsonb not null,
  primary key (benchmark, block, position)
);
comment on table pgvigil_state.benchmark_segment is 'Uninterrupted pieces of load, with a histogram of latencies per statement.';

create table if not exists pgvigil_state.benchmark_debt (
  target     text primary key,
  benchmark  uuid not null references pgvigil_state.benchmark on delete cascade,
  baseline   jsonb,
  problems   text[] not null default '{}',
  written_at timestamptz not null default pg_catalog.now()
);
comment on table pgvigil_state.benchmark_debt is 'What a benchmark may have changed on a server; written before it changes anything, deleted when all is as it was.';

revoke all on pgvigil_state.benchmark, pgvigil_state.benchmark_segment, pgvigil_state.benchmark_debt from public;
grant select, insert, update, delete
   on pgvigil_state.benchmark, pgvigil_state.benchmark_segment, pgvigil_state.benchmark_debt to pgvigil_state;
