/** What the tests of partitions share: a database with the functions, and a table with foreign keys both ways. */
import type { PostgresServer } from '../../../demo/servers/index.ts';
import { applySql } from '../support/sql.ts';

const FILES = [
  '01_schema.sql',
  '02_roles.sql',
  '60_partitions.sql',
  '61_partitions_create.sql',
  '62_partitions_report.sql',
];

export interface Db {
  readonly name: string;
  /** As the superuser, in a session of its own. */
  query<R extends Record<string, unknown>>(sql: string): Promise<R[]>;
  /** The one value of the one row. */
  value<T>(sql: string): Promise<T>;
}

export async function databaseWithPartitions(server: PostgresServer, name: string): Promise<Db> {
  await server.query(`create database ${name}`);
  await applySql(server, name, ...FILES);
  const query = <R extends Record<string, unknown>>(sql: string): Promise<R[]> => server.query<R>(sql, name);
  return {
    name,
    query,
    value: async <T>(sql: string) => Object.values((await query(sql))[0])[0] as T,
  };
}

/**
 * trip (partitioned by month, with a default partition) references place; stop and leg reference trip, leg is itself
 * partitioned. Month 0 is the current one. Rows: 6 trips in each of the months -2 to 6, all in the default partition.
 */
export const TRIPS = `
  create schema app;
  create table app.place (place_id int primary key);
  insert into app.place select generate_series(1, 5);
  create table app.trip (
    trip_id  bigint generated always as identity,
    day      date not null,
    place_id int references app.place,
    title    text not null default 'none',
    shout    text generated always as (upper(title)) stored,
    primary key (trip_id, day)
  ) partition by range (day);
  create index trip_title on app.trip (title);
  create table app.trip_default partition of app.trip default;
  create table app.stop (
    stop_id int primary key, trip_id bigint, day date,
    constraint stop_trip foreign key (trip_id, day) references app.trip on delete cascade
  );
  comment on constraint stop_trip on app.stop is 'it''s where one stops';
  create table app.leg (
    leg_id int, trip_id bigint, day date,
    constraint leg_trip foreign key (trip_id, day) references app.trip match full deferrable initially immediate
  ) partition by range (day);
  create table app.leg_default partition of app.leg default;
  insert into app.trip (day, place_id, title)
    select (date_trunc('month', now() at time zone 'UTC') + month * interval '1 month' + n * interval '4 days')::date,
           1 + n % 5, format('trip %s of month %s', n, month)
      from generate_series(-2, 6) month, generate_series(0, 5) n order by month, n;
  insert into app.stop select trip_id, trip_id, day from app.trip where trip_id % 2 = 0;
  insert into app.leg select trip_id, trip_id, day from app.trip where trip_id % 3 = 0;
  insert into pgvigil.partition_policy (parent, step) values ('app.trip', 'month');
`;

/** Everything that must be the same before and after rows have moved. */
export const CONTENTS = `
  select (select json_agg(t order by trip_id) from app.trip t) as trips,
         (select json_agg(s order by stop_id) from app.stop s) as stops,
         (select json_agg(l order by leg_id) from app.leg l) as legs,
         (select json_agg(json_build_array(conname, conrelid::regclass, pg_get_constraintdef(c.oid), convalidated,
                                           obj_description(c.oid)) order by conname, conrelid::regclass::text)
            from pg_constraint c
           where contype = 'f' and conparentid = 0) as keys`;
