-- Plans seen: each shape of a statement's plan once, with when it was first and last met.

create table if not exists pgvigil_state.plan (
  id            bigint generated always as identity primary key,
  target        integer not null references pgvigil_state.target,
  query_id      bigint not null,
  database_name text not null,
  user_name     text not null,
  fingerprint   text not null check (fingerprint ~ '^[0-9a-f]{16}$'),
  first_seen    timestamptz not null,
  last_seen     timestamptz not null,
  total_cost    double precision not null,
  tree          jsonb not null,
  plan_text     text not null,
  unique (target, query_id, database_name, user_name, fingerprint)
);
create index if not exists plan_last_seen on pgvigil_state.plan (target, last_seen);
comment on table pgvigil_state.plan is 'Generic plans only: without parameters'' values, so everybody who may see a statement may see them.';
comment on column pgvigil_state.plan.fingerprint is 'Of node types, relations, indexes and conditions; no costs, no literals.';
comment on column pgvigil_state.plan.tree is 'As it was when last seen, and so are total_cost and plan_text.';

revoke all on pgvigil_state.plan from public;
grant select, insert, update, delete on pgvigil_state.plan to pgvigil_state;

create table if not exists pgvigil_state.plan_round (
  target    integer primary key references pgvigil_state.target,
  began     timestamptz not null
);
comment on table pgvigil_state.plan_round is 'When the plans of the costliest statements were looked at last: of several exporters, the one that sets it does it.';
revoke all on pgvigil_state.plan_round from public;
grant select, insert, update on pgvigil_state.plan_round to pgvigil_state;
