/** Figures of a window are those that the server itself would give for it, on every version. */
import { POSTGRES_MAJORS } from '../../../demo/servers/index.ts';
import { type Fixture, startFixture } from './fixture.ts';

interface Direct extends Record<string, unknown> {
  calls: number;
  rows: number;
  ms: number;
  stddev: number;
  hit: number;
  read: number;
  dirtied: number;
  temp: number;
  wal: number;
}

describe.each(POSTGRES_MAJORS)('PostgreSQL %s', (major) => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await startFixture(major);
    await fixture.server.query(
      'create table item (id int, note text); insert into public.item select i, repeat(md5(i::text), 20) from generate_series(1, 20000) i',
    );
  });
  afterAll(() => fixture?.stop());

  const direct = async (text: string): Promise<Direct> => {
    const [row] = await fixture.server.query<Direct>(
      `select calls::float8, rows::float8, total_exec_time as ms, stddev_exec_time as stddev,
              shared_blks_hit::float8 as hit, shared_blks_read::float8 as read, shared_blks_dirtied::float8 as dirtied,
              temp_blks_written::float8 as temp, wal_bytes::float8 as wal
         from pg_stat_statements where query like '%${text}%' and query not like '%pg_stat_statements%' and query not like 'create table%'`,
    );
    return row;
  };

  it('gives what pg_stat_statements counted in between', async () => {
    const sort = (rows: number): string =>
      `set work_mem = '64kB'; select note from item order by note desc limit ${rows}; reset work_mem`;
    const insert = 'insert into item select i, md5(i::text) from generate_series(1, 500) i';
    await fixture.server.query(sort(10));
    const before = await direct('order by note');
    const from = await fixture.point();
    for (let run = 1; run <= 5; run++) await fixture.server.query(sort(run * 3000));
    for (let run = 1; run <= 3; run++) await fixture.server.query(insert);
    const to = await fixture.point();
    const [sorted, added] = [await direct('order by note'), await direct('insert into item')];

    const page = await fixture.window(from, to);
    const sorts = fixture.find(page, 'order by note').figures;
    expect(sorts).toMatchObject({
      calls: 5,
      rows: sorted.rows - before.rows,
      sharedHitBytes: (sorted.hit - before.hit) * 8192,
      sharedReadBytes: (sorted.read - before.read) * 8192,
      tempBytes: (sorted.temp - before.temp) * 8192,
    });
    expect(sorts.tempBytes).toBeGreaterThan(0);
    expect(sorts.totalSeconds).toBeCloseTo((sorted.ms - before.ms) / 1000, 9);
    expect(sorts.meanSeconds).toBeCloseTo((sorted.ms - before.ms) / 5000, 9);
    expect(sorts.callsPerSecond).toBeCloseTo(5 / ((to.getTime() - from.getTime()) / 1000), 9);

    const adds = fixture.find(page, 'insert into item');
    expect(adds).toMatchObject({ database: 'postgres', user: 'postgres', kind: 'other' });
    expect(adds.figures).toMatchObject({
      calls: 3,
      rows: 1500,
      sharedDirtiedBytes: added.dirtied * 8192,
      walBytes: added.wal,
    });
    expect(adds.figures.walBytes).toBeGreaterThan(0);
    expect(adds.figures.spreadSeconds).toBeCloseTo(added.stddev / 1000, 9);
    expect(adds.figures.ioSeconds).not.toBeNull();
    expect(page.totals.seconds).toBeCloseTo(
      page.items.reduce((sum, { figures }) => sum + figures.totalSeconds, 0),
      9,
    );
    expect(page.items.reduce((sum, { figures }) => sum + figures.share, 0)).toBeCloseTo(1, 9);
  });

  it('knows the exact spread of executions that were not the first', async () => {
    const run = (seconds: number): Promise<unknown> => fixture.server.query(`select pg_sleep(${seconds})`);
    await run(0.2);
    await run(0.01);
    const from = await fixture.point();
    const single: number[] = [];
    let last = from;
    for (const seconds of [0.02, 0.05, 0.03, 0.08]) {
      await run(seconds);
      const now = await fixture.point();
      single.push(fixture.find(await fixture.window(last, now), 'pg_sleep').figures.totalSeconds);
      last = now;
    }
    const mean = single.reduce((sum, value) => sum + value, 0) / single.length;
    const variance = single.reduce((sum, value) => sum + (value - mean) ** 2, 0) / single.length;
    const { figures, sparkline } = fixture.find(await fixture.window(from, last), 'pg_sleep');
    expect(figures.calls).toBe(4);
    expect(figures.meanSeconds).toBeCloseTo(mean, 9);
    expect(figures.spreadSeconds).toBeCloseTo(Math.sqrt(variance), 9);
    const length = (last.getTime() - from.getTime()) / 1000 / sparkline.length;
    expect(sparkline.length).toBeGreaterThan(0);
    expect(length).toBeLessThan(3600);
  });
});
