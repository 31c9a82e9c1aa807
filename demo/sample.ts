// Fills MusicDB for the demo, once: rows, owner and neglect, in a database in which `pgvigil sql install` has been.
//
//   PGVIGIL_SERVER=HOST:PORT PGVIGIL_LOGIN='user=…&sslmode=…' node demo/sample.ts
import pg from 'pg';
import { fillMusicDb } from './musicdb.ts';
import { grantRights } from './roles.ts';
import type { PostgresServer, Row } from './servers/index.ts';

const url = (database = 'postgres'): string =>
  `postgresql://${process.env.PGVIGIL_SERVER}/${database}?${process.env.PGVIGIL_LOGIN}`;

async function query<R extends Row = Row>(sql: string, database?: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url(database), connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}

const server: Pick<PostgresServer, 'url' | 'query'> = { url, query };
const [{ there }] = await query<{ there: boolean }>(
  "select to_regclass('musicdb.play_counts') is not null as there",
  'musicdb',
);
if (there) console.log('MusicDB is there already.');
else {
  await fillMusicDb(server);
  await grantRights(server);
  console.log('MusicDB is filled.');
}
