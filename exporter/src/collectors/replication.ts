import { type Collector, gauge } from '../metrics/types.ts';

/** On a primary lag and last replay are 0, as postgres_exporter has them; the families of our own are absent there. */
export const replication: Collector = {
  name: 'replication',
  source: 'postgres',
  scope: 'server',
  sql: `
    select pg_catalog.pg_is_in_recovery() as is_replica,
           case when not pg_catalog.pg_is_in_recovery()
                  or pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() then 0
                else greatest(0, extract(epoch from pg_catalog.now() - pg_catalog.pg_last_xact_replay_timestamp()))
           end as lag,
           greatest(0, extract(epoch from pg_catalog.now() - pg_catalog.pg_last_xact_replay_timestamp())) as last_replay,
           pg_catalog.pg_last_xact_replay_timestamp() as last_replay_time`,
  labels: [],
  columns: {
    lag: gauge(
      'pg_replication_lag_seconds',
      'Age of the last replayed commit, 0 once everything received is replayed, even with the link cut (pg_last_xact_replay_timestamp).',
    ),
    is_replica: gauge('pg_replication_is_replica', 'Whether the server is a standby (pg_is_in_recovery).'),
    last_replay: gauge(
      'pg_replication_last_replay_seconds',
      'Age of the last replayed commit, 0 on a primary (pg_last_xact_replay_timestamp).',
    ),
    last_replay_time: gauge(
      'pg_replication_last_replay_timestamp_seconds',
      'When the last replayed commit was made on the primary (pg_last_xact_replay_timestamp).',
    ),
  },
};
