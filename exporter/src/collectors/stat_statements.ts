import { type Collector, counter, gauge } from '../metrics/types.ts';

/**
 * Statements without their text. The extension keeps a statement twice when it runs both on its own and inside a
 * function; here they are one. The `pgvigil.*` settings are the configuration's `statements`, set on each session. Statements of other roles that we may not see share the query id `unknown`.
 */
const select = `
    select pg_catalog.pg_get_userbyid(s.userid) as "user",
           d.datname,
           coalesce(s.queryid::text, 'unknown') as queryid,
           sum(s.calls) as calls,
           sum(s.rows) as rows,
           sum(s.plans) as plans,
           sum(s.total_exec_time) as total_exec_time,
           sum(s.total_plan_time) as total_plan_time,
           min(s.min_exec_time) as min_exec_time,
           max(s.max_exec_time) as max_exec_time,
           sum(s.total_exec_time) / nullif(sum(s.calls), 0) as mean_exec_time,
           case when count(*) = 1 then max(s.stddev_exec_time)
                else sqrt(greatest(0, sum(s.calls * (s.stddev_exec_time ^ 2 + s.mean_exec_time ^ 2)) / nullif(sum(s.calls), 0)
                                      - (sum(s.total_exec_time) / nullif(sum(s.calls), 0)) ^ 2))
           end as stddev_exec_time,
           sum(s.shared_blks_hit) as shared_blks_hit,
           sum(s.shared_blks_read) as shared_blks_read,
           sum(s.shared_blks_dirtied) as shared_blks_dirtied,
           sum(s.shared_blks_written) as shared_blks_written,
           sum(s.local_blks_hit) as local_blks_hit,
           sum(s.local_blks_read) as local_blks_read,
           sum(s.local_blks_dirtied) as local_blks_dirtied,
           sum(s.local_blks_written) as local_blks_written,
           sum(s.temp_blks_read) as temp_blks_read,
           sum(s.temp_blks_written) as temp_blks_written,
           sum(s.wal_records) as wal_records,
           sum(s.wal_fpi) as wal_fpi,
           sum(s.wal_bytes) as wal_bytes`;

const from = `
      from {schema:pg_stat_statements}.pg_stat_statements(false) s
      join pg_catalog.pg_database d on d.oid = s.dbid
     where d.datname <> all (string_to_array(current_setting('pgvigil.exclude_databases'), e'\\n'))
       and pg_catalog.pg_get_userbyid(s.userid)
           <> all (string_to_array(current_setting('pgvigil.exclude_users'), e'\\n'))
     group by s.userid, d.datname, s.queryid`;

const sharedTimes = `,
           sum(s.blk_read_time) as shared_blk_read_time,
           sum(s.blk_write_time) as shared_blk_write_time`;

const tempTimesAndJit = `,
           sum(s.temp_blk_read_time) as temp_blk_read_time,
           sum(s.temp_blk_write_time) as temp_blk_write_time,
           sum(s.jit_functions) as jit_functions,
           sum(s.jit_generation_time + s.jit_inlining_time + s.jit_optimization_time + s.jit_emission_time) as jit_time`;

const splitTimes = `,
           sum(s.shared_blk_read_time) as shared_blk_read_time,
           sum(s.shared_blk_write_time) as shared_blk_write_time,
           sum(s.local_blk_read_time) as local_blk_read_time,
           sum(s.local_blk_write_time) as local_blk_write_time`;

const parallel = `,
           sum(s.wal_buffers_full) as wal_buffers_full,
           sum(s.parallel_workers_to_launch) as parallel_workers_to_launch,
           sum(s.parallel_workers_launched) as parallel_workers_launched`;

export const stat_statements: Collector = {
  name: 'stat_statements',
  source: 'postgres',
  scope: 'server',
  needs: ['extension pg_stat_statements 1.8'],
  wants: ['role pg_read_all_stats'],
  budget: { max: 100, rankBy: 'total_exec_time' },
  sql: [
    { needs: ['extension pg_stat_statements 1.12'], sql: select + splitTimes + tempTimesAndJit + parallel + from },
    { needs: ['extension pg_stat_statements 1.11'], sql: select + splitTimes + tempTimesAndJit + from },
    { needs: ['extension pg_stat_statements 1.10'], sql: select + sharedTimes + tempTimesAndJit + from },
    { sql: select + sharedTimes + from },
  ],
  labels: ['user', 'datname', 'queryid'],
  columns: {
    calls: counter('pg_stat_statements_calls_total', 'Executions (pg_stat_statements.calls).'),
    rows: counter('pg_stat_statements_rows_total', 'Rows returned or changed (pg_stat_statements.rows).'),
    total_exec_time: counter(
      'pg_stat_statements_seconds_total',
      'Time spent executing (pg_stat_statements.total_exec_time, ms at source).',
      { scale: 1e-3 },
    ),
    shared_blk_read_time: counter(
      'pg_stat_statements_block_read_seconds_total',
      'Time spent reading blocks into shared buffers, 0 without track_io_timing (pg_stat_statements.shared_blk_read_time, ms at source).',
      { scale: 1e-3 },
    ),
    shared_blk_write_time: counter(
      'pg_stat_statements_block_write_seconds_total',
      'Time spent writing blocks from shared buffers, 0 without track_io_timing (pg_stat_statements.shared_blk_write_time, ms at source).',
      { scale: 1e-3 },
    ),
    plans: counter(
      'pg_stat_statements_plans_total',
      'Plans made, 0 without pg_stat_statements.track_planning (pg_stat_statements.plans).',
    ),
    total_plan_time: counter(
      'pg_stat_statements_plan_seconds_total',
      'Time spent planning, 0 without pg_stat_statements.track_planning (pg_stat_statements.total_plan_time, ms at source).',
      { scale: 1e-3 },
    ),
    min_exec_time: gauge(
      'pg_stat_statements_min_seconds',
      'Shortest execution (pg_stat_statements.min_exec_time, ms at source).',
      { scale: 1e-3, fold: 'none' },
    ),
    max_exec_time: gauge(
      'pg_stat_statements_max_seconds',
      'Longest execution (pg_stat_statements.max_exec_time, ms at source).',
      { scale: 1e-3, fold: 'none' },
    ),
    mean_exec_time: gauge(
      'pg_stat_statements_mean_seconds',
      'Mean execution since the last reset (pg_stat_statements.mean_exec_time, ms at source).',
      { scale: 1e-3, fold: 'none' },
    ),
    stddev_exec_time: gauge(
      'pg_stat_statements_stddev_seconds',
      'Standard deviation since the last reset (pg_stat_statements.stddev_exec_time, ms at source).',
      { scale: 1e-3, fold: 'none' },
    ),
    shared_blks_hit: counter(
      'pg_stat_statements_shared_blocks_hit_total',
      'Blocks found in shared buffers (pg_stat_statements.shared_blks_hit).',
    ),
    shared_blks_read: counter(
      'pg_stat_statements_shared_blocks_read_total',
      'Blocks read into shared buffers (pg_stat_statements.shared_blks_read).',
    ),
    shared_blks_dirtied: counter(
      'pg_stat_statements_shared_blocks_dirtied_total',
      'Shared buffers made dirty (pg_stat_statements.shared_blks_dirtied).',
    ),
    shared_blks_written: counter(
      'pg_stat_statements_shared_blocks_written_total',
      'Shared buffers the statement had to write itself (pg_stat_statements.shared_blks_written).',
    ),
    local_blks_hit: counter(
      'pg_stat_statements_local_blocks_hit_total',
      'Blocks of temporary tables found in memory (pg_stat_statements.local_blks_hit).',
    ),
    local_blks_read: counter(
      'pg_stat_statements_local_blocks_read_total',
      'Blocks of temporary tables read (pg_stat_statements.local_blks_read).',
    ),
    local_blks_dirtied: counter(
      'pg_stat_statements_local_blocks_dirtied_total',
      'Blocks of temporary tables made dirty (pg_stat_statements.local_blks_dirtied).',
    ),
    local_blks_written: counter(
      'pg_stat_statements_local_blocks_written_total',
      'Blocks of temporary tables written (pg_stat_statements.local_blks_written).',
    ),
    temp_blks_read: counter(
      'pg_stat_statements_temp_blocks_read_total',
      'Blocks read from temporary files (pg_stat_statements.temp_blks_read).',
    ),
    temp_blks_written: counter(
      'pg_stat_statements_temp_blocks_written_total',
      'Blocks written to temporary files (pg_stat_statements.temp_blks_written).',
    ),
    local_blk_read_time: counter(
      'pg_stat_statements_local_block_read_seconds_total',
      'Time spent reading temporary tables, extension 1.11 and newer (pg_stat_statements.local_blk_read_time, ms at source).',
      { scale: 1e-3 },
    ),
    local_blk_write_time: counter(
      'pg_stat_statements_local_block_write_seconds_total',
      'Time spent writing temporary tables, extension 1.11 and newer (pg_stat_statements.local_blk_write_time, ms at source).',
      { scale: 1e-3 },
    ),
    temp_blk_read_time: counter(
      'pg_stat_statements_temp_block_read_seconds_total',
      'Time spent reading temporary files, extension 1.10 and newer (pg_stat_statements.temp_blk_read_time, ms at source).',
      { scale: 1e-3 },
    ),
    temp_blk_write_time: counter(
      'pg_stat_statements_temp_block_write_seconds_total',
      'Time spent writing temporary files, extension 1.10 and newer (pg_stat_statements.temp_blk_write_time, ms at source).',
      { scale: 1e-3 },
    ),
    wal_records: counter(
      'pg_stat_statements_wal_records_total',
      'WAL records written (pg_stat_statements.wal_records).',
    ),
    wal_fpi: counter(
      'pg_stat_statements_wal_fpi_total',
      'Full page images written to WAL (pg_stat_statements.wal_fpi).',
    ),
    wal_bytes: counter('pg_stat_statements_wal_bytes_total', 'WAL written (pg_stat_statements.wal_bytes).'),
    wal_buffers_full: counter(
      'pg_stat_statements_wal_buffers_full_total',
      'Times the WAL buffers were full, extension 1.12 and newer (pg_stat_statements.wal_buffers_full).',
    ),
    jit_functions: counter(
      'pg_stat_statements_jit_functions_total',
      'Functions compiled, extension 1.10 and newer (pg_stat_statements.jit_functions).',
    ),
    jit_time: counter(
      'pg_stat_statements_jit_seconds_total',
      'Time spent in just-in-time compilation, extension 1.10 and newer (pg_stat_statements.jit_*_time, ms at source).',
      { scale: 1e-3 },
    ),
    parallel_workers_to_launch: counter(
      'pg_stat_statements_parallel_workers_to_launch_total',
      'Parallel workers planned, extension 1.12 and newer (pg_stat_statements.parallel_workers_to_launch).',
    ),
    parallel_workers_launched: counter(
      'pg_stat_statements_parallel_workers_launched_total',
      'Parallel workers started, extension 1.12 and newer (pg_stat_statements.parallel_workers_launched).',
    ),
  },
};
