import { type Collector, gauge, type Row } from '../metrics/types.ts';

/** Only a waiting client has a wait: for the others PgBouncer counts from the start of their last query. */
const waitMicroseconds = (row: Row): number | null =>
  row.state?.startsWith('waiting') ? Number(row.wait ?? 0) * 1e6 + Number(row.wait_us ?? 0) : null;

/** SHOW CLIENTS has a row per client and cannot aggregate. */
const count = (rows: Row[]): Row[] => {
  const groups = new Map<string, { row: Row; clients: number; tls: number; wait: number | null }>();
  for (const row of rows) {
    const key = JSON.stringify([row.database, row.user, row.application_name, row.state]);
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { row, clients: 0, tls: 0, wait: null }));
    group.clients++;
    if (row.tls) group.tls++;
    const waited = waitMicroseconds(row);
    if (waited !== null) group.wait = Math.max(group.wait ?? 0, waited);
  }
  return [...groups.values()].map((group) => ({
    database: group.row.database ?? null,
    user: group.row.user ?? null,
    application_name: group.row.application_name ?? null,
    state: group.row.state ?? null,
    clients: String(group.clients),
    tls: String(group.tls),
    wait: group.wait === null ? null : String(group.wait / 1e6),
  }));
};

export const pgbouncer_clients: Collector = {
  name: 'pgbouncer_clients',
  source: 'pgbouncer',
  scope: 'server',
  sql: 'SHOW CLIENTS',
  reshape: count,
  labels: ['database', 'user', 'application_name', 'state'],
  budget: { max: 500, rankBy: 'clients' },
  columns: {
    clients: gauge('pgbouncer_client_connections', 'Clients connected (SHOW CLIENTS).'),
    tls: gauge('pgbouncer_client_tls_connections', 'Clients connected with TLS (SHOW CLIENTS tls).'),
    wait: gauge(
      'pgbouncer_client_wait_max_seconds',
      'Longest present wait for a server, of clients in a waiting state (SHOW CLIENTS wait, wait_us).',
      { fold: 'max' },
    ),
  },
};
