import { type Collector, gauge } from '../metrics/types.ts';

/**
 * Client sessions except the exporter's own. pg_locks and pg_blocking_pids() are asked only while somebody waits
 * (or where the role cannot see whether somebody does). What the role cannot see is left out, not 0.
 */
export const sessions: Collector = {
  name: 'sessions',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    with a as materialized (
      select pid, state, wait_event_type, backend_type, xact_start, query_start, state_change,
             pg_catalog.clock_timestamp() as now
        from pg_catalog.pg_stat_activity
       where pid <> pg_catalog.pg_backend_pid()
    ), c as (
      select * from a where backend_type = 'client backend'
    ), waiting as materialized (
      select l.pid, l.locktype, l.waitstart
        from pg_catalog.pg_locks l
       where not l.granted
         and (select coalesce(pg_catalog.bool_or(a.wait_event_type = 'Lock' or a.backend_type is null), false) from a)
    ), blocked as materialized (
      select w.pid, pg_catalog.pg_blocking_pids(w.pid) as blockers from (select distinct pid from waiting) w
    ), blocking as (
      select distinct u.pid from blocked b cross join pg_catalog.unnest(b.blockers) u (pid)
    ), visible as (
      select pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') as yes
    )
    select null as state, null as wait_event_type, null as locktype,
           null::bigint as sessions, null::bigint as active, null::bigint as waiting, null::float8 as longest_wait,
           (select count(*) from blocked where blockers <> '{}') as blocked,
           (select count(*) from blocking) as blocking,
           (select count(*) from blocking where pid not in (select pid from blocked where blockers <> '{}')) as root,
           v.idle_in_transaction, v.oldest_transaction, v.oldest_query
      from (select greatest(0, coalesce(max(extract(epoch from c.now - c.state_change))
                     filter (where c.state like 'idle in transaction%'), 0)) as idle_in_transaction,
                   greatest(0, coalesce(max(extract(epoch from c.now - c.xact_start)), 0)) as oldest_transaction,
                   greatest(0, coalesce(max(extract(epoch from c.now - c.query_start))
                     filter (where c.state = 'active'), 0)) as oldest_query
              from c
            having (select yes from visible)) v
     right join visible on true
     union all
    select s.state, null, null, count(c.pid), null, null, null, null, null, null, null, null, null
      from (values ('active'), ('idle'), ('idle in transaction'), ('idle in transaction (aborted)'),
                   ('fastpath function call'), ('disabled')) s (state)
      left join c on c.state = s.state
     group by s.state
     having (select yes from visible)
     union all
    select null, w.type, null, null, count(c.pid), null, null, null, null, null, null, null, null
      from (values ('CPU'), ('BufferPin'), ('Client'), ('Extension'), ('IO'), ('IPC'), ('Lock'), ('LWLock'),
                   ('Timeout')) w (type)
      left join c on c.state = 'active' and coalesce(c.wait_event_type, 'CPU') = w.type
     group by w.type
     having (select yes from visible)
     union all
    select null, null, t.locktype, null, null, count(w.pid),
           greatest(0, coalesce(max(extract(epoch from pg_catalog.clock_timestamp() - w.waitstart)), 0)),
           null, null, null, null, null, null
      from (values ('relation'), ('extend'), ('page'), ('tuple'), ('transactionid'), ('virtualxid'), ('object'),
                   ('advisory')) t (locktype)
      left join waiting w on w.locktype = t.locktype
     group by t.locktype`,
  labels: ['state', 'wait_event_type', 'locktype'],
  columns: {
    sessions: gauge('pg_sessions', 'Client sessions by state (pg_stat_activity.state).', { labels: ['state'] }),
    active: gauge(
      'pg_sessions_active',
      'Active client sessions by what they wait for; CPU where they report no wait (pg_stat_activity.wait_event_type).',
      { labels: ['wait_event_type'] },
    ),
    idle_in_transaction: gauge(
      'pg_sessions_idle_in_transaction_max_seconds',
      'Longest time a client has been idle within a transaction (pg_stat_activity.state_change).',
      { labels: [] },
    ),
    oldest_transaction: gauge(
      'pg_sessions_oldest_transaction_seconds',
      'Age of the oldest open transaction of a client (pg_stat_activity.xact_start).',
      { labels: [] },
    ),
    oldest_query: gauge(
      'pg_sessions_oldest_query_seconds',
      'Run time of the longest running query of a client (pg_stat_activity.query_start).',
      { labels: [] },
    ),
    blocked: gauge('pg_sessions_blocked', 'Sessions that wait for another one (pg_blocking_pids).', { labels: [] }),
    blocking: gauge('pg_sessions_blocking', 'Sessions that another one waits for (pg_blocking_pids).', { labels: [] }),
    root: gauge(
      'pg_sessions_root_blockers',
      'Blocking sessions that wait for nobody: where the chains begin (pg_blocking_pids).',
      { labels: [] },
    ),
    waiting: gauge('pg_sessions_lock_waiting', 'Lock requests not granted, by kind of lock (pg_locks.granted).', {
      labels: ['locktype'],
    }),
    longest_wait: gauge(
      'pg_sessions_lock_wait_max_seconds',
      'Longest present wait, by kind of lock (pg_locks.waitstart).',
      { labels: ['locktype'] },
    ),
  },
};
