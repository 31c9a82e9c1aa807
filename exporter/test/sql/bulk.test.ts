/** bulk_insert_tracks(jsonb): the one rule, the upsert, and what the table itself refuses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { openSession } from '../support/database.ts';

const sqlText = (file: string): string => readFileSync(join(import.meta.dirname, '../../../sql', file), 'utf8');

interface Result {
  rows_read: number;
  inserted: number;
  updated: number;
  unchanged: number;
  rejected: number;
}

const GOOD = {
  external_id: 'x:1',
  title: 'One',
  artist_credit: 'Somebody',
  artist_external_id: 'a:1',
  album_external_id: 'b:1',
  duration_ms: 1000,
  isrc: 'USABC1200001',
  genres: ['rock', 'a "quoted", one'],
  metadata: { bpm: 120 },
};

/** A change of GOOD → all reasons it must be rejected for. */
const BAD: readonly (readonly [change: unknown, ...reasons: string[]])[] = [
  [{ external_id: null }, 'external_id: missing'],
  [{ external_id: '' }, 'external_id: missing'],
  [{ external_id: 'é'.repeat(201) }, 'external_id: longer than 200 characters'],
  [{ external_id: {} }, 'external_id: not a text'],
  [{ title: '' }, 'title: missing'],
  [{ title: 't'.repeat(501) }, 'title: longer than 500 characters'],
  [{ title: ['t'] }, 'title: not a text'],
  [{ artist_credit: 't'.repeat(501) }, 'artist_credit: longer than 500 characters'],
  [{ album_title: 't'.repeat(501) }, 'album_title: longer than 500 characters'],
  [{ source: 't'.repeat(201) }, 'source: longer than 200 characters'],
  [{ release_year: '2020x' }, 'release_year: not a whole number of at most 18 digits'],
  [{ release_year: 999 }, 'release_year: not between 1000 and 2100'],
  [{ duration_ms: 0 }, 'duration_ms: not between 1 and 2147483647'],
  [{ duration_ms: 2147483648 }, 'duration_ms: not between 1 and 2147483647'],
  [{ duration_ms: 1.5 }, 'duration_ms: not a whole number of at most 18 digits'],
  [{ track_number: 32768 }, 'track_number: not between 1 and 32767'],
  [{ track_number: 1e30 }, 'track_number: not a whole number of at most 18 digits'],
  [{ popularity: -1 }, 'popularity: not between 0 and 100'],
  [{ popularity: true }, 'popularity: not a whole number of at most 18 digits'],
  [{ isrc: 'US-ABC-12-00001' }, 'isrc: not two letters, three letters or digits and seven digits'],
  [{ genres: 'rock' }, 'genres: not a list of texts'],
  [{ genres: ['rock', 1] }, 'genres: not a list of texts'],
  [{ genres: [null] }, 'genres: not a list of texts'],
  [{ metadata: [] }, 'metadata: not a JSON object'],
  [{ processing_status: 'lost' }, 'processing_status: not pending, processed or failed'],
  [{ artist_external_id: 'a:2' }, 'artist_external_id: no such artist'],
  [{ album_external_id: 'b:2' }, 'album_external_id: no such album'],
  [{ year: 2000 }, 'year: no such field'],
  [{ line: 1 }, 'line: no such field'],
  [7, 'not a JSON object'],
  [null, 'not a JSON object'],
  [{ title: null, release_year: 'x', isrc: '?' }, 'isrc: not two letters, three letters or digits and seven digits', 'release_year: not a whole number of at most 18 digits', 'title: missing'], // prettier-ignore
];

describe.each(POSTGRES_MAJORS)('PostgreSQL %s', (major) => {
  let server: PostgresServer;
  const literal = (value: unknown): string => `'${JSON.stringify(value).replaceAll("'", "''")}'`;
  const bulk = async (tracks: unknown): Promise<Result> => {
    const [row] = await server.query(`select * from musicdb.bulk_insert_tracks(${literal(tracks)})`, 'music');
    return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, Number(value)])) as unknown as Result;
  };
  const counts = (inserted: number, updated: number, unchanged: number, rejected: number): Result =>
    expect.objectContaining({
      rows_read: inserted + updated + unchanged + rejected,
      inserted,
      updated,
      unchanged,
      rejected,
    }) as Result;
  const rejects = (): Promise<{ line: number; external_id: string; reasons: string[]; content: string }[]> =>
    server.query(
      `select line::int, external_id, reasons, content from musicdb.rejected_tracks
        where run_id = (select max(run_id) from musicdb.ingestion_log) order by line`,
      'music',
    );
  /** Changes with every new version of a row. */
  const versions = (): Promise<unknown[]> =>
    server.query(
      'select external_id, ctid, xmin::text, xmax::text, updated_at from musicdb.tracks order by 1',
      'music',
    );

  beforeAll(async () => {
    server = await startPostgres({ major });
    await server.query('create role keeper login');
    await server.query('create database music owner keeper');
    // Installed, and installed again, by the owner of the database, who is no superuser.
    const keeper = await openSession(server.url('music', 'keeper'));
    for (const file of ['01-musicdb', '04-bulk-load', '04-bulk-load']) await keeper.query(sqlText(`init/${file}.sql`));
    await keeper.end();
    await server.query(
      `insert into musicdb.artists (external_id, name) values ('a:1', 'Somebody');
       insert into musicdb.albums (external_id, artist_id, title) select 'b:1', artist_id, 'It' from musicdb.artists`,
      'music',
    );
  });
  beforeEach(() => server.query('truncate musicdb.tracks, musicdb.rejected_tracks, musicdb.ingestion_log', 'music'));
  afterAll(() => server?.stop());

  it('inserts, resolves, fills in defaults, and changes nothing when repeated', async () => {
    const tracks = [GOOD, { external_id: 'x:2', title: "It's two" }];
    expect(await bulk(tracks)).toEqual(counts(2, 0, 0, 0));
    const rows = await server.query(
      `select t.external_id, t.title, a.external_id as artist, b.external_id as album, t.genres, t.popularity, t.metadata,
              t.source, t.processing_status
         from musicdb.tracks t left join musicdb.artists a using (artist_id) left join musicdb.albums b using (album_id)
        order by 1`,
      'music',
    );
    const defaults = { popularity: 0, source: 'bulk_insert_tracks', processing_status: 'pending' };
    expect(rows).toEqual([
      { external_id: 'x:1', title: 'One', artist: 'a:1', album: 'b:1', genres: GOOD.genres, metadata: GOOD.metadata, ...defaults }, // prettier-ignore
      { external_id: 'x:2', title: "It's two", artist: null, album: null, genres: [], metadata: {}, ...defaults },
    ]);
    const before = await versions();
    expect(await bulk(tracks)).toEqual(counts(0, 0, 2, 0));
    expect(await versions()).toEqual(before);
  });

  it('rejects each bad row whole, with all its reasons, and takes the good ones', async () => {
    const tracks = BAD.map(([change]) =>
      typeof change === 'object' && change !== null ? { ...GOOD, ...change } : change,
    );
    expect(await bulk([...tracks, GOOD])).toEqual(counts(1, 0, 0, BAD.length));
    const found = await rejects();
    expect(found.map(({ line, reasons }) => [line, ...reasons.toSorted()])).toEqual(
      BAD.map(([, ...reasons], i) => [i + 1, ...reasons.toSorted()]),
    );
    expect(found.map(({ content }) => JSON.parse(content) as unknown)).toEqual(tracks);
  });

  it('leaves alone what a row leaves out, and updates what it says', async () => {
    await bulk([GOOD]);
    expect(await bulk([{ external_id: 'x:1', title: 'One', genres: null, isrc: '', popularity: 0 }])).toEqual(
      counts(0, 0, 1, 0),
    );
    expect(await bulk([{ external_id: 'x:1', title: 'One', genres: [], duration_ms: '2000' }])).toEqual(
      counts(0, 1, 0, 0),
    );
    const [row] = await server.query('select * from musicdb.tracks', 'music');
    expect(row).toMatchObject({ isrc: GOOD.isrc, genres: [], duration_ms: 2000, metadata: GOOD.metadata });
    expect((row.updated_at as Date) > (row.created_at as Date)).toBe(true);
  });

  it('takes the same id several times as if one after the other, and writes it once', async () => {
    const tracks = [
      { external_id: 'x:1', title: 'a', popularity: 5, genres: ['x'], metadata: { a: null } },
      { external_id: 'x:2', title: 'b' },
      { external_id: 'x:1', title: 'bad', popularity: 500 },
      { external_id: 'x:1', title: 'c', release_year: 2000 },
    ];
    expect(await bulk(tracks)).toEqual(counts(2, 0, 1, 1));
    const [row] = await server.query("select * from musicdb.tracks where external_id = 'x:1'", 'music');
    expect(row).toMatchObject({ title: 'c', popularity: 5, genres: ['x'], release_year: 2000, metadata: { a: null } });
    const before = await versions();
    expect(await bulk(tracks)).toEqual(counts(0, 0, 3, 1));
    expect(await versions()).toEqual(before);
  });

  it('rejects what the table itself refuses, with its words, and takes the rest', async () => {
    await server.query('alter table musicdb.tracks add constraint lucky check (popularity <> 13)', 'music');
    try {
      const tracks = Array.from({ length: 1000 }, (_, i) => ({
        external_id: `y:${i}`,
        title: 't',
        popularity: i % 100,
      }));
      expect(await bulk(tracks)).toEqual(counts(990, 0, 0, 10));
      const [{ line, reasons, content }] = await rejects();
      expect(line).toBe(14);
      expect(reasons).toEqual([expect.stringMatching(/^refused by the table: .*"lucky"/)]);
      expect(JSON.parse(content)).toEqual(tracks[13]);
    } finally {
      await server.query('alter table musicdb.tracks drop constraint lucky', 'music');
    }
  });

  it('takes a row that another session inserts at the same moment', async () => {
    const other = await openSession(server.url('music'));
    await other.query("begin; insert into musicdb.tracks (external_id, title, source) values ('x:1', 'theirs', 's')");
    const ours = bulk([{ external_id: 'x:1', title: 'ours' }, { external_id: 'x:2', title: 'ours' }]); // prettier-ignore
    await expect(Promise.race([ours, waiting(server)])).resolves.toBe('waits');
    await other.query('commit');
    expect(await ours).toEqual(counts(1, 1, 0, 0));
    await other.end();
  });

  it('refuses what is no array or too large, with the cure', async () => {
    await expect(bulk({})).rejects.toThrow('tracks is not a JSON array but object');
    const call = (tracks: string): Promise<unknown> =>
      server.query(`select * from musicdb.bulk_insert_tracks(${tracks})`, 'music');
    await expect(call('null')).rejects.toThrow('tracks is not a JSON array but NULL');
    await expect(call("(select jsonb_agg(0) from generate_series(1, 100001)), 'x'")).rejects.toMatchObject({
      message: 'tracks has 100001 elements, more than 100000',
      hint: expect.stringContaining('pgvigil etl load') as string,
    });
    await expect(call("'[]', ''")).rejects.toThrow('source is empty');
    expect(await bulk([])).toEqual(counts(0, 0, 0, 0));
  });

  it('works twice in one transaction, and undoes all of it', async () => {
    const session = await openSession(server.url('music'));
    await session.query('begin');
    await session.query(`select musicdb.bulk_insert_tracks(${literal([GOOD, {}])})`);
    const [second] = await session.query(`select rejected::int from musicdb.bulk_insert_tracks(${literal([{}])})`);
    expect(second.rejected).toBe(1);
    await session.query('rollback');
    expect(await versions()).toEqual([]);
    expect(await server.query('select from musicdb.ingestion_log', 'music')).toEqual([]);
    await session.end();
  });

  it('needs no superuser', async () => {
    const keeper = await openSession(server.url('music', 'keeper'));
    const [row] = await keeper.query(`select inserted::int from musicdb.bulk_insert_tracks(${literal([GOOD])})`);
    expect(row.inserted).toBe(1);
    await keeper.end();
  });

  it('is nothing for those who may not write the tables', async () => {
    await server.query('create role stranger login');
    const session = await openSession(server.url('music', 'stranger'));
    await expect(session.query(`select musicdb.bulk_insert_tracks('[]')`)).rejects.toThrow('permission denied');
    await session.end();
  });
});

/** Until some session waits for a lock. */
async function waiting(server: PostgresServer): Promise<string> {
  for (;;) {
    const [{ n }] = await server.query<{ n: number }>(
      "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'",
    );
    if (n > 0) return 'waits';
  }
}
