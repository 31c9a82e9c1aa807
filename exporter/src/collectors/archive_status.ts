import { type Collector, gauge } from '../metrics/types.ts';

/** A file is there from the moment that its WAL is complete until archive_command has succeeded; none without archiving. */
export const archive_status: Collector = {
  name: 'archive_status',
  source: 'postgres',
  scope: 'server',
  needs: ['role pg_monitor'],
  sql: `
    select count(*) filter (where f.name like '%.ready') as ready
      from pg_catalog.pg_ls_archive_statusdir() f`,
  labels: [],
  columns: {
    ready: gauge('pg_archive_ready_files', 'WAL files that wait to be archived (pg_ls_archive_statusdir).'),
  },
};
