/** Whether duplicates are found, and nothing else: in generated data, in a file that nobody generated, in small cases. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { loadMusicDb } from '../../src/sample/musicdb/load.ts';
import { applySql } from '../support/sql.ts';
import { clusters, find, findIn, installDuplicates, type Pair, quality } from './duplicates.ts';

const RADIO = join(import.meta.dirname, 'fixtures/duplicates_radio.csv');
const RADIO_MAP = { key: 'id', title: 'song', artist: 'performer', album: 'record' };
const FREE_FORM = { year: 'released', duration: 'length', isrc: 'code' };

/** What the server's own COPY makes of the file: text in every column, nothing where nothing stands. */
async function loadRadio(server: PostgresServer): Promise<Map<string, string>> {
  const [head, ...lines] = readFileSync(RADIO, 'utf8').trim().split('\n');
  await server.query(`create table radio (${head.split(',').map((column) => `${column} text`).join(', ')})`); // prettier-ignore
  for (const line of lines) {
    const cells = [...line.matchAll(/(?:"([^"]*)"|([^,]*))(?:,|$)/g)].slice(0, head.split(',').length);
    const values = cells.map(([, quoted, plain]) => pg.escapeLiteral(quoted ?? plain));
    await server.query(`insert into radio select nullif(v[1], ''), nullif(v[2], ''), nullif(v[3], ''), nullif(v[4], ''),
      nullif(v[5], ''), nullif(v[6], ''), nullif(v[7], ''), nullif(v[8], '') from (select array[${values.join(', ')}] v) s`);
  }
  const rows = await server.query<{ id: string; same_as: string | null }>('select id, same_as from radio');
  return new Map(rows.map(({ id, same_as }) => [id, same_as ?? id]));
}

describe.each(POSTGRES_MAJORS)('PostgreSQL %d', (major) => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres({ major });
    await installDuplicates(server);
  });
  afterAll(() => server?.stop());

  describe('generated tracks', () => {
    const SINCE = "'2029-01-01'";
    let all: Pair[];
    let truth: Map<string, string>;

    beforeAll(async () => {
      await applySql(server, 'postgres', 'init/01-musicdb.sql', 'init/03-database-optimization.sql');
      await applySql(server, 'postgres', 'init/03-database-optimization.sql');
      const client = new pg.Client({ connectionString: server.url() });
      await client.connect();
      await loadMusicDb(client, { tracks: 4000, seed: 3 }).finally(() => client.end());
      all = await find(server, 'musicdb.tracks', await trackColumns());
      truth = new Map(
        (
          await server.query<{ key: string; entity: string }>(
            'select track_id::text as key, entity::text from musicdb.tracks join musicdb.sample_truth using (external_id)',
          )
        ).map(({ key, entity }) => [key, entity]),
      );
    });

    const trackColumns = async (): Promise<Record<string, string>> =>
      (await server.query<{ map: Record<string, string> }>('select musicdb.duplicate_track_columns() as map'))[0].map;

    it('are matched with few mistakes', () => {
      const { precision, recall, f1 } = quality(all, truth);
      expect(precision).toBeGreaterThan(0.97);
      expect(recall).toBeGreaterThan(0.94);
      expect(f1).toBeGreaterThan(0.96);
    });

    it('come from the best score down, at most as many as asked for', async () => {
      expect(all.map(({ score }) => score)).toEqual(all.map(({ score }) => score).toSorted((a, b) => b - a));
      expect(await find(server, 'musicdb.tracks', await trackColumns(), '0.5, 7')).toEqual(all.slice(0, 7));
      expect(await find(server, 'musicdb.tracks', await trackColumns(), '0.5, 0')).toEqual([]);
      const sure = await find(server, 'musicdb.tracks', await trackColumns(), '0.95, null');
      expect(sure.length).toBeGreaterThan(0);
      expect(sure.length).toBeLessThan(all.length);
      expect(sure.every(({ score }) => score >= 0.95)).toBe(true);
    });

    it('that changed are the only ones that are asked for with since, and find the same partners', async () => {
      await server.query(
        "update musicdb.tracks set updated_at = '2030-01-01' where track_id in (select track_id from musicdb.tracks order by track_id desc limit 100)",
      );
      const [{ first }] = await server.query<{ first: number }>(
        `select min(track_id)::int as first from musicdb.tracks where updated_at >= ${SINCE}`,
      );
      const some = await find(server, 'musicdb.tracks', await trackColumns(), `0.5, null, ${SINCE}`);
      const pairs = (found: readonly Pair[]): string[] => found.map((pair) => `${pair.left_key} ${pair.right_key}`);
      const expected = all.filter((pair) => Number(pair.right_key) >= first);
      expect(expected.length).toBeGreaterThan(20);
      expect(some.every((pair) => Number(pair.right_key) >= first)).toBe(true);
      const found = new Set(pairs(some));
      expect(pairs(expected).filter((pair) => !found.has(pair)).length).toBeLessThanOrEqual(1);
      expect(await find(server, 'musicdb.tracks', await trackColumns(), "0.5, null, '2031-01-01'")).toEqual([]);
    });

    it('are shown by find_duplicate_tracks() with their titles', async () => {
      const rows = await server.query('select * from musicdb.find_duplicate_tracks(0.5, 5)');
      const [{ left_key, right_key, score, cluster_key, reasons }] = all;
      expect(rows).toHaveLength(5);
      expect(rows[0]).toMatchObject({ track_id: left_key, duplicate_track_id: right_key, score, reasons });
      expect(rows[0].cluster).toBe(cluster_key);
      expect(rows[0].title).toBeTruthy();
    });
  });

  it('matches a file with other columns, languages, scripts, free-form durations and holes', async () => {
    const truth = await loadRadio(server);
    const { precision, recall } = quality(await find(server, 'radio', { ...RADIO_MAP, ...FREE_FORM }), truth);
    expect(truth.size).toBeGreaterThanOrEqual(60);
    expect(precision).toBeGreaterThanOrEqual(0.95);
    expect(recall).toBeGreaterThanOrEqual(0.9);
    const withoutNumbers = quality(await find(server, 'radio', RADIO_MAP), truth);
    expect(withoutNumbers.precision).toBeGreaterThanOrEqual(0.9);
    expect(withoutNumbers.recall).toBeGreaterThanOrEqual(0.7);
  });

  describe('small cases', () => {
    const COLUMNS = 'key text, title text, artist text, album text, year int, duration text, isrc text';
    const row = (key: string, ...values: (string | number | null)[]): string =>
      `(${[key, ...values].map((value) => (value === null ? 'null' : pg.escapeLiteral(String(value)))).join(', ')})`;
    const song = (key: string, title: string, artist = 'The Lanterns', duration = '3:45'): string =>
      row(key, title, artist, 'Harbour', 1999, duration, null);

    it('gives the reasons', async () => {
      const [one] = await findIn(server, COLUMNS, [
        row('a', 'Northern Harbour', 'The Lanterns', 'Sea', 1999, '3:45', 'GBAYE0000001'),
        row('b', 'Northern Harbuor', 'Lanterns, The', 'Sea', 2000, 'PT3M46.2S', 'GB-AYE-00-00001'),
      ]);
      expect(one).toMatchObject({ left_key: 'a', right_key: 'b', score: 1, cluster_key: 'a' });
      expect(one.reasons).toEqual([
        'same ISRC',
        'similar title (0.90)',
        'same artist',
        'same album',
        'years differ by 1',
        'duration differs by 1.2 s',
      ]);
      const [live] = await findIn(server, COLUMNS, [
        row('a', 'Northern Harbour', 'The Lanterns', null, null, null, 'GBAYE0000001'),
        row('b', 'Northern Harbour (Live)', 'The Lanterns', null, null, null, 'GBAYE0000001'),
      ]);
      expect(live.reasons).toContain('one title says nothing, the other live');
      const [swapped] = await findIn(server, COLUMNS, [
        song('a', 'Northern Harbour'),
        song('b', 'The Lanterns', 'Northern Harbour'),
      ]);
      expect(swapped.reasons[0]).toBe('title and artist exchanged');
    });

    it.each([
      ['live', 'Northern Harbour (Live)'],
      ['remixed', 'Northern Harbour - Solaris Remix'],
      ['remastered', 'Northern Harbour [2011 Remaster]'],
      ['acoustic', 'Northern Harbour (Acoustic)'],
      ['another part', 'Northern Harbour, Pt. 2'],
      ['another number', 'Northern Harbour 3'],
    ])('takes what is %s for another recording', async (_, title) => {
      expect(await findIn(server, COLUMNS, [song('a', 'Northern Harbour'), song('b', title)])).toEqual([]);
    });

    it('tells remixes of different people apart, and finds each again', async () => {
      const rows = ['Song (Aino Remix)', 'Song (Bruno Remix)', 'Song - aino remix'].map((title, i) =>
        song(`${i}`, title),
      );
      expect(clusters(await findIn(server, COLUMNS, rows))).toEqual([['0', '2']]);
    });

    it('does not chain: A is like B, B is like C, A is not like C', async () => {
      // B says neither year nor length: it could be either of the two, and is nearer to A, whose album it shares.
      const rows = [
        row('a', 'Northern Harbour', 'The Lanterns', 'Harbour', 1999, '3:45', null),
        row('b', 'Northern Harbour', 'The Lanterns', 'Harbour', null, null, null),
        row('c', 'Northern Harbour', 'The Lanterns', 'Lighthouse', 2015, '7:20', null),
      ];
      expect(await findIn(server, COLUMNS, rows.slice(1))).toHaveLength(1);
      expect(await findIn(server, COLUMNS, [rows[0], rows[2]])).toEqual([]);
      expect(clusters(await findIn(server, COLUMNS, rows))).toEqual([['a', 'b']]);
    });

    it('finds nothing in an empty table, in one row, in rows of NULLs', async () => {
      expect(await findIn(server, COLUMNS, [])).toEqual([]);
      expect(await findIn(server, COLUMNS, [song('a', 'Alone')])).toEqual([]);
      const nothing = ['a', 'b'].map((key) => row(key, null, null, null, null, null, null));
      const rows = [...nothing, row('c', '', '', '', null, '', ''), '(null, null, null, null, null, null, null)'];
      expect(await findIn(server, COLUMNS, rows)).toEqual([]);
    });
  });
});
