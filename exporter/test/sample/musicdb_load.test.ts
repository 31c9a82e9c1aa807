/** A load is all or nothing, gives the same tables every time, and leaves the indexes as they were. */
import { once } from 'node:events';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import pg from 'pg';
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import type { Value } from '../../src/sample/copy.ts';
import { EXPORT_FIELDS } from '../../src/sample/musicdb/export.ts';
import { generateTracks } from '../../src/sample/musicdb/generate.ts';
import { loadMusicDb } from '../../src/sample/musicdb/load.ts';
import { until } from '../support/database.ts';
import { applySql } from '../support/sql.ts';

const BIN = join(import.meta.dirname, '../../src/bin.ts');
const TABLES = ['artists', 'albums', 'tracks', 'sample_truth', 'ingestion_log'];

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

const children: ChildProcess[] = [];

function run(...args: string[]): { child: ChildProcess; said: () => string; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [BIN, 'sample', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = once(child, 'close').then(() => ({ status: child.exitCode, out, err }));
  return { child, said: () => err, ended };
}

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** Of every row, in every column. */
async function contents(server: PostgresServer, database: string): Promise<Record<string, unknown>> {
  const sums = TABLES.map(
    (table) => `(select md5(string_agg(t::text, '' order by t::text)) from musicdb.${table} t) as ${table}`,
  );
  const [row] = await server.query(`select ${sums.join(', ')}`, database);
  return row;
}

const counts = (server: PostgresServer, database: string): Promise<{ table: string; rows: number }[]> =>
  server.query(
    TABLES.map((table) => `select '${table}' as "table", count(*)::int as rows from musicdb.${table}`).join(
      ' union all ',
    ),
    database,
  );

describe.each(POSTGRES_MAJORS)('PostgreSQL %i: loadMusicDb', (major) => {
  const TRACKS = 2500;
  let server: PostgresServer;
  let client: pg.Client;
  /** As the files of SQL made them. */
  let made: Record<string, unknown>[];

  const indexes = (): Promise<Record<string, unknown>[]> =>
    server.query(
      `select indexrelid::regclass::text as name, indisvalid, pg_get_indexdef(indexrelid) as definition,
                obj_description(indexrelid, 'pg_class') as comment
           from pg_index where indrelid = any ('{musicdb.artists,musicdb.albums,musicdb.tracks}'::regclass[]) order by 1`,
      'music',
    );

  beforeAll(async () => {
    server = await startPostgres({ major });
    await server.query('create database music');
    await applySql(server, 'music', 'init/01-musicdb.sql', 'init/02-performance-indexes.sql');
    made = await indexes();
    client = new pg.Client({ connectionString: server.url('music') });
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await server?.stop();
  });

  it('stores what the generator made, each value as it was', async () => {
    const progress: number[] = [];
    const size = { tracks: TRACKS, seed: 6 };
    const loaded = await loadMusicDb(client, { ...size, onProgress: (done) => progress.push(done) });
    expect(loaded.tracks).toBe(TRACKS);
    expect(progress.at(-1)).toBe(TRACKS);
    const stored = await client.query<Record<string, unknown>>('select * from musicdb.tracks order by track_id');
    const expected = [...generateTracks(size)].map(
      ({ artist_external_id: _artist, album_external_id: _album, created_at, updated_at, ...row }) => ({
        ...row,
        created_at: new Date(created_at),
        updated_at: new Date(updated_at),
      }),
    );
    const ids = ['track_id', 'artist_id', 'album_id'];
    const found = stored.rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [key, ids.includes(key) && value !== null ? Number(value) : value]),
      ),
    );
    expect(found).toEqual(expected);
  });

  it('refuses rows that are there and says how many; with replace the tables come out the same', async () => {
    const before = await contents(server, 'music');
    await expect(loadMusicDb(client, { tracks: 10, seed: 1 })).rejects.toThrow(/musicdb\.tracks \(2,500\)/);
    expect(await contents(server, 'music')).toEqual(before);
    await loadMusicDb(client, { tracks: 300, seed: 7, replace: true });
    expect(await contents(server, 'music')).not.toEqual(before);
    await loadMusicDb(client, { tracks: TRACKS, seed: 6, replace: true });
    expect(await contents(server, 'music')).toEqual(before);
  });

  it('leaves the indexes and their comments as they were, valid, and the planner with statistics', async () => {
    expect(made.length).toBeGreaterThan(16);
    expect(await indexes()).toEqual(made);
    const [{ reltuples }] = await server.query(
      "select reltuples from pg_class where oid = 'musicdb.tracks'::regclass",
      'music',
    );
    expect(reltuples).toBe(TRACKS);
  });

  it('lets an application go on with the next number', async () => {
    const { rows } = await client.query<{ track_id: string }>(
      "insert into musicdb.tracks (external_id, title, source) values ('app:1', 'New', 'app') returning track_id",
    );
    expect(rows).toEqual([{ track_id: String(TRACKS + 1) }]);
  });

  it('leaves everything as it was where it fails half-way', async () => {
    const before = await contents(server, 'music');
    const failing = loadMusicDb(client, {
      ...{ tracks: 20_000, seed: 8, replace: true },
      onProgress: () => {
        throw new Error('the bar fell down');
      },
    });
    await expect(failing).rejects.toThrow('the bar fell down');
    expect(await contents(server, 'music')).toEqual(before);
  });
});

it.each([
  [{ tracks: 0, seed: 1 }, 'tracks is 0'],
  [{ tracks: 1.5, seed: 1 }, 'tracks is 1.5'],
  [{ tracks: 5, seed: NaN }, 'seed is NaN'],
])('refuses %j before it asks the server', async (options, message) => {
  await expect(loadMusicDb(new pg.Client(), options)).rejects.toThrow(message);
});

describe('pgvigil sample', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres();
    for (const name of ['whole', 'killed']) await server.query(`create database ${name}`);
  });
  afterAll(() => server?.stop());

  const load = (database: string, ...more: string[]): ReturnType<typeof run> =>
    run('load', '--db', server.url(database), '--size', '30000', '--seed', '9', '--sample', 'musicdb', ...more);

  it('load: killed in the middle it leaves nothing, and repeated it gives what an undisturbed one gives', async () => {
    const whole = await load('whole').ended;
    expect(whole).toMatchObject({ status: 0 });
    expect(whole.out).toMatch(/musicdb: 30,000 tracks, [\d,]+ albums, [\d,]+ artists\. [\d,]+ rows\/s/);
    expect(whole.err).toContain('musicdb: 10,000 of 30,000 (30 %)');

    const { child, said, ended } = load('killed');
    await until('rows are on their way', () => said().includes('10,000 of 30,000'));
    child.kill('SIGKILL');
    await ended;
    expect(said()).not.toContain('commit');
    expect((await counts(server, 'killed')).filter(({ rows }) => rows > 0)).toEqual([]);

    expect(await load('killed').ended).toMatchObject({ status: 0 });
    expect(await contents(server, 'killed')).toEqual(await contents(server, 'whole'));
  });

  it('load: says what is in the way, and how to have it removed', async () => {
    const { status, err } = await load('whole').ended;
    expect(status).toBe(1);
    expect(err).toContain('musicdb.tracks (30,000)');
    expect(err).toContain('--replace');
  });

  it('load: does not wait for ever for a table that somebody uses', async () => {
    const holder = new pg.Client({ connectionString: server.url('whole') });
    await holder.connect();
    try {
      await holder.query('begin; select from musicdb.tracks limit 1');
      const { status, err } = await load('whole', '--replace').ended;
      expect(status).toBe(1);
      expect(err).toMatch(/musicdb was not loaded: canceling statement due to lock timeout: .*pg_locks/);
    } finally {
      await holder.end();
    }
  });

  it.each([
    [['load', '--size', '30k'], "'30k' is invalid. It is 20k, 200k, 1m or a number"],
    [['load', '--seed', 'x'], "'x' is invalid. It is a whole number"],
    [['load', '--sample', 'films'], 'It is musicdb, roadtrip or both'],
    [['export', '--format', 'xml'], 'Allowed choices are csv, ndjson'],
  ])('%j is refused', async (args, message) => {
    const { status, err } = await run(...args).ended;
    expect(status).toBe(2);
    expect(err).toContain(message);
  });

  const exported = (value: Value): string =>
    value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

  it('export: writes each track, as CSV and as NDJSON', async () => {
    const tracks = [...generateTracks({ tracks: 1200, seed: 2 })];
    const csv = await run('export', '--size', '1200', '--seed', '2').ended;
    const wanted = tracks.map((track) => Object.fromEntries(EXPORT_FIELDS.map((field) => [field, track[field]])));
    expect(parse(csv.out, { columns: true })).toEqual(
      wanted.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, exported(value)]))),
    );
    const ndjson = await run('export', '--size', '1200', '--seed', '2', '--format', 'ndjson').ended;
    expect(
      ndjson.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(wanted);
  });

  it('export: a reader that has seen enough is no error', async () => {
    const { child, ended } = run('export', '--size', '200000');
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    expect(await ended).toMatchObject({ status: 0, err: '' });
  });
});
