/** Settings of the whole server: ALTER SYSTEM, and a reload. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { BadValue } from '../../config/problems.ts';
import { DatabaseFailure, describeFailure } from '../../db/errors.ts';
import type { Control } from './control.ts';

/** What postgresql.auto.conf says; null: nothing. */
export type Values = Readonly<Record<string, string | null>>;

const RELOAD_MS = 10_000;
const LOOK_MS = 20;

/** Written as one text, such a list would become a list of one. */
const LISTS = /^(search_path|temp_tablespaces|unix_socket_directories|\w+_libraries)$/;

/** @param where of a name, for problems. @throws BadValue, DatabaseFailure; nothing is changed. */
export async function readValues(
  control: Control,
  names: readonly string[],
  where: (name: string) => string,
): Promise<Values> {
  if (names.length === 0) return {};
  const rows = await control.query<{ name: string; context: string; source: string }>(
    'select name, context, source from pg_catalog.pg_settings where name = any ($1)',
    [names],
  );
  for (const name of names) {
    const found = rows.find((row) => row.name === name);
    const refuse = (why: string, cure: string): never => {
      throw new BadValue(`${where(name)}: ${why}`, cure);
    };
    if (found === undefined) return refuse('the server has no such setting', 'See pg_settings for the names.');
    if (['postmaster', 'internal', 'backend', 'superuser-backend'].includes(found.context))
      refuse(
        'it does not change in a running session',
        'Measure two runs with a restart between them, and compare those.',
      );
    if (LISTS.test(name)) refuse('it is a list', 'Set and unset it under scripts:.');
    if (['command line', 'environment variable', 'database', 'database user'].includes(found.source))
      refuse(
        `its value comes from elsewhere (${found.source}), which ALTER SYSTEM does not change`,
        'Take it away there first.',
      );
  }
  return currentValues(control, names);
}

/** @throws DatabaseFailure with the grants that are missing. */
export async function currentValues(control: Control, names: readonly string[]): Promise<Values> {
  // The last line of a name counts.
  const rows = await control
    .query<{ name: string; setting: string }>(
      `select name, setting from pg_catalog.pg_file_settings
        where sourcefile like '%/postgresql.auto.conf' and name = any ($1) order by seqno`,
      [names],
    )
    .catch(
      explain(`GRANT SELECT ON pg_file_settings TO …; GRANT EXECUTE ON FUNCTION pg_show_all_file_settings() TO …;`),
    );
  const found = new Map(rows.map(({ name, setting }) => [name, setting]));
  return Object.fromEntries(names.map((name) => [name, found.get(name) ?? null]));
}

/** In force when it returns. @throws DatabaseFailure, with the grants that are missing */
export async function setValues(control: Control, values: Values): Promise<void> {
  const entries = Object.entries(values);
  if (entries.length === 0) return;
  const loaded = async (): Promise<string> =>
    (await control.query<{ at: string }>('select pg_catalog.pg_conf_load_time()::text as at'))[0].at;
  const before = await loaded();
  for (const [name, value] of entries) {
    const quoted = name.split('.').map(pg.escapeIdentifier).join('.');
    const sql =
      value === null ? `alter system reset ${quoted}` : `alter system set ${quoted} = ${pg.escapeLiteral(value)}`;
    await control.query(sql).catch(explain(`GRANT ALTER SYSTEM ON PARAMETER ${name} TO …; (PostgreSQL 15 and later)`));
  }
  await control
    .query('select pg_catalog.pg_reload_conf()')
    .catch(explain('GRANT EXECUTE ON FUNCTION pg_reload_conf() TO …;'));
  // The server tells its sessions, ours among them, one after the other.
  for (const until = performance.now() + RELOAD_MS; (await loaded()) === before; await sleep(LOOK_MS)) {
    if (performance.now() < until) continue;
    throw new DatabaseFailure('other', 'the server has not read its configuration again within 10 s', { fatal: false });
  }
}

const explain =
  (grants: string) =>
  (error: unknown): never => {
    const failure = describeFailure(error);
    if (failure.reason !== 'permission_denied') throw failure;
    const message = `${failure.message}\n  Cure, for the maintenance role: ${grants}`;
    throw new DatabaseFailure(failure.reason, message, { fatal: false, cause: failure, sqlState: failure.sqlState });
  };
