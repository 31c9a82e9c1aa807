import { type Collector, counter, untyped } from '../metrics/types.ts';

/** Zeros on a primary. */
export const stat_database_conflicts: Collector = {
  name: 'stat_database_conflicts',
  source: 'postgres',
  scope: 'server',
  sql: `
    select *
      from pg_catalog.pg_stat_database_conflicts`,
  labels: ['datid', 'datname'],
  columns: {
    confl_tablespace: counter(
      'pg_stat_database_conflicts_confl_tablespace',
      'Queries cancelled on a standby by a dropped tablespace (pg_stat_database_conflicts.confl_tablespace).',
    ),
    confl_lock: counter(
      'pg_stat_database_conflicts_confl_lock',
      'Queries cancelled on a standby by a lock (pg_stat_database_conflicts.confl_lock).',
    ),
    confl_snapshot: counter(
      'pg_stat_database_conflicts_confl_snapshot',
      'Queries cancelled on a standby because rows they might see were removed (pg_stat_database_conflicts.confl_snapshot).',
    ),
    confl_bufferpin: counter(
      'pg_stat_database_conflicts_confl_bufferpin',
      'Queries cancelled on a standby by a pinned buffer (pg_stat_database_conflicts.confl_bufferpin).',
    ),
    confl_deadlock: counter(
      'pg_stat_database_conflicts_confl_deadlock',
      'Queries cancelled on a standby by a deadlock (pg_stat_database_conflicts.confl_deadlock).',
    ),
    confl_active_logicalslot: untyped(
      'pg_stat_database_conflicts_confl_active_logicalslot',
      'Logical slots in use cancelled on a standby, PostgreSQL 16 and newer (pg_stat_database_conflicts.confl_active_logicalslot).',
    ),
  },
};
