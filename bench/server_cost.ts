/** What a role has cost the server, told by the server itself. */
import type { PostgresServer } from '../demo/servers/index.ts';

/** Settings that `serverCost` needs. */
export const COUNTING_SETTINGS = {
  'pg_stat_statements.track': 'all',
  'pg_stat_statements.track_utility': 'on',
  'pg_stat_statements.track_planning': 'on',
  'pg_stat_statements.max': '10000',
  log_connections: 'on',
};

export interface ServerCost {
  readonly statements: number;
  /** Planning and execution. */
  readonly databaseMs: number;
  readonly connections: number;
}

/** Everything `role` has caused since it exists. */
export async function serverCost(postgres: PostgresServer, role: string): Promise<ServerCost> {
  const [{ statements, ms }] = await postgres.query<{ statements: number; ms: number }>(
    `select coalesce(sum(calls), 0)::float8 as statements,
            coalesce(sum(total_exec_time + total_plan_time), 0)::float8 as ms
       from pg_stat_statements s
       join pg_roles r on r.oid = s.userid
      where r.rolname = '${role}'`,
  );
  const connections = (await postgres.logText()).split(`connection authorized: user=${role} `).length - 1;
  return { statements, databaseMs: ms, connections };
}

export const costBetween = (before: ServerCost, after: ServerCost, scrapes: number): ServerCost => ({
  statements: (after.statements - before.statements) / scrapes,
  databaseMs: (after.databaseMs - before.databaseMs) / scrapes,
  connections: (after.connections - before.connections) / scrapes,
});
