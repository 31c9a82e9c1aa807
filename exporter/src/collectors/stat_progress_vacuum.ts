import { type Collector, gauge } from '../metrics/types.ts';

/** Of a table in public, its name alone; of another database's, its oid. */
const RELNAME = `
                  coalesce((select case when n.nspname = 'public' then pg_catalog.quote_ident(c.relname)
                                        else pg_catalog.format('%I.%I', n.nspname, c.relname) end
                              from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                             where c.oid = relid and datname = pg_catalog.current_database()), relid::text)`;

/**
 * A row per vacuum and phase; the numbers stand in the row of the current phase, NULL in the others.
 * From PostgreSQL 17 on dead rows are limited by bytes: there is no maximum count any more.
 */
export const stat_progress_vacuum: Collector = {
  name: 'stat_progress_vacuum',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: [
    {
      needs: ['pg_stat_progress_vacuum.num_dead_item_ids'],
      sql: `
      with v as materialized (
           select *,
                  num_dead_item_ids as num_dead_tuples,
                  ${RELNAME} as relname
             from pg_catalog.pg_stat_progress_vacuum
            where relid is not null)
    select *
      from (select v.pid, v.datname, v.relname, m.phase, v.phase = m.phase as is_phase
              from v
             cross join (values ('initializing'), ('scanning heap'), ('vacuuming indexes'), ('vacuuming heap'),
                                ('cleaning up indexes'), ('truncating heap'), ('performing final cleanup')) m (phase)) p
      left join v using (pid, datname, relname, phase)`,
    },
    {
      sql: `
      with v as materialized (
           select *,
                  ${RELNAME} as relname
             from pg_catalog.pg_stat_progress_vacuum
            where relid is not null)
    select *
      from (select v.pid, v.datname, v.relname, m.phase, v.phase = m.phase as is_phase
              from v
             cross join (values ('initializing'), ('scanning heap'), ('vacuuming indexes'), ('vacuuming heap'),
                                ('cleaning up indexes'), ('truncating heap'), ('performing final cleanup')) m (phase)) p
      left join v using (pid, datname, relname, phase)`,
    },
  ],
  labels: ['datname', 'relname'],
  columns: {
    is_phase: gauge(
      'pg_stat_progress_vacuum_phase',
      '1 for the current phase, 0 for the others (pg_stat_progress_vacuum.phase).',
      {
        labels: ['datname', 'relname', 'phase'],
      },
    ),
    heap_blks_total: gauge(
      'pg_stat_progress_vacuum_heap_blks',
      'Blocks of the table when its scan began (pg_stat_progress_vacuum.heap_blks_total).',
    ),
    heap_blks_scanned: gauge(
      'pg_stat_progress_vacuum_heap_blks_scanned',
      'Blocks scanned or skipped (pg_stat_progress_vacuum.heap_blks_scanned).',
    ),
    heap_blks_vacuumed: gauge(
      'pg_stat_progress_vacuum_heap_blks_vacuumed',
      'Blocks vacuumed (pg_stat_progress_vacuum.heap_blks_vacuumed).',
    ),
    index_vacuum_count: gauge(
      'pg_stat_progress_vacuum_index_vacuums',
      'Rounds over the indexes completed (pg_stat_progress_vacuum.index_vacuum_count).',
    ),
    max_dead_tuples: gauge(
      'pg_stat_progress_vacuum_max_dead_tuples',
      'Dead rows that fit before a round over the indexes, PostgreSQL 16 and older (pg_stat_progress_vacuum.max_dead_tuples).',
    ),
    num_dead_tuples: gauge(
      'pg_stat_progress_vacuum_num_dead_tuples',
      'Dead rows collected since the last round over the indexes (pg_stat_progress_vacuum.num_dead_tuples, num_dead_item_ids).',
    ),
    max_dead_tuple_bytes: gauge(
      'pg_stat_progress_vacuum_max_dead_tuple_bytes',
      'Memory for dead rows before a round over the indexes, PostgreSQL 17 and newer (pg_stat_progress_vacuum.max_dead_tuple_bytes).',
    ),
    dead_tuple_bytes: gauge(
      'pg_stat_progress_vacuum_dead_tuple_bytes',
      'Memory taken by dead rows now, PostgreSQL 17 and newer (pg_stat_progress_vacuum.dead_tuple_bytes).',
    ),
    indexes_total: gauge(
      'pg_stat_progress_vacuum_indexes',
      'Indexes to vacuum or clean up in this round, PostgreSQL 17 and newer (pg_stat_progress_vacuum.indexes_total).',
    ),
    indexes_processed: gauge(
      'pg_stat_progress_vacuum_indexes_processed',
      'Indexes done in this round, PostgreSQL 17 and newer (pg_stat_progress_vacuum.indexes_processed).',
    ),
    delay_time: gauge(
      'pg_stat_progress_vacuum_delay_seconds',
      'Time slept for the cost limit, PostgreSQL 18 with track_cost_delay_timing (pg_stat_progress_vacuum.delay_time, ms at source).',
      { scale: 1e-3 },
    ),
  },
};
