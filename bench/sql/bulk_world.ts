/** A server with MusicDB and files of tracks, and the ways to bring them in that the bulk benchmark compares. */
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { type PostgresServer, startPostgres } from '../../demo/servers/index.ts';
import { load } from '../../exporter/src/etl/load.ts';
import { beginRun, endRun, type Run } from '../../exporter/src/etl/run.ts';
import { openFile } from '../../exporter/src/etl/source.ts';
import { exportTracks } from '../../exporter/src/sample/musicdb/export.ts';
import { loadMusicDb } from '../../exporter/src/sample/musicdb/load.ts';

/** Nothing is switched off that a server in use has on. */
const SETTINGS = { fsync: 'on', full_page_writes: 'on', shared_buffers: '1GB', max_wal_size: '8GB' };
const COLUMNS =
  'external_id, title, artist_credit, album_title, artist_id, album_id, track_number, duration_ms, release_year, isrc, genres, popularity, metadata, source';

export interface Cost {
  readonly seconds: number;
  readonly walBytes: number;
}

export interface World {
  readonly server: PostgresServer;
  readonly client: pg.Client;
  /** The tracks as a source delivers them; artists and albums are in the database. */
  readonly csv: string;
  /** The same in the target's own columns: what COPY takes without a second look. */
  readonly copy: string;
  readonly directory: string;
  stop(): Promise<void>;
}

const sqlFile = (name: string): string => readFileSync(join(import.meta.dirname, '../../sql/init', name), 'utf8');

export async function createWorld(rows: number): Promise<World> {
  const server = await startPostgres({ settings: SETTINGS });
  const directory = mkdtempSync(join(tmpdir(), 'pgvigil-bulk-'));
  const client = new pg.Client(server.url());
  const stop = async (): Promise<void> => {
    await client.end();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await client.connect();
    await server.query('create extension pg_trgm');
    for (const name of ['01-musicdb.sql', '04-bulk-load.sql']) await server.query(sqlFile(name));
    const size = { tracks: rows, seed: 1 };
    await loadMusicDb(client, size);
    const csv = join(directory, 'tracks.csv');
    writeFileSync(csv, [...exportTracks(size, 'csv')].join(''));
    const copy = join(directory, 'tracks.copy');
    const parts: Buffer[] = [];
    const stream = client.query(copyTo(`copy (select ${COLUMNS} from musicdb.tracks order by track_id) to stdout`));
    for await (const part of stream) parts.push(part as Buffer);
    writeFileSync(copy, Buffer.concat(parts));
    return { server, client, csv, copy, directory, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Drops every index but the one on external_id, which is what an upsert goes by: the least a table can have here. */
export async function keyOnly({ client }: World): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(
    `select case when c.oid is null then format('drop index musicdb.%I', k.relname)
                 else format('alter table musicdb.tracks drop constraint %I', c.conname) end as statement
       from pg_index i
       join pg_class k on k.oid = i.indexrelid
       left join pg_constraint c on c.conindid = i.indexrelid and c.contype = 'p'
      where i.indrelid = 'musicdb.tracks'::regclass and k.relname <> 'tracks_external_id_key'`,
  );
  for (const { statement } of rows) await client.query(statement);
}

/** The primary key and everything of 02-performance-indexes.sql. */
export async function allIndexes({ client }: World): Promise<void> {
  await client.query(`
    do $$ begin
      if not exists (select from pg_constraint where conrelid = 'musicdb.tracks'::regclass and contype = 'p') then
        alter table musicdb.tracks add primary key (track_id);
      end if;
    end $$`);
  await client.query(sqlFile('02-performance-indexes.sql'));
}

export async function emptyTracks({ client }: World): Promise<void> {
  await client.query('truncate musicdb.tracks, musicdb.ingestion_log, musicdb.rejected_tracks');
  await client.query('checkpoint');
}

export async function costOf({ client }: World, work: () => Promise<unknown>): Promise<Cost> {
  const wal = async (): Promise<number> =>
    (await client.query<{ at: number }>("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as at")).rows[0].at;
  const before = await wal();
  const began = performance.now();
  await work();
  return { seconds: (performance.now() - began) / 1000, walBytes: (await wal()) - before };
}

/** All of `pgvigil etl load` but the start of its process: fingerprint, run, batches, end. */
export async function loadFile({ server }: World, file: string): Promise<Run> {
  const clients = [1, 2].map(() => new pg.Client({ connectionString: server.url(), application_name: 'pgvigil etl' }));
  await Promise.all(clients.map((client) => client.connect()));
  try {
    const source = await openFile(file);
    const run = await beginRun(clients[0], source, true);
    await load(clients, source, { to: { runId: run.runId, source: source.name }, batchRows: 10_000 });
    return await endRun(clients[0], run.runId, 'done');
  } finally {
    for (const client of clients) await client.end();
  }
}

/** The yardstick: one COPY of ready rows, in one transaction. */
export const plainCopy = ({ client, copy }: World): Promise<void> =>
  pipeline(
    createReadStream(copy, { highWaterMark: 1 << 20 }),
    client.query(copyFrom(`copy musicdb.tracks (${COLUMNS}) from stdin`)),
  );

/** The first `count` rows, each by a prepared statement in a transaction of its own. */
export async function oneByOne({ client, copy }: World, count: number): Promise<void> {
  const values = firstRows(copy, count);
  const places = COLUMNS.split(', ').map((_, i) => `$${i + 1}`);
  const text = `insert into musicdb.tracks (${COLUMNS}) values (${places.join(', ')})`;
  for (const row of values) await client.query({ name: 'one_by_one', text, values: row });
}

/** The first `count` rows, a thousand per statement. */
export async function manyValues({ client, copy }: World, count: number): Promise<void> {
  const values = firstRows(copy, count);
  for (let from = 0; from < values.length; from += 1000) {
    const rows = values.slice(from, from + 1000);
    let place = 0;
    const tuples = rows.map((row) => `(${row.map(() => `$${++place}`).join(', ')})`);
    await client.query(`insert into musicdb.tracks (${COLUMNS}) values ${tuples.join(', ')}`, rows.flat());
  }
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r' };

const firstRows = (copy: string, count: number): (string | null)[][] =>
  readFileSync(copy, 'utf8')
    .split('\n', count)
    .map((line) =>
      line
        .split('\t')
        .map((cell) => (cell === '\\N' ? null : cell.replace(/\\(.)/g, (_, c: string) => ESCAPES[c] ?? c))),
    );
