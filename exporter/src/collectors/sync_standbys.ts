import { type Collector, gauge } from '../metrics/types.ts';

/** While fewer are present than wanted, every commit that asks for them waits. */
export const sync_standbys: Collector = {
  name: 'sync_standbys',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    select case when s.names ~ '^[[:space:]]*$' then 0
                else coalesce(substring(s.names from '(?i)^[[:space:]]*(?:(?:first|any)[[:space:]]+)?([0-9]+)[[:space:]]*[(]')::int, 1)
           end as wanted, r.present, r.potential
      from (select pg_catalog.current_setting('synchronous_standby_names') as names) s
     cross join (select count(*) filter (where sync_state in ('sync', 'quorum') and state = 'streaming') as present,
                        count(*) filter (where sync_state = 'potential') as potential
                   from pg_catalog.pg_stat_replication
                 having coalesce(pg_catalog.bool_and(state is not null), true)) r
     where not pg_catalog.pg_is_in_recovery()`,
  labels: [],
  columns: {
    wanted: gauge('pg_sync_standbys_wanted', 'Synchronous standbys a commit waits for (synchronous_standby_names).'),
    present: gauge(
      'pg_sync_standbys_present',
      'Synchronous or quorum standbys streaming now (pg_stat_replication.sync_state).',
    ),
    potential: gauge(
      'pg_sync_standbys_potential',
      'Standbys that would take the place of a failed synchronous one (pg_stat_replication.sync_state).',
    ),
  },
};
