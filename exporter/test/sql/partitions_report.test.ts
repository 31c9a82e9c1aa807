/** What is reported about partitions, to whom, and what is not known; and that a subscriber keeps rows that move. */
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { holdLock, openSession, type Session, until } from '../support/database.ts';
import { applySql } from '../support/sql.ts';
import { databaseWithPartitions, type Db, TRIPS } from './partitions_fixture.ts';

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let db: Db;
  let monitor: Session;

  beforeAll(async () => {
    server = await startPostgres({ major });
    await server.query('create role exporter login');
    db = await databaseWithPartitions(server, 'report');
    await db.query(`grant pgvigil_monitor to exporter; ${TRIPS}; analyze app.trip`);
    monitor = await openSession(server.url(db.name, 'exporter'), {
      options: '-c default_transaction_read_only=on -c lock_timeout=100ms -c timezone=Asia/Tokyo',
    });
  });
  afterAll(async () => {
    await monitor?.end();
    await server?.stop();
  });

  const report = async (argument = ''): Promise<Record<string, unknown>> => {
    const rows = await monitor.query(
      `select * from pgvigil.partition_report(${argument}) where parent::text = 'app.trip'`,
    );
    expect(rows).toHaveLength(1);
    return rows[0];
  };

  it('says what the default partition holds back, to a monitor that may not read it', async () => {
    await expect(monitor.query('select from app.trip')).rejects.toThrow('permission denied');
    expect(await report()).toMatchObject({
      step: 'month',
      premake: 4,
      retention: null,
      partitions: 0,
      detach_pending: 0,
      expired: null,
      oldest_start: null,
      newest_end: null,
      periods_ahead: -1,
      seconds_ahead: 0,
      has_default: true,
      default_rows_estimate: 54,
      default_rows: '54',
      // Those of the two months that are over block nothing.
      rows_at_risk: '42',
      // Two months are further off than what is to be made.
      rows_due: '30',
    });
    const ranges = await monitor.query(`select row_count::int as n, at_risk from pgvigil.default_partition_rows(
      (select parent from pgvigil.range_partitioned_tables() where parent::text = 'app.trip')) order by range_start`);
    expect(ranges).toEqual([-2, -1, 0, 1, 2, 3, 4, 5, 6].map((month) => ({ n: 6, at_risk: month >= 0 })));
  });

  it('knows no number of rows rather than a wrong one', async () => {
    const unknown = { default_rows: null, rows_at_risk: null, rows_due: null, default_rows_estimate: 54 };
    expect(await report('page_budget => 0')).toMatchObject(unknown);
    const locker = await holdLock(server, 'lock table app.trip_default in access exclusive mode', db.name);
    expect(await report()).toMatchObject({ ...unknown, size_bytes: null, partitions: 0 });
    await locker.end();
    await until('the lock is gone', async () => (await report()).default_rows === '54');
    await db.query(`create role plain; alter function pgvigil.default_partition_rows(regclass, integer) owner to plain;
                    grant usage on schema pgvigil to plain;
                    grant execute on all functions in schema pgvigil to plain; grant select on pgvigil.partition_policy to plain`);
    expect(await report()).toMatchObject(unknown);
    await db.query('grant usage on schema app to plain; grant select on app.trip_default to plain');
    expect(await report()).toMatchObject({ default_rows: '54' });
    await db.query('alter table app.trip_default enable row level security');
    expect(await report()).toMatchObject(unknown);
    await db.query(`alter table app.trip_default disable row level security;
                    alter function pgvigil.default_partition_rows(regclass, integer) owner to postgres`);
  });

  it('says how far partitions reach without a gap, and what has expired', async () => {
    await db.query(`select pgvigil.create_partitions_ahead('app.trip')`);
    const full = await report();
    expect(full).toMatchObject({ partitions: 5, periods_ahead: 4, rows_at_risk: '12', rows_due: '0', expired: null });
    expect(full.seconds_ahead).toBeCloseTo((Number(full.newest_end) - Date.now()) / 1000, -2);
    expect(Number(full.size_bytes)).toBeGreaterThan(0);
    // Where a month is missing, that is as far as it goes.
    const [, , third] = await db.query<{ name: string }>(
      "select partition::text as name from pgvigil.partition_ranges('app.trip') order by covers",
    );
    await db.query(`delete from app.stop; delete from app.leg; alter table app.trip detach partition ${third.name}`);
    const gap = await report();
    expect(gap).toMatchObject({ partitions: 4, periods_ahead: 1, newest_end: full.newest_end });
    expect(Number(gap.seconds_ahead)).toBeLessThan(Number(full.seconds_ahead) / 2);
    await db.query(`
      create table app.trip_past partition of app.trip for values from (minvalue) to ('2001-01-01');
      create table app.trip_old partition of app.trip for values from ('2001-01-01') to ('2002-01-01');
      create table app.trip_beyond partition of app.trip for values from ('2101-01-01') to (maxvalue);
      update pgvigil.partition_policy set retention = '1 year'`);
    expect(await report()).toMatchObject({ partitions: 7, expired: 2, oldest_start: null, newest_end: null });
    const expired = await monitor.query(
      'select partition::text, range_start, concurrent, referenced_by from pgvigil.expired_partitions()',
    );
    const common = { concurrent: false, referenced_by: ['leg_trip on app.leg', 'stop_trip on app.stop'] };
    expect(expired).toEqual([
      { partition: 'app.trip_old', range_start: new Date('2001-01-01T00:00:00Z'), ...common },
      { partition: 'app.trip_past', range_start: null, ...common },
    ]);
  });

  it('keeps working when a table of a policy is dropped', async () => {
    await db.query(`create table gone (day date) partition by range (day);
                    insert into pgvigil.partition_policy values ('gone', 'day'); drop table gone`);
    await report();
    await db.query('select pgvigil.create_partitions_ahead()');
    await db.query(
      'delete from pgvigil.partition_policy p where not exists (select from pg_class c where c.oid = p.parent)',
    );
  });

  it('leaves no function to everybody', async () => {
    expect(
      await db.query(`select p.proname from pg_proc p where pronamespace = 'pgvigil'::regnamespace
                        and exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee = 0)`),
    ).toEqual([]);
  });

  it('moves rows of the sample database Road trip, which reference each other', async () => {
    const road = await databaseWithPartitions(server, 'road');
    await applySql(server, road.name, 'init/11-roadtrip.sql', 'init/14-roadtrip-partitions.sql');
    await road.query(`
      insert into roadtrip.users (email, display_name, home_city) values ('a@b', 'A', 'B');
      insert into roadtrip.venues (name, category, city, country, latitude, longitude)
        values ('V', 'park', 'B', 'DE', 1, 1);
      insert into roadtrip.event_journeys
        (event_date, user_id, venue_id, event_name, origin_latitude, origin_longitude, venue_lat, venue_lon, distance_km)
        select date_trunc('month', now())::date + n, 1, 1, 'E', 1, 1, 1, 1, 1 from generate_series(0, 99) n;
      insert into roadtrip.stories
        (created_at, user_id, journey_id, journey_date, title, content, latitude, longitude, location_name)
        select event_date, 1, journey_id, event_date, 'T', 'C', 1, 1, 'L' from roadtrip.event_journeys;
      insert into roadtrip.bookings (service_date, user_id, venue_id, journey_id, journey_date, booking_type, guests, total_amount)
        select event_date, 1, 1, journey_id, event_date, 'hotel', 1, 1 from roadtrip.event_journeys;
      insert into pgvigil.partition_policy (parent, step)
        values ('roadtrip.event_journeys', 'month'), ('roadtrip.stories', 'month'), ('roadtrip.bookings', 'month')
        on conflict do nothing`);
    const made = await road.query(
      'select parent::text, sum(rows_moved)::int from pgvigil.create_partitions_ahead() group by 1 order by 1',
    );
    expect(made).toEqual([
      { parent: 'roadtrip.bookings', sum: 100 },
      { parent: 'roadtrip.event_journeys', sum: 100 },
      { parent: 'roadtrip.stories', sum: 100 },
    ]);
    expect(
      await road.query(`select count(*)::int as rows, count(b)::int as bookings, count(s)::int as stories
                          from roadtrip.event_journeys j
                          left join roadtrip.bookings b on (b.journey_id, b.journey_date) = (j.journey_id, event_date)
                          left join roadtrip.stories s on (s.journey_id, s.journey_date) = (j.journey_id, event_date)`),
    ).toEqual([{ rows: 100, bookings: 100, stories: 100 }]);
    expect(await road.value('select sum(rows_at_risk)::int from pgvigil.partition_report()')).toBe(0);
    await expect(road.query('delete from roadtrip.event_journeys')).rejects.toThrow('foreign key');
  });
});

it('shows a subscriber that rows stay when they move', async () => {
  const server = await startPostgres({ settings: { wal_level: 'logical' } });
  try {
    const from = await databaseWithPartitions(server, 'publisher');
    await from.query(`${TRIPS}; alter table app.trip replica identity full;
                      create publication trips for table app.trip with (publish_via_partition_root);
                      create table app.seen (what text);
                      create function app.see() returns trigger language plpgsql as
                        $f$ begin insert into app.seen values (tg_op); return null; end $f$;
                      create trigger see after insert or delete on app.trip for each row execute function app.see();`);
    // A subscription in the same server would wait for the transaction that makes its own slot.
    await from.query("select pg_create_logical_replication_slot('trips', 'pgoutput')");
    const to = await databaseWithPartitions(server, 'subscriber');
    await to.query(
      'create schema app; create table app.trip (trip_id bigint, day date, place_id int, title text, shout text, primary key (trip_id, day))',
    );
    await to.query(`create subscription trips connection 'host=${server.socketDir} port=${server.port} user=postgres dbname=publisher'
                      publication trips with (create_slot = false, slot_name = 'trips', copy_data = true)`);
    const same = async (): Promise<boolean> => {
      const sql =
        'select md5(string_agg((trip_id, day, place_id, title)::text, chr(10) order by trip_id)) from app.trip';
      return (await from.value(sql)) === (await to.value(sql));
    };
    await until('the first copy', same);
    const moved = await from.value('select sum(rows_moved)::int from pgvigil.create_partitions_ahead()');
    expect(moved).toBe(30);
    expect(await from.value('select count(*)::int from app.seen')).toBe(0);
    await from.query("update app.trip set title = 'marker' where trip_id = 1");
    await until(
      'the subscriber has come after the move',
      async () => (await to.value("select count(*)::int from app.trip where title = 'marker'")) === 1,
    );
    expect(await same()).toBe(true);
    await to.query(
      'alter subscription trips disable; alter subscription trips set (slot_name = none); drop subscription trips',
    );
  } finally {
    await server.stop();
  }
});
