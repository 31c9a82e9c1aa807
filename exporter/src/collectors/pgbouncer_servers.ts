import { type Collector, gauge, type Row } from '../metrics/types.ts';

/** SHOW SERVERS has a row per connection to a server and cannot aggregate. */
const count = (rows: Row[]): Row[] => {
  const groups = new Map<
    string,
    { row: Row; servers: number; tls: number; closing: number; prepared: number | null }
  >();
  for (const row of rows) {
    const key = JSON.stringify([row.database, row.user, row.state]);
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { row, servers: 0, tls: 0, closing: 0, prepared: null }));
    group.servers++;
    if (row.tls) group.tls++;
    if (row.close_needed === '1') group.closing++;
    if (row.prepared_statements != null) group.prepared = (group.prepared ?? 0) + Number(row.prepared_statements);
  }
  return [...groups.values()].map((group) => ({
    database: group.row.database ?? null,
    user: group.row.user ?? null,
    state: group.row.state ?? null,
    servers: String(group.servers),
    tls: String(group.tls),
    closing: String(group.closing),
    prepared: group.prepared === null ? null : String(group.prepared),
  }));
};

export const pgbouncer_servers: Collector = {
  name: 'pgbouncer_servers',
  source: 'pgbouncer',
  scope: 'server',
  sql: 'SHOW SERVERS',
  reshape: count,
  labels: ['database', 'user', 'state'],
  budget: { max: 500, rankBy: 'servers' },
  columns: {
    servers: gauge('pgbouncer_server_connections', 'Connections to servers (SHOW SERVERS).'),
    tls: gauge('pgbouncer_server_tls_connections', 'Connections to servers with TLS (SHOW SERVERS tls).'),
    closing: gauge(
      'pgbouncer_server_close_needed_connections',
      'Connections to be closed as soon as they are free, after RECONNECT or a change (SHOW SERVERS close_needed).',
    ),
    prepared: gauge(
      'pgbouncer_server_prepared_statements',
      'Prepared statements kept on servers (SHOW SERVERS prepared_statements, PgBouncer 1.21+).',
    ),
  },
};
