/** Tracks that lack something: found by rule, counted for the exporter, all of those that the generator left out. */
import pg from 'pg';
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { loadMusicDb } from '../../src/sample/musicdb/load.ts';
import { applySql } from '../support/sql.ts';

const TRACKS = 6000;

/** `placeholder_artist` is about the field artist. */
const FIELD = "regexp_replace(v, '^(missing|placeholder|implausible)_', '')";

interface Found {
  track_id: string;
  external_id: string;
  violated: string[];
  severity: string;
  suggestion: string | null;
}

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let client: pg.Client;

  const rows = async <R extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<R[]> =>
    (await client.query<R>(sql, values)).rows;
  const identify = (rules: string[] | null, lim: number | null = null): Promise<Found[]> =>
    rows<Found>('select * from musicdb.identify_incomplete_tracks($1, $2)', [rules, lim]);

  beforeAll(async () => {
    server = await startPostgres({ major });
    await server.query('create role pgvigil_monitor login');
    await server.query('create database music');
    await applySql(server, 'music', 'init/01-musicdb.sql', 'init/02-performance-indexes.sql');
    await applySql(server, 'music', 'init/05-data-quality.sql', 'init/05-data-quality.sql');
    client = new pg.Client({ connectionString: server.url('music') });
    await client.connect();
    await loadMusicDb(client, { tracks: TRACKS, seed: 5 });
  });
  afterAll(async () => {
    await client?.end();
    await server?.stop();
  });

  it('finds in every track exactly what the generator left out', async () => {
    const differing = await rows(
      `select t.external_id, t.missing, f.fields
         from (select external_id, (select array_agg(m order by m) from unnest(missing) m) as missing
                 from musicdb.sample_truth where missing <> '{}') t
         full join (select external_id, (select array_agg(distinct ${FIELD}) from unnest(violated) v) as fields
                 from musicdb.identify_incomplete_tracks(null, null)) f using (external_id)
        where t.missing is distinct from f.fields`,
    );
    expect(differing).toEqual([]);
    const [{ count }] = await rows<{ count: number }>(
      "select count(*)::int from musicdb.sample_truth where missing && '{artist,album,year,duration,genres,title}'",
    );
    expect(count / TRACKS).toBeGreaterThan(0.04);
    expect(count / TRACKS).toBeLessThan(0.08);
  });

  it('gives out the worst first, as many as asked for, and only the rules asked for', async () => {
    const worst = await identify(null, 50);
    expect(worst).toHaveLength(50);
    expect(new Set(worst.map(({ severity }) => severity))).toEqual(new Set(['high']));
    const all = await identify(null);
    const ranks = all.map(({ severity }) => ['high', 'medium', 'low'].indexOf(severity));
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    const years = await identify(['missing_year', 'implausible_year']);
    expect(new Set(years.flatMap(({ violated }) => violated))).toEqual(new Set(['missing_year', 'implausible_year']));
    expect(await identify([])).toEqual([]);
  });

  it('refuses a rule that does not exist, and names those that do', async () => {
    await expect(identify(['missing_label'])).rejects.toMatchObject({
      message: 'rules: there is no rule missing_label',
      hint: expect.stringContaining('missing_isrc') as string,
    });
    await expect(identify([null as unknown as string])).rejects.toThrow('there is no rule NULL');
  });

  it('says where a value can be taken from, and nothing where nobody knows it', async () => {
    await client.query('begin');
    try {
      await client.query(`
        insert into musicdb.artists (artist_id, external_id, name) overriding system value values (900001, 'a', 'Zoë O''Hara');
        insert into musicdb.albums (album_id, external_id, artist_id, title, release_year)
          overriding system value values (900001, 'b', 900001, 'First', 1987);
        insert into musicdb.tracks (external_id, title, artist_credit, album_title, artist_id, album_id, release_year,
                                    duration_ms, isrc, genres, source) values
          ('x:1', 'Song', null, 'First', 900001, 900001, null, 0 + 200000, null, '{pop}', 'x'),
          ('x:2', 'Track 03', 'Zoë O''Hara', 'First', null, null, 1987, null, 'GBABC8700001', '{pop}', 'x'),
          ('x:3', 'Real Title', 'Zoë O''Hara', 'First', null, null, 1987, 201000, 'GBABC8700001', '{pop}', 'x'),
          ('x:4', 'Alone', null, 'First', null, null, null, 201000, 'GBABC8700002', '{pop}', 'x')`);
      const found = await identify(null);
      const of = (id: string): Found | undefined => found.find(({ external_id }) => external_id === id);
      expect(of('x:1')).toMatchObject({
        violated: ['missing_artist', 'missing_year', 'missing_isrc'],
        suggestion: "artist_credit = 'Zoë O''Hara'; release_year = 1987",
      });
      expect(of('x:2')).toMatchObject({
        violated: ['placeholder_title', 'missing_duration'],
        severity: 'high',
        suggestion: "title = 'Real Title'; duration_ms = 201000",
      });
      expect(of('x:3')).toBeUndefined();
      expect(of('x:4')).toMatchObject({ violated: ['missing_artist', 'missing_year'], suggestion: null });
    } finally {
      await client.query('rollback');
    }
  });

  describe('as the exporter asks', () => {
    let monitor: pg.Client;
    beforeAll(async () => {
      monitor = new pg.Client({
        connectionString: server.url('music', 'pgvigil_monitor'),
        options: '-c default_transaction_read_only=on',
      });
      await monitor.connect();
    });
    afterAll(() => monitor?.end());

    it('counts what identify_incomplete_tracks finds', async () => {
      const summary = await monitor.query<{ rule: string; tracks: string }>(
        'select * from musicdb.incomplete_summary()',
      );
      const counted = await rows<{ rule: string; tracks: string }>(
        `select v as rule, count(*) as tracks
           from musicdb.identify_incomplete_tracks(null, null) cross join unnest(violated) v group by v order by v`,
      );
      const sorted = summary.rows.toSorted((a, b) => (a.rule < b.rule ? -1 : 1));
      expect(sorted).toEqual(counted);
      expect(sorted).toHaveLength(10);
    });

    it('adds up the runs, and counts a running one at once', async () => {
      const summary = async (): Promise<Record<string, unknown>> =>
        (await monitor.query<Record<string, unknown>>('select * from musicdb.ingestion_summary()')).rows[0];
      const before = await summary();
      expect(before).toMatchObject({ rows_inserted: String(TRACKS), rows_rejected: '0', runs_running: '0' });
      expect(before.last_rows_per_second).toBeGreaterThan(1000);
      await client.query(`insert into musicdb.ingestion_log (source, rows_read, rows_inserted, rows_rejected)
                          values ('now.csv', 10, 7, 3)`);
      const during = await summary();
      expect(during).toMatchObject({ rows_inserted: String(TRACKS + 7), rows_rejected: '3', runs_running: '1' });
      expect(during.last_finished_at).toEqual(before.last_finished_at);
      await client.query(`update musicdb.ingestion_log set state = 'done', rows_read = 20, rows_inserted = 17,
                          started_at = now() - interval '4 s', finished_at = now() where source = 'now.csv'`);
      expect(await summary()).toMatchObject({
        rows_inserted: String(TRACKS + 17),
        runs_running: '0',
        last_rows_per_second: 5,
      });
    });

    it('says nothing of a run where there was none: no rate, no time, but zero rows', async () => {
      await client.query('begin');
      try {
        await client.query('truncate musicdb.ingestion_log cascade');
        const [summary] = await rows('select * from musicdb.ingestion_summary()');
        expect(summary).toMatchObject({
          rows_read: '0',
          runs: '0',
          last_finished_at: null,
          last_rows_per_second: null,
        });
      } finally {
        await client.query('rollback');
      }
    });

    it.each([
      'select from musicdb.tracks',
      'select from musicdb.identify_incomplete_tracks()',
      'select from musicdb.ingestion_log',
    ])('may not: %s', async (sql) => {
      await expect(monitor.query(sql)).rejects.toThrow('permission denied');
    });
  });
});
