/** What is kept in memory or dropped from the state database changes no figure. */
import { ByteCache } from '../../src/history/byte_cache.ts';
import { Keyframes } from '../../src/history/keyframes.ts';
import { listStatements } from '../../src/history/window.ts';
import { Store } from '../../src/store/store.ts';
import { dsn, type Fixture, startFixture, TARGET } from './fixture.ts';

describe('a cache by bytes', () => {
  const cache = (most: number) => new ByteCache<string>(most, ({ length }) => length);
  const make = (value: string) => () => Promise.resolve(value);

  it('makes once what several ask for, and what was forgotten again', async () => {
    const made: string[] = [];
    const kept = cache(10);
    const get = (value: string): Promise<string> =>
      kept.get(value, () => {
        made.push(value);
        return Promise.resolve(value);
      });
    expect(await Promise.all([get('four'), get('four'), get('five5')])).toEqual(['four', 'four', 'five5']);
    await get('four');
    expect([made, kept.bytes]).toEqual([['four', 'five5'], 9]);
    // `five5` was asked for longest ago.
    await get('six');
    expect([kept.bytes, kept.has('four'), kept.has('five5')]).toEqual([7, true, false]);
    await get('five5');
    expect(made).toEqual(['four', 'five5', 'six', 'five5']);
  });

  it('never holds more than its limit, nor what is larger than it', async () => {
    const kept = cache(10);
    for (let length = 1; length <= 12; length++) {
      expect(await kept.get(String(length), make('x'.repeat(length)))).toHaveLength(length);
      expect(kept.bytes).toBeLessThanOrEqual(10);
    }
    expect([kept.has('12'), kept.bytes]).toEqual([false, 0]);
  });

  it('keeps no failure', async () => {
    const kept = cache(10);
    await expect(kept.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await kept.get('a', make('back'))).toBe('back');
  });
});

it('all totals are written with the first point of a day, which may be the oldest that is kept', () => {
  const keyframes = new Keyframes(new Date('2026-03-01T23:50:00Z'), 0);
  expect(keyframes.isDue(new Date('2026-03-01T23:59:59.999Z'), 1, 1000)).toBe(false);
  expect(keyframes.isDue(new Date('2026-03-02T00:00:00Z'), 1, 1000)).toBe(true);
});

describe('totals in memory', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await startFixture(18);
    await fixture.server.query('create table counted ()');
  });
  afterAll(() => fixture?.stop());

  it('are those of the state database after a reset and another leader', async () => {
    const points: Date[] = [];
    const answer = async (store: Store, place: number): Promise<unknown> => {
      const range = { from: points[place], to: points.at(-1)! };
      return listStatements(store, { target: TARGET, ...range, sort: 'load', order: 'desc', page: 1, pageSize: 500 });
    };
    const run = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time++) await fixture.server.query('select count(*) from counted');
      points.push(await fixture.point());
      // Everything that there is by now is in memory.
      for (let place = 0; place < points.length - 1; place++) await answer(fixture.store, place);
    };
    await run(1);
    await run(2);
    await fixture.server.query('select pg_stat_statements_reset()');
    await run(3);
    await fixture.takeOver();
    await run(4);
    const fresh = new Store(dsn(fixture.state.runtime));
    try {
      for (let place = 0; place < points.length - 1; place++) {
        expect(await answer(fixture.store, place)).toEqual(await answer(fresh, place));
      }
    } finally {
      await fresh.close();
    }
    const { calls } = fixture.find(await fixture.window(points[0], points[3]), 'from counted').figures;
    expect(calls).toBe(9);
  });
});
