/** What tests do to a server besides asking it. */
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { PostgresServer } from '../../../demo/servers/index.ts';

/** Waits for a condition, by default longer than any busy machine needs. @throws Error when it is not met in time. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await setTimeout(100);
  }
}

export interface Session {
  readonly pid: number;
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Ends the session, whatever it is doing. */
  end(): Promise<void>;
}

/** A session of its own, over TCP, that stays open. */
export async function openSession(url: string, settings: pg.ClientConfig = {}): Promise<Session> {
  const client = new pg.Client({ connectionString: url, application_name: 'test', ...settings });
  // The server may end it: that is what some tests are about.
  client.on('error', () => undefined);
  await client.connect();
  return {
    pid: (client as unknown as { processID: number }).processID,
    query: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows,
    end: () => {
      client.connection.stream.destroy();
      return Promise.resolve();
    },
  };
}

/** Opens a transaction that holds what `sql` locks until the session ends. */
export async function holdLock(server: PostgresServer, sql: string, database = 'postgres'): Promise<Session> {
  const session = await openSession(server.url(database));
  await session.query('begin');
  await session.query(sql);
  return session;
}

/** Sessions of the exporter, as the server sees them. */
export async function exporterSessions(
  server: PostgresServer,
): Promise<{ pid: number; datname: string; state: string; query: string }[]> {
  return server.query(
    "select pid, datname, state, query from pg_stat_activity where application_name = 'pgvigil' order by pid",
  );
}

/** The login that the documentation recommends. */
export const CREATE_MONITOR = 'create role monitor login; grant pg_monitor to monitor';
