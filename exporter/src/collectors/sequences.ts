import { type Collector, gauge } from '../metrics/types.ts';

/**
 * Used up to where nextval() or the column it feeds would fail, whichever comes first: an integer column ends
 * long before its bigint sequence. Sequences that start over (CYCLE) are left out, so are those that somebody locks;
 * those without privilege are only counted.
 */
export const sequences: Collector = {
  name: 'sequences',
  source: 'postgres',
  scope: 'database',
  background: { intervalSeconds: 60, timeoutSeconds: 20 },
  sql: `
    with locked as materialized (
      select distinct l.relation
        from pg_catalog.pg_locks l
       where l.locktype = 'relation' and l.pid <> pg_catalog.pg_backend_pid()
         and l.mode in ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')
         and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
    ), fed as (
      select d.objid, min(case a.atttypid when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647 end) as max
        from pg_catalog.pg_depend d
        join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
       where d.classid = 'pg_catalog.pg_class'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass
         and d.deptype in ('a', 'i') and d.refobjsubid > 0
       group by d.objid
    ), s as (
      select n.nspname as schemaname, c.relname as sequencename, p.readable, p.readable and k.relation is not null as locked,
             q.seqincrement > 0 as up, q.seqmin, q.seqmax, least(q.seqmax, f.max) as top,
             case when k.relation is null and p.readable
                  then pg_catalog.pg_sequence_last_value(c.oid) end as last_value
        from pg_catalog.pg_sequence q
        join pg_catalog.pg_class c on c.oid = q.seqrelid
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       cross join lateral (select pg_catalog.has_sequence_privilege(c.oid, 'SELECT, USAGE') as readable) p
        left join fed f on f.objid = c.oid
        left join locked k on k.relation = c.oid
       where not q.seqcycle and c.relpersistence <> 't'
         and not (c.relpersistence = 'u' and pg_catalog.pg_is_in_recovery())
    )
    select null as schemaname, null as sequencename, false as locked, null::bigint as last_value,
           null::float8 as used_ratio, count(*) filter (where not readable) as unreadable, 2 as rank
      from s
     union all
    select u.*, null, coalesce(u.used_ratio, 0)
      from (select s.schemaname, s.sequencename, s.locked, s.last_value,
                   (case when s.up
                        then (s.last_value::numeric - least(s.seqmin, 1) + 1) / (s.top::numeric - least(s.seqmin, 1) + 1)
                        else (greatest(s.seqmax, -1)::numeric - s.last_value + 1)
                             / (greatest(s.seqmax, -1)::numeric - s.seqmin + 1)
                   end)::float8 as used_ratio
              from s) u
     where u.locked or u.used_ratio is not null`,
  labels: ['schemaname', 'sequencename'],
  budget: { max: 500, rankBy: 'rank' },
  keepLastWhen: 'locked',
  columns: {
    used_ratio: gauge(
      'pg_sequence_used_ratio',
      'Part of the values already handed out, up to the limit of the sequence or of its column (pg_sequence, pg_sequence_last_value).',
      { fold: 'max' },
    ),
    unreadable: gauge(
      'pg_sequences_unreadable',
      'Sequences left out because the role may not read them (has_sequence_privilege).',
      { labels: [] },
    ),
    last_value: gauge('pg_sequence_last_value', 'Last value handed out (pg_sequence_last_value).', { fold: 'none' }),
  },
};
