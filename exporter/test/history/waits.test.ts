/** The history of waits: its figures are those of the samples, for short windows and long ones, and gaps are gaps. */
import { RecordingSession } from '../../src/history/session.ts';
import { toEntries } from '../../src/history/codec.ts';
import { WaitRecorder } from '../../src/history/wait_recorder.ts';
import { insertPoint, type NewWait } from '../../src/history/writer.ts';
import { sessionsAt, waitHistory } from '../../src/history/window.ts';
import { holdLock, openSession, type Session, until } from '../support/database.ts';
import { dsn, type Fixture, startFixture, TARGET } from './fixture.ts';

let fixture: Fixture;
const sessions: Session[] = [];
beforeAll(async () => {
  fixture = await startFixture(18);
  await fixture.server.query('create table held (id int); insert into held values (1)');
});
afterAll(async () => {
  for (const session of sessions) await session.end();
  await fixture?.stop();
});

test('who waited for what, and for whose statement, as often as it was seen', async () => {
  const { server, store } = fixture;
  const from = await fixture.point();
  const holder = await holdLock(server, 'update held set id = 2');
  const waiting = await openSession(server.url());
  sessions.push(holder, waiting);
  waiting.query('update held set id = 3').catch(() => undefined);
  const waits = `select from pg_stat_activity where pid = ${waiting.pid} and wait_event_type = 'Lock'`;
  await until('one waits for the other', async () => (await server.query(waits)).length === 1);
  for (let look = 0; look < 3; look++) await fixture.sample();
  const to = await fixture.point();

  const { totals, points, stepSeconds, sampleSeconds, window } = await waitHistory(store, TARGET, { from, to });
  // The holder idles in its transaction: that is no wait.
  expect(totals).toEqual([
    { type: 'Lock', seconds: 3, sessions: expect.closeTo((3 / (+to - +from)) * 1000, 6) as number },
  ]);
  expect([sampleSeconds, window.gapSeconds]).toEqual([1, 0]);
  const length = (at: string): number => Math.min(stepSeconds, (+to - Date.parse(at)) / 1000);
  expect(points.reduce((sum, { at, waits }) => sum + (waits!.Lock ?? 0) * length(at), 0)).toBeCloseTo(3, 6);
  expect((await waitHistory(store, TARGET, { from, to }, 'template1')).totals).toEqual([]);
  expect((await waitHistory(store, TARGET, { from, to }, 'postgres')).totals).toHaveLength(1);

  const past = await sessionsAt(store, TARGET, new Date((+from + +to) / 2));
  expect(past.interval).toEqual({ from: from.toISOString(), to: to.toISOString() });
  const update = 'update held set id = $1';
  expect(
    past.items.map(({ state, text, waitType, blockedByText }) => ({ state, text, waitType, blockedByText })),
  ).toEqual(
    expect.arrayContaining([
      { state: 'active', text: update, waitType: 'Lock', blockedByText: update },
      { state: 'idle in transaction', text: update, waitType: null, blockedByText: null },
    ]),
  );
  expect((await sessionsAt(store, TARGET, new Date(+from - 1))).interval).toBeNull();
  expect((await sessionsAt(store, TARGET, new Date(+to + 1))).interval).toBeNull();
  expect((await sessionsAt(store, TARGET, to, 'template1')).items).toEqual([]);
});

/** What a day and a half of samples would have left, of a server that was away for two hours. */
describe('a long window', () => {
  const NAME = 'long ago';
  const STEP_MS = 600_000;
  const HOUR_MS = 3_600_000;
  const from = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 40 * HOUR_MS);
  const after = (hours: number): Date => new Date(from.getTime() + hours * HOUR_MS);
  const expected: Record<string, number> = { IO: 0, Lock: 0, Client: 0 };
  const wait = (waitType: string, application = ''): NewWait => ({
    queryId: '42',
    database: waitType === 'Lock' ? 'other' : 'shop',
    user: 'app',
    application,
    state: 'active',
    waitType,
    waitEvent: 'x',
    blockedBy: null,
  });

  beforeAll(async () => {
    const { server, state } = fixture;
    await server.query(
      `select pgvigil_state.prepare_days('${from.toISOString()}'::date, current_date + 1)`,
      state.database,
    );
    const session = await RecordingSession.open(dsn(state.runtime));
    const [{ id: target }] = await session.query<{ id: number }>(
      `insert into pgvigil_state.target (name) values ('${NAME}') returning id`,
    );
    const recorder = await WaitRecorder.load(session.query, target);
    const nothing = toEntries('statement', []);
    let previous: Date | null = null;
    for (let at = from; at <= after(36); at = new Date(at.getTime() + STEP_MS)) {
      const hour = (at.getTime() - from.getTime()) / HOUR_MS;
      if (hour > 10 && hour < 12) continue;
      const gap = hour === 12;
      const see = (seen: NewWait, seconds: number): void => {
        recorder.add([{ ...seen, sessions: 1 }], seconds);
        if (previous !== null && !gap) expected[seen.waitType] += seconds;
      };
      see(wait('IO'), 60);
      // Done in the middle of an hour; and again much later, when its first life has ended.
      if ((hour > 3.2 && hour < 3.8) || (hour > 20.2 && hour < 20.8)) see(wait('Lock'), 30);
      // So many that keyframes are rare.
      if (Number.isInteger(hour)) for (let n = 0; n < 40; n++) see(wait('Client', `web ${n}`), 1);
      const point = { target, at, previous, gap, facts: { sampleSeconds: 1 } };
      await session.transaction(async (query) => {
        const statements = { keyframe: true, entries: nothing, ended: null, notes: [] };
        await insertPoint(query, { ...point, ...statements, stream: 'statement' });
        await recorder.write(query, point);
      });
      recorder.committed();
      previous = at;
    }
    session.close();
    await session.ended;
  });

  const secondsOf = async (range: { from: Date; to: Date }, database?: string): Promise<Record<string, number>> => {
    const { totals } = await waitHistory(fixture.store, NAME, range, database);
    return Object.fromEntries(totals.map(({ type, seconds }) => [type, seconds]));
  };

  test('of keyframes has the seconds of all samples, and its gap', async () => {
    const [{ keyframes, ended }] = await fixture.server.query<{ keyframes: number; ended: number }>(
      `select count(*) filter (where p.keyframe)::int as keyframes, max(p.endings)::int as ended
         from pgvigil_state.point p join pgvigil_state.target t on t.id = p.target
        where t.name = '${NAME}' and p.stream = 'wait'`,
      fixture.state.database,
    );
    // Otherwise this would be about points.
    expect(keyframes).toBeLessThan(60);
    expect(ended).toBe(1);
    const range = { from, to: after(36) };
    const { points, stepSeconds, totals, window } = await waitHistory(fixture.store, NAME, range);
    expect(Object.fromEntries(totals.map(({ type, seconds }) => [type, seconds]))).toEqual(expected);
    expect([stepSeconds, window.gapSeconds]).toEqual([1800, 2 * 3600]);
    expect(points.flatMap(({ waits }, step) => (waits === null ? [step / 2] : []))).toEqual([10, 10.5, 11, 11.5]);
    expect(totals.find(({ type }) => type === 'IO')!.sessions).toBeCloseTo(expected.IO / (34 * 3600), 9);
    expect(await secondsOf(range, 'other')).toEqual({ Lock: expected.Lock });
  });

  test('is the sum of short ones', async () => {
    const sums: Record<string, number> = {};
    for (let hour = 0; hour < 36; hour += 6) {
      const found = await secondsOf({ from: after(hour), to: after(hour + 6) });
      for (const [type, seconds] of Object.entries(found)) sums[type] = (sums[type] ?? 0) + seconds;
    }
    expect(sums).toEqual(expected);
  });
});
