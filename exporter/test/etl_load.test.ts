/** `pgvigil etl load`: what comes in, what is rejected, and that a repeat changes nothing. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type PostgresMajor, type PostgresServer, startPostgres } from '../../demo/servers/index.ts';
import { exportTracks } from '../src/sample/musicdb/export.ts';
import { loadMusicDb } from '../src/sample/musicdb/load.ts';
import { contentsOf, createMusicDb, runEtl, runsOf, startEtl, type TracksFile, writeTracks } from './support/etl.ts';

const directory = mkdtempSync(join(tmpdir(), 'pgvigil-etl-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const MAJORS: readonly PostgresMajor[] = [14, 18];
describe.each(MAJORS)('PostgreSQL %s', (major) => {
  let server: PostgresServer;
  let db: string;
  let name = '';
  let n = 0;
  const file = join(directory, `tracks-${major}.csv`);
  let tracks: TracksFile;
  const versions = (): Promise<unknown[]> =>
    server.query('select ctid, xmin::text, xmax::text, updated_at from musicdb.tracks order by external_id', name);
  const last = async () => (await runsOf(server, name)).at(-1)!;

  beforeAll(async () => {
    server = await startPostgres({ major });
    tracks = writeTracks(file, 5000, { faultEvery: 33 });
  });
  beforeEach(async () => {
    name = `music${n++}`;
    db = await createMusicDb(server, name);
  });
  afterAll(() => server?.stop());

  it('loads the good rows and keeps each bad one whole, with its line and its reason', async () => {
    const { status, out } = await runEtl(file, '--db', db, '--batch', '700');
    expect(out).toContain('5,000 rows read, 4,849 inserted, 0 updated, 0 unchanged, 151 rejected (3.02 %)');
    expect(out).toMatch(/[\d,]+ rows\/s, [\d,]+ tracks\/hour/);
    expect(status).toBe(0);
    const sql = /^ {2}(select .*;)$/m.exec(out)![1];
    const rejects = await server.query<{ line: string; reasons: string[]; content: string }>(sql, name);
    expect(rejects.map(({ line }) => Number(line))).toEqual([...tracks.faults.keys()]);
    const lines = readFileSync(file, 'latin1').split('\n');
    for (const { line, reasons, content } of rejects) {
      expect(reasons).toEqual([expect.stringMatching(tracks.faults.get(Number(line))!)]);
      const bytes = Buffer.from(lines[Number(line) - 1], 'latin1');
      const latin1 = reasons[0].startsWith('not UTF-8');
      expect(content).toBe(bytes.toString(latin1 ? 'latin1' : 'utf8').replace('\0', '\u2400'));
    }
    const [row] = await server.query(
      `select t.*, a.external_id as artist, b.external_id as album
         from musicdb.tracks t join musicdb.artists a using (artist_id) join musicdb.albums b using (album_id)
        where t.external_id = 't:1'`,
      name,
    );
    expect(row).toMatchObject({ title: 'Title 1, "ü"', artist: 'a1', album: 'b1', duration_ms: 1001, genres: ['folk'], metadata: { bpm: 1, note: 'x' }, source: `tracks-${major}.csv` }); // prettier-ignore
    const run = await last();
    expect(run).toMatchObject({ state: 'done', read: 5000, inserted: 4849, rejected: 151, error: null });
    expect(run.position).toBe(run.size);
  });

  it('leaves a loaded file alone; loaded again on purpose, it changes no row', async () => {
    await runEtl(file, '--db', db);
    const before = { contents: await contentsOf(server, name), versions: await versions() };
    const again = await runEtl(file, '--db', db);
    expect(again).toMatchObject({ status: 0, out: expect.stringContaining('This file is loaded already: run 1') as string }); // prettier-ignore
    expect(await runsOf(server, name)).toHaveLength(1);
    const restarted = await runEtl(file, '--db', db, '--restart', '--batch', '999');
    expect(restarted.out).toContain('5,000 rows read, 0 inserted, 0 updated, 4,849 unchanged, 151 rejected');
    expect(await versions()).toEqual(before.versions);
    expect(await contentsOf(server, name)).toMatchObject({ tracks_md5: before.contents.tracks_md5, rejects: 302 });
  });

  it('takes a changed file as a new one, and writes what has changed', async () => {
    const changing = join(directory, `changing-${major}.csv`);
    writeTracks(changing, 100);
    await runEtl(changing, '--db', db);
    const text = readFileSync(changing, 'utf8');
    writeFileSync(changing, text.replace('Title 5,', 'Title five,'));
    appendFileSync(changing, 't:100,Title,,,,,,,,\n');
    await runEtl(changing, '--db', db);
    expect(await last()).toMatchObject({ state: 'done', read: 101, inserted: 1, updated: 1, unchanged: 99 });
  });

  it('lets the last row of an id win, over batches that are on their way at the same time', async () => {
    const repeating = join(directory, `repeating-${major}.csv`);
    const rows = Array.from({ length: 400 }, (_, i) => `r:${i % 7},Title ${i},${i % 7 === i ? 'first' : ''}`);
    writeFileSync(repeating, ['external_id,title,isrc', ...rows].join('\n').replaceAll('first', 'USABC1200001'));
    await runEtl(repeating, '--db', db, '--batch', '5');
    expect(await last()).toMatchObject({ state: 'done', read: 400, inserted: 7, updated: 393 });
    const found = await server.query('select external_id, title, isrc from musicdb.tracks order by 1', name);
    const expected = [393, 394, 395, 396, 397, 398, 399].map((i) => [`r:${i % 7}`, `Title ${i}`]);
    expect(found).toEqual(
      expected.sort().map(([external_id, title]) => ({ external_id, title, isrc: 'USABC1200001' })),
    );
  });

  it('rehearses: says what it would do, and does nothing', async () => {
    const { status, out } = await runEtl(file, '--db', db, '--dry-run');
    expect(out).toContain('5,000 rows read, 4,849 to insert, 0 to update, 0 unchanged, 151 to reject');
    expect(out).toContain('  line 34: external_id: missing\n');
    expect(status).toBe(0);
    expect(await contentsOf(server, name)).toMatchObject({ tracks: 0, rejects: 0 });
    expect(await runsOf(server, name)).toEqual([]);
  });

  it('reads NDJSON, and standard input', async () => {
    const lines = [
      '{"external_id":"n:1","title":"One","genres":["a"],"metadata":{"big":12345678901234567890}}',
      '{"external_id":"n:2","title":"Two","release_year":"2020x","nix":1}',
      'nonsense',
    ];
    const etl = startEtl('-', '--format', 'ndjson', '--db', db, '--source', 'feed', '--max-reject-rate', '70');
    etl.process.stdin!.end(lines.join('\n'));
    const { status, err } = await etl.ended;
    expect(err).toContain('cannot be taken up again');
    expect(status).toBe(0);
    expect(await last()).toMatchObject({ state: 'done', read: 3, inserted: 1, rejected: 2, size: null });
    const [track] = await server.query("select source, metadata ->> 'big' as big from musicdb.tracks", name);
    expect(track).toEqual({ source: 'feed', big: '12345678901234567890' });
    const rejects = await server.query('select reasons, content from musicdb.rejected_tracks order by line', name);
    expect(rejects).toEqual([
      {
        reasons: ['nix: no such field', 'release_year: not a whole number of at most 18 digits'],
        content: lines[1],
      },
      { reasons: [expect.stringMatching(/^not JSON: /)], content: 'nonsense' },
    ]);
  });

  it.each(['csv', 'ndjson'] as const)('brings in the sample, exported as %s, as it is', async (format) => {
    const size = { tracks: 1000, seed: 3 };
    const client = new pg.Client(server.url(name));
    await client.connect();
    await loadMusicDb(client, { ...size, replace: true });
    await client.end();
    const all = (): Promise<unknown[]> =>
      server.query(
        `select to_jsonb(t) - '{track_id,processing_status,created_at,updated_at}'::text[] as track
           from musicdb.tracks t order by external_id`,
        name,
      );
    const copied = await all();
    await server.query('truncate musicdb.tracks', name);
    const exported = join(directory, `sample-${major}.${format}`);
    writeFileSync(exported, [...exportTracks(size, format)].join(''));
    expect(await runEtl(exported, '--db', db)).toMatchObject({ status: 0 });
    expect(await all()).toEqual(copied);
  });

  it('ends with 1 when too many rows are rejected, having loaded the others', async () => {
    const { status, err } = await runEtl(file, '--db', db, '--max-reject-rate', '3');
    expect(status).toBe(1);
    expect(err).toContain('3.02 % of the rows were rejected, more than --max-reject-rate 3 %');
    expect(await last()).toMatchObject({ state: 'done', inserted: 4849 });
  });
});

describe('what cannot be loaded', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
    await createMusicDb(server, 'music');
  });
  afterAll(() => server?.stop());

  it.each([
    [['nowhere.csv'], 1, /there is no such file/],
    [['tracks.xml'], 1, /--format/],
    [['-'], 1, /give --format/],
    [[directory, '--format', 'csv'], 1, /is not a file/],
    [['x.csv', '--batch', '0'], 2, /A number from 1 to 100000/],
    [['x.csv', '--max-reject-rate', 'much'], 2, /A percentage from 0 to 100/],
  ])('%j: exit status %i', async (args, status, message) => {
    const ended = await runEtl(...args, '--db', server.url('music'));
    expect(ended.err).toMatch(message);
    expect(ended.status).toBe(status);
  });

  it('is a database without MusicDB, and a header that names nothing', async () => {
    const file = join(directory, 'header.csv');
    writeFileSync(file, 'id,name\n1,x\n');
    const without = await runEtl(file, '--db', server.url());
    expect(without.err).toContain('pgvigil sql install --sample musicdb');
    const wrong = await runEtl(file, '--db', server.url('music'));
    expect(wrong.err).toContain('the header lacks external_id; lacks title; has the column "id", which no track has');
    expect([without.status, wrong.status]).toEqual([1, 1]);
    expect((await runsOf(server, 'music')).map(({ state }) => state)).toEqual(['failed']);
  });
});
