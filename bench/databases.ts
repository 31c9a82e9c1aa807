/** The databases that the exporters look at. */
import { startPostgres } from '../demo/servers/index.ts';
import type { PostgresMajor, PostgresServer } from '../demo/servers/index.ts';
import { COUNTING_SETTINGS } from './server_cost.ts';

export const ROLES = ['bench_ours', 'bench_peer', 'bench_real'] as const;
export type Role = (typeof ROLES)[number];

export const SMALL = 'small';
export const BIG = 'big';
export const TABLES = 5000;
/** A table, its TOAST table, and four indexes: three of its own and the TOAST table's. */
export const FILES_PER_TABLE = 6;

/** A server with a database of one table, and a role for each exporter. */
export async function startServer(major: PostgresMajor): Promise<PostgresServer> {
  const settings = { ...COUNTING_SETTINGS, autovacuum: 'off', shared_buffers: '512MB' };
  const postgres = await startPostgres({ major, settings });
  await postgres.query('create extension pg_stat_statements');
  for (const role of ROLES) {
    await postgres.query(`create role ${role} login`);
    await postgres.query(`grant pg_monitor to ${role}`);
  }
  await postgres.query(`create database ${SMALL}`);
  await postgres.query('select pg_stat_reset()', SMALL);
  await postgres.query(`create table customer (id bigint primary key, name text)`, SMALL);
  await postgres.query(`insert into customer select i, 'name ' || i from generate_series(1, 1000) i`, SMALL);
  await postgres.query('update customer set name = upper(name) where id % 10 = 0', SMALL);
  await fillStatistics(postgres, SMALL);
  return postgres;
}

const CREATE_TABLES = `
  do $$
  begin
    for n in 1 .. ${TABLES} loop
      execute format('create table public.measurement_%s (
        id bigint primary key, sensor int not null, taken timestamptz not null default now(), note text)',
        to_char(n, 'FM00000'));
      execute format('create index on public.measurement_%s (sensor)', to_char(n, 'FM00000'));
      execute format('create index on public.measurement_%s (taken)', to_char(n, 'FM00000'));
      execute format('insert into public.measurement_%s
        select i, i %% 7, now(), ''note '' || i from generate_series(1, 1 + %s %% 50) i', to_char(n, 'FM00000'), n);
      execute format('update public.measurement_%s set sensor = sensor + 1 where id = 1', to_char(n, 'FM00000'));
      if n % 100 = 0 then commit; end if;
    end loop;
  end $$`;

/** So that autovacuum visits every table at once. */
const EAGER = {
  autovacuum: 'on',
  autovacuum_naptime: '1s',
  autovacuum_vacuum_threshold: '0',
  autovacuum_vacuum_scale_factor: '0',
  autovacuum_analyze_threshold: '0',
  autovacuum_analyze_scale_factor: '0',
  autovacuum_vacuum_cost_delay: '0',
};
const PATIENCE_MS = 180_000;

/** A database of 5,000 tables. */
export async function createBig(postgres: PostgresServer): Promise<void> {
  await postgres.query(`create database ${BIG}`);
  await postgres.query('select pg_stat_reset()', BIG);
  await postgres.query(CREATE_TABLES, BIG);
  await fillStatistics(postgres, BIG);
}

/** Gives every statistic of the tables a value: for those without one a peer says NaN or 0, where we say nothing. */
async function fillStatistics(postgres: PostgresServer, database: string): Promise<void> {
  await setServer(postgres, EAGER);
  const began = performance.now();
  while ((await untouched(postgres, database)) > 0) {
    if (performance.now() - began > PATIENCE_MS) throw new Error('autovacuum has not visited every table');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await setServer(postgres, { autovacuum: 'off' });
  await postgres.query('vacuum analyze', database);
  await postgres.query('checkpoint');
}

async function untouched(postgres: PostgresServer, database: string): Promise<number> {
  const [{ count }] = await postgres.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_user_tables where last_autovacuum is null or last_autoanalyze is null`,
    database,
  );
  return count;
}

async function setServer(postgres: PostgresServer, settings: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) await postgres.query(`alter system set ${name} = '${value}'`);
  await postgres.query('select pg_reload_conf()');
}
