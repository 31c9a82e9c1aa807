/** A schema in which everything that pg_catalog has, has a double; whoever calls one is named in the server's log. */
import type { PostgresServer } from '../../../demo/servers/index.ts';
import { openSession } from './database.ts';

export const TRAP = 'TRAP';

/** Sessions whose names begin so may step into them. */
export const IN_THE_KNOW = 'in the know';

/**
 * Doubles of operators, functions and aggregates with the same arguments, and of views and tables. The doubles work, so
 * that whoever is caught once goes on. What takes any type at all has none: there a double would not be chosen.
 */
const DOUBLES = `
  create schema evil;
  create function evil.spy(what text) returns boolean language plpgsql set search_path = pg_catalog as $f$
  begin
    -- Once a session: a session that is caught is caught often.
    if current_setting('application_name') not like '${IN_THE_KNOW}%' and current_setting('trap.caught', true) is null then
      perform set_config('trap.caught', 'yes', false);
      raise log '${TRAP} % by % (%)', what, session_user, current_setting('application_name');
    end if;
    return true;
  end $f$;
  create aggregate evil.count(*) (sfunc = pg_catalog.int8inc, stype = int8, initcond = '0');
  do $do$
  declare
    t record;
  begin
    set local search_path = pg_catalog;
    for t in
      select o.oid, o.oprname as name, o.oprleft::regtype as l, o.oprright::regtype as r, o.oprresult::regtype as result
        from pg_operator o join pg_type lt on lt.oid = o.oprleft join pg_type rt on rt.oid = o.oprright
       where o.oprnamespace = 'pg_catalog'::regnamespace and lt.typtype = 'b' and rt.typtype = 'b'
         and o.oprresult::regtype::text not in ('internal', 'anyelement', 'anyarray')
    loop
      execute format('create function evil.operator_%s(a %s, b %s) returns %s language plpgsql set search_path = pg_catalog as '
        '$f$ begin perform evil.spy(%L); return a operator(pg_catalog.%s) b; end $f$',
        t.oid, t.l, t.r, t.result, t.name || ' (' || t.l || ', ' || t.r || ')', t.name);
      execute format('create operator evil.%s (leftarg = %s, rightarg = %s, function = evil.operator_%s)', t.name, t.l, t.r, t.oid);
    end loop;
    for t in
      select p.proname as name, p.prorettype::regtype as result, p.proretset,
             (select string_agg(format('a%s %s', k.n, k.type::regtype), ', ' order by k.n) from unnest(p.proargtypes::oid[]) with ordinality k (type, n)) as arguments,
             (select string_agg('$' || n, ', ') from generate_series(1, p.pronargs) n) as parameters
        from pg_proc p
       where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and not p.proretset and p.provariadic = 0
         and not exists (select from pg_type y where y.oid = any (array[p.prorettype] || p.proargtypes::oid[]) and y.typtype = 'p')
         and p.proname in (
           'now', 'clock_timestamp', 'current_setting', 'set_config', 'current_database', 'version', 'length', 'lower', 'left',
           'right', 'substr', 'substring', 'replace', 'quote_ident', 'strpos', 'starts_with', 'date_trunc', 'round', 'abs',
           'floor', 'ceil', 'mod', 'to_regclass', 'to_regprocedure', 'pg_size_pretty', 'pg_relation_size', 'pg_total_relation_size',
           'pg_has_role', 'has_table_privilege', 'has_schema_privilege', 'has_function_privilege', 'pg_get_indexdef',
           'pg_get_expr', 'pg_is_in_recovery', 'pg_postmaster_start_time', 'pg_backend_pid', 'pg_try_advisory_lock',
           'array_to_string', 'string_to_array', 'age', 'md5', 'pg_get_userbyid', 'format_type', 'make_interval', 'to_char',
           'extract', 'date_part', 'timezone', 'power', 'sqrt', 'sign', 'regexp_replace', 'btrim', 'ltrim', 'rtrim', 'split_part',
           'pg_current_wal_lsn', 'pg_wal_lsn_diff', 'pg_cancel_backend', 'pg_terminate_backend', 'pg_blocking_pids', 'texteq',
           'pg_database_size', 'pg_tablespace_size', 'pg_advisory_unlock', 'pg_advisory_xact_lock', 'gen_random_uuid', 'txid_current')
    loop
      execute format('create function evil.%I(%s) returns %s language plpgsql set search_path = pg_catalog as '
        '$f$ begin perform evil.spy(%L); return pg_catalog.%I(%s); end $f$',
        t.name, t.arguments, t.result, t.name, t.name, t.parameters);
    end loop;
    for t in
      select c.relname as name, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 join pg_type y on y.oid = a.atttypid
       where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind in ('r', 'v') and has_table_privilege(c.oid, 'select')
         and y.typtype <> 'p'
       group by c.relname
    loop
      execute format('create view evil.%I as select %s from pg_catalog.%I where evil.spy(%L)', t.name, t.columns, t.name, t.name);
    end loop;
  end $do$;
  create view evil.pg_stat_statements as select 1::int8 as queryid where evil.spy('pg_stat_statements');
  grant usage on schema evil to public;
  grant select on all tables in schema evil to public;`;

/** As `owner`, who needs CREATE on the database and no more. */
export async function setTraps(server: PostgresServer, database: string, owner: string): Promise<void> {
  const session = await openSession(server.url(database, owner), { application_name: IN_THE_KNOW });
  await session.query(DOUBLES);
  await session.end();
}

/** Who was caught, and by what. */
export async function caught(server: PostgresServer): Promise<string[]> {
  const lines = (await server.logText()).split('\n').filter((line) => line.includes(`LOG:  ${TRAP} `));
  return [...new Set(lines.map((line) => line.slice(line.indexOf(TRAP))))];
}
