/** Road trip's tables and what the generator puts into them. */
import pg from 'pg';
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { loadRoadTrip } from '../../src/sample/roadtrip/load.ts';
import { sizesOf } from '../../src/sample/roadtrip/tables.ts';
import { holdLock, until } from '../support/database.ts';
import { applySql } from '../support/sql.ts';

const STORIES = 2_000;
const TABLES = ['users', 'venues', 'event_journeys', 'stories', 'bookings'];
const FILES = [
  ...['60_partitions.sql', '61_partitions_create.sql'],
  ...['11-roadtrip', '12-roadtrip-indexes', '13-roadtrip-materialized-views', '14-roadtrip-partitions'].map(
    (file) => `init/${file}.sql`,
  ),
];

describe.each(POSTGRES_MAJORS)('Road trip on PostgreSQL %i', (major) => {
  let server: PostgresServer;
  const open: pg.Client[] = [];

  const connect = async (database: string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: server.url(database) });
    client.on('error', () => undefined);
    await client.connect();
    open.push(client);
    return client;
  };
  const create = async (database: string): Promise<pg.Client> => {
    await server.query(`create database ${database} template blank`);
    return connect(database);
  };
  /** Of everything a table holds, whatever the order. */
  const digests = async (client: pg.Client): Promise<unknown[]> => {
    const found: unknown[] = [];
    for (const table of TABLES) {
      const { rows } = await client.query(
        `select count(*)::int, md5(string_agg(md5(t::text), '' order by t::text collate "C")) from roadtrip.${table} t`,
      );
      found.push(rows[0]);
    }
    return found;
  };
  const one = async <T>(client: pg.Client, sql: string): Promise<T> =>
    Object.values((await client.query<Record<string, T>>(sql)).rows[0])[0];

  let client: pg.Client;
  beforeAll(async () => {
    server = await startPostgres({ major });
    await server.query('create database blank');
    await server.query('create role pgvigil_monitor; create role pgvigil_maintain; create schema pgvigil', 'blank');
    await applySql(server, 'blank', ...FILES);
    client = await create('first');
  });
  afterAll(async () => {
    for (const each of open) await each.end().catch(() => undefined);
    await server?.stop();
  });

  it('loads every table and says how far it is', async () => {
    const progress: [number, number][] = [];
    await loadRoadTrip(client, { stories: STORIES, seed: 5, onProgress: (...step) => progress.push(step) });
    const { users, venues, journeys, stories, bookings } = sizesOf(STORIES);
    const expected = [users, venues, journeys, stories, bookings];
    expect((await digests(client)).map((table) => (table as { count: number }).count)).toEqual(expected);
    const total = expected.reduce((sum, size) => sum + size, 0);
    expect(progress.at(-1)).toEqual([total, total]);
    expect(progress.length).toBe(Math.ceil(total / 1000));
  });

  it('gives the same rows for the same seed, in another time zone too, and others for another one', async () => {
    const [second, other] = [await create('second'), await create('other')];
    await second.query(`set timezone = 'Pacific/Auckland'`);
    await loadRoadTrip(second, { stories: STORIES, seed: 5 });
    await second.query('reset timezone');
    await loadRoadTrip(other, { stories: STORIES, seed: 6 });
    expect(await digests(second)).toEqual(await digests(client));
    const [same, different] = [await digests(client), await digests(other)];
    for (const [index, table] of same.entries()) expect(different[index]).not.toEqual(table);
  });

  it('keeps what is there when the files are applied again, and refuses to mix', async () => {
    const before = await digests(client);
    await applySql(server, 'first', ...FILES);
    await expect(loadRoadTrip(client, { stories: STORIES, seed: 5 })).rejects.toThrow(/not mixed with other rows/);
    expect(await digests(client)).toEqual(before);
    await loadRoadTrip(client, { stories: STORIES, seed: 5, replace: true });
    expect(await digests(client)).toEqual(before);
  });

  it('leaves every key as it was', async () => {
    // Those of partitions have names that PostgreSQL makes up.
    const keys = async (database: string): Promise<unknown> =>
      server.query(
        `select conrelid::regclass::text, contype, case conparentid when 0 then conname end as name, convalidated,
                case conparentid when 0 then pg_get_constraintdef(oid) end as definition, count(*)::int
           from pg_constraint where connamespace = 'roadtrip'::regnamespace
          group by 1, 2, 3, 4, 5 order by 1, 2, 3`,
        database,
      );
    expect(await keys('first')).toEqual(await keys('blank'));
  });

  it('leaves nothing when it is killed', async () => {
    const victim = await create('victim');
    // Every row has been sent when it has to wait for somebody who reads a view.
    const reader = await holdLock(server, 'select from roadtrip.mv_venue_stats', 'victim');
    const dying = expect(loadRoadTrip(victim, { stories: STORIES, seed: 5 })).rejects.toThrow();
    await until('the load waits for the reader', async () => {
      const { rowCount } = await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = 'victim' and wait_event_type = 'Lock'`,
      );
      return rowCount! > 0;
    });
    await dying;
    await reader.end();
    const again = await connect('victim');
    expect(await one(again, 'select count(*)::int from roadtrip.users')).toBe(0);
    await loadRoadTrip(again, { stories: STORIES, seed: 5 });
    expect(await digests(again)).toEqual(await digests(client));
  });

  it('is skewed as life is', async () => {
    const share = (sql: string): Promise<number> => one<number>(client, `select (${sql})::float8`);
    expect(await share('select avg(is_favorite::int) from roadtrip.stories')).toBeCloseTo(0.08, 1);
    expect(await share(`select avg((booking_status = 'completed')::int) from roadtrip.bookings`)).toBeGreaterThan(0.7);
    // The busiest tenth of the users tells more than a quarter of the stories; no two days are alike.
    const top = `select sum(n) from (select count(*) n from roadtrip.stories group by user_id order by 1 desc limit ${STORIES / 200}) t`;
    expect(await share(top)).toBeGreaterThan(STORIES / 4);
    const month = (name: string): Promise<number> => share(`select count(*) from roadtrip.stories_p${name}`);
    expect(await month('2025_08')).toBeGreaterThan(2 * (await month('2025_02')));
    expect(await share('select count(distinct content) from roadtrip.stories')).toBeGreaterThan(STORIES * 0.99);
    expect(
      await share(
        'select count(*) from roadtrip.stories where created_at < (select created_at from roadtrip.users u where u.user_id = stories.user_id)',
      ),
    ).toBe(0);
  });

  it('has rows beyond the months, which can be moved into partitions of their own', async () => {
    const left = (): Promise<number> =>
      one<number>(
        client,
        `select (select count(*) from roadtrip.stories_default)
        + (select count(*) from roadtrip.event_journeys_default) + (select count(*) from roadtrip.bookings_default)`,
      );
    expect(Number(await left())).toBeGreaterThan(5);
    const before = await digests(client);
    const { rows } = await client.query<{ rows_moved: string }>('select * from pgvigil.create_partitions_ahead()');
    expect(rows.reduce((sum, row) => sum + Number(row.rows_moved), 0)).toBeGreaterThan(5);
    expect(await digests(client)).toEqual(before);
    await applySql(server, 'first', ...FILES);
    expect(await digests(client)).toEqual(before);
  });

  it('leaves the numbers free that come next', async () => {
    const next = await one(
      client,
      `insert into roadtrip.stories (user_id, title, content, latitude, longitude, location_name)
       values (1, 'a', 'b', 1, 2, 'c') returning story_id::int`,
    );
    expect(next).toBe(STORIES + 1);
    expect(await one(client, `select nextval(pg_get_serial_sequence('roadtrip.users', 'user_id'))::int`)).toBe(
      STORIES / 20 + 1,
    );
  });

  it('holds the views that the load has filled, each with a key for a concurrent refresh', async () => {
    const { rows } = await client.query<{ matviewname: string }>(
      `select matviewname from pg_matviews where schemaname = 'roadtrip'`,
    );
    expect(rows.map(({ matviewname }) => matviewname).sort()).toEqual([
      'mv_daily_booking_stats',
      'mv_popular_locations',
      'mv_user_story_stats',
      'mv_venue_stats',
    ]);
    for (const { matviewname } of rows) {
      expect(Number(await one(client, `select count(*) from roadtrip.${matviewname}`))).toBeGreaterThan(0);
      await client.query(`refresh materialized view concurrently roadtrip.${matviewname}`);
    }
    const total = (sql: string): Promise<string> => one<string>(client, sql);
    expect(await total('select sum(stories) from roadtrip.mv_user_story_stats')).toBe(
      await total('select count(*) from roadtrip.stories'),
    );
    expect(await total('select sum(stories) from roadtrip.mv_popular_locations')).toBe(
      await total('select count(*) from roadtrip.stories'),
    );
    expect(await total('select sum(bookings) from roadtrip.mv_daily_booking_stats')).toBe(
      await total('select count(*) from roadtrip.bookings'),
    );
    expect(await total('select sum(journeys) from roadtrip.mv_venue_stats')).toBe(
      await total('select count(*) from roadtrip.event_journeys'),
    );
  });

  it.each([
    [{ stories: 99, seed: 1 }, 'stories is 99'],
    [{ stories: 100.5, seed: 1 }, 'stories is 100.5'],
    [{ stories: 100, seed: NaN }, 'seed is NaN'],
  ])('refuses %j', async (options, message) => {
    await expect(loadRoadTrip(client, options)).rejects.toThrow(message);
  });
});
