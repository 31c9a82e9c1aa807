-- History of pg_stat_statements and of sampled sessions: running totals, packed by point in time.

create table if not exists pgvigil_state.statement (
  id            integer generated always as identity primary key,
  target        integer not null references pgvigil_state.target,
  query_id      bigint not null,
  database_name text not null,
  user_name     text not null,
  first_seen    timestamptz not null,
  query         text not null,
  kind          text,
  tables        text[],
  unique (target, query_id, database_name, user_name)
);
create index if not exists statement_unparsed on pgvigil_state.statement (target, id) where kind is null;
comment on table pgvigil_state.statement is 'One row per query id of a user in a database; its text was fetched once.';
comment on column pgvigil_state.statement.kind is 'select, insert …; null until the text has been parsed.';
comment on column pgvigil_state.statement.tables is 'Tables named in it, as written; null until parsed.';

create table if not exists pgvigil_state.life (
  id        integer generated always as identity primary key,
  target    integer not null references pgvigil_state.target,
  statement integer not null references pgvigil_state.statement on delete cascade,
  db_oid    oid not null,
  user_oid  oid not null,
  toplevel  boolean not null,
  since     double precision,
  began     timestamptz not null,
  ended     timestamptz
);
create index if not exists life_statement on pgvigil_state.life (statement);
create index if not exists life_target on pgvigil_state.life (target, id) where ended is null;
comment on column pgvigil_state.life.since is 'When the server began to count it, seconds since 1970, where it says so (stats_since).';
comment on table pgvigil_state.life is 'Counters of a statement from 0 on until they are reset or evicted. Points count lives, so that nothing in them ever falls.';

create table if not exists pgvigil_state.wait (
  id            integer generated always as identity primary key,
  target        integer not null references pgvigil_state.target,
  query_id      bigint,
  database_name text,
  user_name     text,
  application   text,
  state         text not null,
  wait_type     text not null,
  wait_event    text not null,
  blocked_by    bigint,
  began         timestamptz not null,
  ended         timestamptz
);
create index if not exists wait_target on pgvigil_state.wait (target, id);
comment on table pgvigil_state.wait is 'What sampled sessions did, while it lasted. Its seconds are counted in points of the stream "wait".';
comment on column pgvigil_state.wait.wait_type is 'CPU for active sessions that waited for nothing; empty for idle ones.';
comment on column pgvigil_state.wait.blocked_by is 'Query id of the session that it waited for.';

create table if not exists pgvigil_state.point (
  target    integer not null,
  stream    text not null check (stream in ('statement', 'wait')),
  at        timestamptz not null,
  previous  timestamptz,
  gap       boolean not null,
  keyframe  boolean not null,
  entries   integer not null,
  head      bytea not null,
  rest      bytea not null,
  endings   integer not null default 0,
  ended     bytea,
  notes     text[],
  facts     jsonb not null,
  primary key (target, stream, at)
) partition by range (at);
create index if not exists point_incident on pgvigil_state.point (target, stream, at)
  where endings > 0 or notes is not null or gap;
alter table pgvigil_state.point alter column head set storage external, alter column rest set storage external,
  alter column ended set storage external;
comment on table pgvigil_state.point is 'Totals at a point in time: all of them (keyframe), or those that changed since the point before. docs/state.md has the format.';
comment on column pgvigil_state.point.gap is 'Nothing is known between the point before and this one but their difference.';
comment on column pgvigil_state.point.head is 'Ids and the columns that trends need; packed apart, so that trends read no more.';
comment on column pgvigil_state.point.ended is 'Last totals of those that ended here.';
comment on column pgvigil_state.point.facts is 'What the next point is compared with: start of the server, resets, evictions, settings.';

create table if not exists pgvigil_state.trend_chunk (
  target  integer not null,
  level   text not null check (level in ('hour', 'day')),
  at      timestamptz not null,
  primary key (target, level, at)
) partition by range (at);
comment on table pgvigil_state.trend_chunk is 'Hours and days whose trends are complete.';

create table if not exists pgvigil_state.trend (
  life    integer not null,
  level   text not null check (level in ('hour', 'day')),
  at      timestamptz not null,
  entries bytea not null,
  primary key (life, level, at)
) partition by range (at);
alter table pgvigil_state.trend alter column entries set storage main;
comment on table pgvigil_state.trend is 'The same by statement: an hour point by point, a day hour by hour. Differences, not totals.';

revoke all on all tables in schema pgvigil_state from public;
grant select, insert on pgvigil_state.statement, pgvigil_state.life, pgvigil_state.wait, pgvigil_state.point,
  pgvigil_state.trend_chunk, pgvigil_state.trend to pgvigil_state;
