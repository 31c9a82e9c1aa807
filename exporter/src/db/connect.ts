/** Opens one connection, to PostgreSQL or to PgBouncer's console, trying what sslmode allows. */
import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { ConnectionOptions } from 'node:tls';
import type { Dsn } from '../config/types.ts';
import { DatabaseFailure, describeFailure, poolerFailure } from './errors.ts';
import { tlsAttempts } from './tls.ts';

export interface Opened {
  readonly client: pg.Client;
  /** What the connection was made with, for a cancel request. */
  readonly tls: ConnectionOptions | false;
}

const NO_TLS_ON_SERVER = /does not support SSL/;

/**
 * @param extra further settings of pg's client (startup options, pipelining).
 * @throws DatabaseFailure naming the cause.
 */
export async function openClient(dsn: Dsn, extra: pg.ClientConfig): Promise<Opened> {
  const attempts = tlsAttempts(dsn);
  for (const [i, tls] of attempts.entries()) {
    try {
      return { client: await connectOnce(dsn, tls, extra), tls };
    } catch (error) {
      const failure = describeFailure(error);
      const mayRetry = i < attempts.length - 1 && ['tls', 'authentication', 'connection_lost'].includes(failure.reason);
      if (!mayRetry) throw explain(failure);
    }
  }
  throw new Error('unreachable: there is always an attempt');
}

/** What pg needs to know to make one connection. @throws DatabaseFailure when the file with the password cannot be read. */
export const clientConfig = (dsn: Dsn, tls: ConnectionOptions | false, extra: pg.ClientConfig): pg.ClientConfig => ({
  host: dsn.host,
  port: dsn.port,
  user: dsn.user,
  password: passwordOf(dsn),
  database: dsn.database,
  ssl: tls,
  connectionTimeoutMillis: dsn.connectTimeoutSeconds * 1000,
  keepAlive: true,
  ...extra,
});

async function connectOnce(dsn: Dsn, tls: ConnectionOptions | false, extra: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(clientConfig(dsn, tls, extra));
  // Without a listener, an error on an idle connection would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    destroy(client);
    throw error;
  }
  return client;
}

/** An empty string keeps pg from looking into PGPASSWORD behind our back. */
function passwordOf(dsn: Dsn): string {
  if (dsn.passwordFile === undefined) return dsn.password ?? '';
  try {
    return readFileSync(dsn.passwordFile, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'error';
    const message = `cannot read the password file ${dsn.passwordFile} (${why})`;
    throw new DatabaseFailure('authentication', message, { fatal: true, cause });
  }
}

/** Closes the socket at once; every query on it fails. */
export function destroy(client: pg.Client): void {
  client.connection.stream.destroy();
}

function explain(failure: DatabaseFailure): DatabaseFailure {
  if (NO_TLS_ON_SERVER.test(failure.message)) {
    const message = 'the server does not offer TLS: switch it on there (ssl = on), or set sslmode=disable here';
    return new DatabaseFailure('tls', message, { fatal: true, cause: failure });
  }
  if (/unsupported startup parameter/.test(failure.message)) return poolerFailure(failure);
  return failure;
}
