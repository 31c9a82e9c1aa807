/** A server's statements as the API sees them, without the API. */
import type { PostgresServer } from '../../../demo/servers/index.ts';
import { parseDsn } from '../../src/config/dsn.ts';
import { LiveTarget } from '../../src/live/live_target.ts';
import type { FoundStatement } from '../../src/statements/statement_text.ts';

export function liveTarget(server: PostgresServer, database = 'postgres', user = 'postgres'): LiveTarget {
  const postgres = parseDsn(server.url(database, user), { env: { HOME: '/nowhere' } });
  return new LiveTarget({ name: 'test', postgres, databases: { discover: false, include: [], exclude: [] } });
}

export const statement = (text: string, database = 'postgres', user = 'postgres'): FoundStatement => ({
  queryId: '1',
  database,
  user,
  text,
});
