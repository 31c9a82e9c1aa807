/** What the server, its pooler and this machine are like. */
import type { Facts } from '../../contract/benchmarks.ts';
import { cpus, release, totalmem } from 'node:os';
import type pg from 'pg';
import type { Dsn } from '../../config/types.ts';
import { describeFailure } from '../../db/errors.ts';
import { readPooler, withConsole } from '../pooler.ts';

/**
 * Settings that somebody set for all: those of this session and its role say nothing of the load's. Commands and connection
 * strings may hold secrets, and say nothing of speed.
 */
const SETTINGS_SQL = `
  select name, pg_catalog.current_setting(name) as value
    from pg_catalog.pg_settings
   where source not in ('default', 'override', 'client', 'session', 'interactive', 'user', 'database user')
     and name !~ '(_command|conninfo|_file|_directory|passphrase.*)$'
   order by name`;

/** Deparsed with our own path, so that names are written the same way by whoever asks. */
const SCHEMA_SQL = `
  select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) as name,
         pg_catalog.md5(pg_catalog.concat_ws(E'\\n',
           (select pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attname,
                     pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull), E'\\n' order by a.attnum)
              from pg_catalog.pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
           (select pg_catalog.string_agg(pg_catalog.pg_get_indexdef(i.indexrelid) || i.indisvalid, E'\\n'
                     order by pg_catalog.pg_get_indexdef(i.indexrelid) collate "C")
              from pg_catalog.pg_index i where i.indrelid = c.oid),
           (select pg_catalog.string_agg(k.conname || ' ' || pg_catalog.pg_get_constraintdef(k.oid), E'\\n'
                     order by k.conname collate "C")
              from pg_catalog.pg_constraint k where k.conrelid = c.oid))) as value
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
   order by 1`;

const SERVER_SQL = `
  select pg_catalog.current_setting('server_version') as version, pg_catalog.pg_is_in_recovery() as standby,
         pg_catalog.pg_database_size(pg_catalog.current_database())::float8 as bytes`;

/**
 * @param client of a role with pg_monitor's rights, in the workload's database.
 * @param pooler PgBouncer's console, where the load goes through it. @throws DatabaseFailure
 */
export async function readFacts(client: pg.Client, pooler?: Dsn): Promise<Facts> {
  const pairs = async (sql: string): Promise<Record<string, string>> => {
    const { rows } = await client.query<{ name: string; value: string }>(sql);
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  };
  try {
    const { rows } = await client.query<{ version: string; standby: boolean; bytes: number }>(SERVER_SQL);
    const [{ version, standby, bytes }] = rows;
    return {
      serverVersion: version,
      standby,
      settings: await pairs(SETTINGS_SQL),
      extensions: await pairs('select extname as name, extversion as value from pg_catalog.pg_extension order by 1'),
      schema: await pairs(SCHEMA_SQL),
      dataBytes: bytes,
      pooler: pooler === undefined ? null : measured(await withConsole(pooler, readPooler)),
      host: { cpus: cpus().length, memoryBytes: totalmem(), kernel: release(), node: process.version },
    };
  } catch (error) {
    throw describeFailure(error);
  }
}

/** Files, users and queries for passwords say nothing of speed. */
const UNMEASURED = /(file|_dir|_users?|_query|^auth_.*|^conffile|^user)$/;

const measured = (settings: ReadonlyMap<string, { readonly value: string }>): Record<string, string> =>
  Object.fromEntries(
    [...settings].filter(([name]) => !UNMEASURED.test(name)).map(([name, { value }]) => [name, value]),
  );
