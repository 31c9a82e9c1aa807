import { type Collector, gauge } from '../metrics/types.ts';

export const wal: Collector = {
  name: 'wal',
  source: 'postgres',
  scope: 'server',
  needs: ['role pg_monitor'],
  sql: `
    select count(*) as segments,
           sum(w.size) as size
      from pg_catalog.pg_ls_waldir() w
     where w.name ~ '^[0-9A-F]{24}$'`,
  labels: [],
  columns: {
    segments: gauge('pg_wal_segments', 'WAL files on disk (pg_ls_waldir).'),
    size: gauge('pg_wal_size_bytes', 'Size of the WAL files on disk (pg_ls_waldir).'),
  },
};
