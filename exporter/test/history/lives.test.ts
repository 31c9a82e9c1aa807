/** Counters that are reset, evicted or lost: nothing that was seen is lost, and nothing is counted twice. */
import pg from 'pg';
import { openSession, until } from '../support/database.ts';
import { type Fixture, startFixture } from './fixture.ts';

/** 14 has no times of its own for each statement; 18 has. */
describe.each([14, 18] as const)('PostgreSQL %s', (major) => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await startFixture(major);
    // Statements are told apart by their tables; names of columns would not do.
    for (const table of ['resets', 'forgotten', 'rare', 'steady', 'handed_over']) {
      await fixture.server.query(`create table ${table} ()`);
    }
  });
  afterAll(() => fixture?.stop());

  const run = async (text: string, times: number): Promise<void> => {
    const client = new pg.Client({ connectionString: fixture.server.url() });
    await client.connect();
    for (let time = 0; time < times; time++) await client.query(text);
    await client.end();
  };
  const callsOf = async (from: Date, to: Date, text: string): Promise<number> =>
    fixture.find(await fixture.window(from, to), text).figures.calls;
  const notesOf = async (from: Date, to: Date): Promise<string> =>
    (await fixture.window(from, to)).window.notes.join('; ');

  it('goes on counting when one statement is reset', async () => {
    await run('select count(*) from resets', 5);
    const from = await fixture.point();
    await run('select count(*) from resets', 7);
    await fixture.point();
    await fixture.server.query(
      `select pg_stat_statements_reset(0, 0, queryid) from pg_stat_statements where query like '%from resets'`,
    );
    await run('select count(*) from resets', 3);
    const to = await fixture.point();
    expect(await callsOf(from, to, 'from resets')).toBe(10);
    expect(await notesOf(from, to)).toMatch(/1 statement was reset/);
  });

  it('goes on counting when all are reset, even where a counter has grown past what it was', async () => {
    await run('select count(*) from forgotten', 2);
    const from = await fixture.point();
    await fixture.server.query('select pg_stat_statements_reset()');
    await run('select count(*) from forgotten', 9);
    const to = await fixture.point();
    expect(await callsOf(from, to, 'from forgotten')).toBe(9);
    expect(await notesOf(from, to)).toMatch(/pg_stat_statements was reset/);
    await run('select count(*) from forgotten', 4);
    expect(await callsOf(from, await fixture.point(), 'from forgotten')).toBe(13);
  });

  it('loses nothing when the server restarts, nor counts again what it kept', async () => {
    const from = await fixture.point();
    await run('select count(*) from steady', 6);
    await fixture.point();
    await fixture.server.restart('fast');
    await run('select count(*) from steady', 2);
    // The connection that recorded went with the server: its own state database is there as well.
    await fixture.takeOver();
    const kept = await fixture.point();
    expect(await callsOf(from, kept, 'from steady')).toBe(8);
    expect(await notesOf(from, kept)).toMatch(/the server restarted/);
    const victim = await openSession(fixture.server.url());
    process.kill(victim.pid, 'SIGKILL');
    await until('the server has recovered, without its counters', async () => {
      const session = await openSession(fixture.server.url()).catch(() => undefined);
      const rows = await session
        ?.query(`select from pg_stat_statements where query like '%from steady'`)
        .catch(() => undefined);
      await session?.end();
      return rows?.length === 0;
    });
    await run('select count(*) from steady', 20);
    await fixture.takeOver();
    const lost = await fixture.point();
    expect(await callsOf(from, lost, 'from steady')).toBe(28);
    expect(await notesOf(kept, lost)).toMatch(/was reset, or the server crashed/);
  });

  it('goes on where another exporter stopped', async () => {
    await run('select count(*) from handed_over', 4);
    const from = await fixture.point();
    await run('select count(*) from handed_over', 5);
    await fixture.point();
    await fixture.takeOver();
    await run('select count(*) from handed_over', 6);
    const to = await fixture.point();
    expect(await callsOf(from, to, 'from handed_over')).toBe(11);
    expect(await notesOf(from, to)).toBe('');
  });

  describe('with room for 100 statements', () => {
    const roomy = (): Fixture => before;
    let before: Fixture;
    beforeAll(async () => {
      before = fixture;
      fixture = await startFixture(major, { 'pg_stat_statements.max': '100' });
      await fixture.server.query('create table rare ()');
    });
    afterAll(async () => {
      await fixture?.stop();
      fixture = roomy();
    });

    /** The server keeps what was called most; what is called so often is not evicted by all else that runs here. */
    const FEW = 5;
    const MORE = 20;
    const MOST = 100;

    it('keeps what was evicted, and counts what comes back', async () => {
      const from = await fixture.point();
      await run('select count(*) from rare', FEW);
      const seen = await fixture.point();
      for (let width = 1; width < 120; width++) {
        const filler = `select ${Array(width).fill('1').join(', ')}`;
        await fixture.server.query(Array(MORE).fill(filler).join(';'));
      }
      const evicted = await fixture.point();
      const left = await fixture.server.query(`select from pg_stat_statements where query like '%from rare'`);
      expect(left).toEqual([]);
      await run('select count(*) from rare', MOST);
      const to = await fixture.point();
      expect(await callsOf(from, seen, 'from rare')).toBe(FEW);
      expect(await callsOf(from, evicted, 'from rare')).toBe(FEW);
      expect(await callsOf(from, to, 'from rare')).toBe(FEW + MOST);
      expect(await callsOf(evicted, to, 'from rare')).toBe(MOST);
      expect(await notesOf(from, to)).toMatch(/statements were evicted: pg_stat_statements.max is too low/);
    });
  });
});
