import { type Collector, gauge } from '../metrics/types.ts';

const labels = ['datname', 'schemaname', 'relname', 'command'];

/** A table may get several indexes at once: numbers are added up per table, each phase in use has its series. */
export const stat_progress_create_index: Collector = {
  name: 'stat_progress_create_index',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    with p as (
      select p.*, n.nspname as schemaname, coalesce(c.relname, p.relid::text) as relname
        from pg_catalog.pg_stat_progress_create_index p
        left join pg_catalog.pg_class c on c.oid = p.relid and p.datname = pg_catalog.current_database()
        left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where p.phase is not null
    )
    select datname, schemaname, relname, command, null as phase, null::int as in_phase, count(*) as commands,
           sum(lockers_total) as lockers_total, sum(lockers_done) as lockers_done, sum(blocks_total) as blocks_total,
           sum(blocks_done) as blocks_done, sum(tuples_total) as tuples_total, sum(tuples_done) as tuples_done,
           sum(partitions_total) as partitions_total, sum(partitions_done) as partitions_done
      from p
     group by 1, 2, 3, 4
     union all
    select datname, schemaname, relname, command, phase, 1, null, null, null, null, null, null, null, null, null
      from p
     group by 1, 2, 3, 4, 5`,
  labels: [...labels, 'phase'],
  columns: {
    in_phase: gauge(
      'pg_stat_progress_create_index_phase',
      '1 for every phase an index build of this table is in (pg_stat_progress_create_index.phase).',
    ),
    commands: gauge(
      'pg_stat_progress_create_index_commands',
      'Index builds running on this table (pg_stat_progress_create_index).',
      { labels },
    ),
    lockers_total: gauge(
      'pg_stat_progress_create_index_lockers',
      'Sessions to wait for in this phase (pg_stat_progress_create_index.lockers_total).',
      { labels },
    ),
    lockers_done: gauge(
      'pg_stat_progress_create_index_lockers_done',
      'Sessions already waited for in this phase (pg_stat_progress_create_index.lockers_done).',
      { labels },
    ),
    blocks_total: gauge(
      'pg_stat_progress_create_index_blocks',
      'Blocks to process in this phase (pg_stat_progress_create_index.blocks_total).',
      { labels },
    ),
    blocks_done: gauge(
      'pg_stat_progress_create_index_blocks_done',
      'Blocks processed in this phase (pg_stat_progress_create_index.blocks_done).',
      { labels },
    ),
    tuples_total: gauge(
      'pg_stat_progress_create_index_tuples',
      'Rows to process in this phase (pg_stat_progress_create_index.tuples_total).',
      { labels },
    ),
    tuples_done: gauge(
      'pg_stat_progress_create_index_tuples_done',
      'Rows processed in this phase (pg_stat_progress_create_index.tuples_done).',
      { labels },
    ),
    partitions_total: gauge(
      'pg_stat_progress_create_index_partitions',
      'Partitions to index (pg_stat_progress_create_index.partitions_total).',
      { labels },
    ),
    partitions_done: gauge(
      'pg_stat_progress_create_index_partitions_done',
      'Partitions indexed so far (pg_stat_progress_create_index.partitions_done).',
      { labels },
    ),
  },
};
