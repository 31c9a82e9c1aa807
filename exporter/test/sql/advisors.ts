/** What the tests of the advisors share: a database with the functions in it, asked as the exporter asks. */
import { type PostgresMajor, type PostgresServer, type Row, startPostgres } from '../../../demo/servers/index.ts';
import { openSession } from '../support/database.ts';
import { applySql } from '../support/sql.ts';

const FILES = ['01_schema.sql', '02_roles.sql', '10_queries.sql', '20_indexes.sql', '21_index_findings.sql']
  .concat(['22_index_repairs.sql', '23_index_usage.sql', '30_bloat.sql', '31_table_bloat.sql', '32_index_bloat.sql'])
  .concat(['40_vacuum.sql', '41_headroom.sql']);

/** Applied twice: whatever works only the first time fails here. */
export async function installAdvisors(server: PostgresServer, database = 'postgres'): Promise<void> {
  for (let times = 0; times < 2; times++) await applySql(server, database, ...FILES);
  await server.query(
    `do $$ begin create role watcher login in role pgvigil_monitor; exception when duplicate_object then null; end $$;
     grant usage on schema pgvigil to pgvigil_monitor, pgvigil_maintain`,
    database,
  );
}

export async function startAdvised(
  major: PostgresMajor,
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const server = await startPostgres({ major, settings: { autovacuum: 'off', ...settings } });
  await installAdvisors(server);
  return server;
}

/** As pgvigil_monitor in a read-only transaction that waits for no lock: what the exporter's sessions are like. */
export async function watch<R extends Row = Row>(
  server: PostgresServer,
  sql: string,
  database = 'postgres',
): Promise<R[]> {
  const session = await openSession(server.url(database, 'watcher'), {
    options: '-c default_transaction_read_only=on -c lock_timeout=100ms -c statement_timeout=60s',
  });
  try {
    return (await session.query(sql)) as R[];
  } finally {
    await session.end();
  }
}

/** Sends statements one by one, as CONCURRENTLY and VACUUM need it. */
export async function sendEach(server: PostgresServer, statements: string, database = 'postgres'): Promise<void> {
  const session = await openSession(server.url(database));
  try {
    for (const statement of statements.split(/;\n|;$/)) if (statement.trim()) await session.query(statement);
  } finally {
    await session.end();
  }
}
