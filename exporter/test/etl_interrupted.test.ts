/** A load that is killed, cut off, stopped or doubled leaves what an undisturbed one leaves, once it is repeated. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PostgresMajor, type PostgresServer, startPostgres } from '../../demo/servers/index.ts';
import { openSession, until } from './support/database.ts';
import { contentsOf, createMusicDb, type Etl, runEtl, runsOf, startEtl, writeTracks } from './support/etl.ts';

const ROWS = 12_000;
const directory = mkdtempSync(join(tmpdir(), 'pgvigil-etl-'));
const file = join(directory, 'tracks.csv');
const started: Etl[] = [];

beforeAll(() => void writeTracks(file, ROWS, { faultEvery: 33 }));
afterEach(() => started.splice(0).forEach(({ process }) => process.kill('SIGKILL')));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const MAJORS: readonly PostgresMajor[] = [14, 18];
describe.each(MAJORS)('PostgreSQL %s', (major) => {
  let server: PostgresServer;
  let undisturbed: Record<string, unknown>;
  let db: string;
  let name = '';
  let n = 0;

  const begin = (): Etl => {
    const etl = startEtl(file, '--db', db, '--batch', '250');
    started.push(etl);
    return etl;
  };
  const run = async () => (await runsOf(server, name)).at(-1);
  const untilRead = (rows: number): Promise<void> =>
    until(`${rows} rows read`, async () => ((await run())?.read ?? 0) >= rows, 60);
  /** What is in the tables is what the log says, no more and no less. */
  const expectConsistent = async (): Promise<void> => {
    const contents = await contentsOf(server, name);
    const log = (await run())!;
    expect([contents.tracks, contents.rejects]).toEqual([log.inserted, log.rejected]);
    expect(log.read).toBe(log.inserted + log.rejected);
  };
  const expectFinished = async (): Promise<void> => {
    const { status, out } = await runEtl(file, '--db', db, '--batch', '400');
    expect(out).toContain('Run 1 done: 12,000 rows read, 11,637 inserted, 0 updated, 0 unchanged, 363 rejected');
    expect(status).toBe(0);
    expect(await contentsOf(server, name)).toEqual(undisturbed);
    expect(await runsOf(server, name)).toHaveLength(1);
  };

  beforeAll(async () => {
    server = await startPostgres({ major });
    await runEtl(file, '--db', await createMusicDb(server, 'undisturbed'));
    undisturbed = await contentsOf(server, 'undisturbed');
    expect(undisturbed).toMatchObject({ tracks: 11_637, rejects: 363 });
  });
  beforeEach(async () => {
    name = `music${n++}`;
    db = await createMusicDb(server, name);
  });
  afterAll(() => server?.stop());

  it('goes on after kill -9, again and again', async () => {
    for (let killed = 0; killed < 3; killed++) {
      const etl = begin();
      await untilRead(((await run())?.read ?? 0) + 1 + Math.floor(Math.random() * 2500));
      etl.process.kill('SIGKILL');
      await etl.ended;
      await until('its sessions are gone', async () => (await sessions(server)).length === 0);
      expect((await run())!.state).toBe('running');
      await expectConsistent();
    }
    await expectFinished();
  });

  it('says that the server has ended it, and goes on', async () => {
    const etl = begin();
    await untilRead(3000);
    const [{ pid }] = await sessions(server);
    await server.query(`select pg_terminate_backend(${pid})`);
    const { status, err } = await etl.ended;
    expect(err).toMatch(/run 1 failed: .*(terminat|closed).*The same command goes on where the last batch ended/s);
    expect(status).toBe(1);
    expect(await run()).toMatchObject({ state: 'failed', error: expect.any(String) as string });
    await expectConsistent();
    await expectFinished();
  });

  it('survives the end of the server', async () => {
    const etl = begin();
    await untilRead(3000);
    await server.restart('immediate');
    expect((await etl.ended).status).toBe(1);
    await expectConsistent();
    await expectFinished();
  });

  it('stops at Ctrl-C behind a whole batch, and goes on', async () => {
    const etl = begin();
    await untilRead(1000);
    etl.process.kill('SIGINT');
    const { status, out, err } = await etl.ended;
    expect(err).toContain('Interrupted. The same command goes on');
    expect(out).toContain('Run 1 interrupted');
    expect(status).toBe(1);
    expect((await run())!.read).toBeLessThan(ROWS);
    await expectConsistent();
    await expectFinished();
  });

  it('refuses a second load of the same file, naming the first', async () => {
    // Holds the first one up in the middle of a batch.
    const blocker = await openSession(server.url(name));
    await blocker.query(`begin; insert into musicdb.tracks (external_id, title, source) values ('t:5000', 'x', 'x')`);
    const first = begin();
    await untilRead(4500);
    const second = await runEtl(file, '--db', db);
    expect(second.err).toMatch(
      /is being loaded already, by run 1: user postgres at .*, session \d+\..*pg_terminate_backend/s,
    );
    expect(second.status).toBe(1);
    await blocker.query('rollback');
    await blocker.end();
    expect((await first.ended).status).toBe(0);
    expect(await contentsOf(server, name)).toEqual(undisturbed);
  });

  it('does not count a batch twice when it has lost its run to another', async () => {
    const blocker = await openSession(server.url(name));
    await blocker.query(`begin; insert into musicdb.tracks (external_id, title, source) values ('t:5000', 'x', 'x')`);
    const first = begin();
    await untilRead(4500);
    // The session with the lock is gone, and its process has not noticed yet: another one moves the run on.
    await server.query('update musicdb.ingestion_log set position_bytes = position_bytes + 1', name);
    await blocker.query('rollback');
    await blocker.end();
    const { status, err } = await first.ended;
    expect(err).toMatch(/run 1 does not stand at byte \d+ any more/);
    expect(status).toBe(1);
    await expectConsistent();
  });

  it('marks what a kill left behind, whichever file comes next', async () => {
    const etl = begin();
    await untilRead(1000);
    etl.process.kill('SIGKILL');
    await etl.ended;
    await until('its sessions are gone', async () => (await sessions(server)).length === 0);
    const other = join(directory, 'other.csv');
    writeTracks(other, 10);
    await runEtl(other, '--db', db);
    expect((await runsOf(server, name)).map(({ state }) => state)).toEqual(['interrupted', 'done']);
  });

  it('takes a deadlock as a reason to try again', async () => {
    const insert = (row: number): string =>
      `insert into musicdb.tracks (external_id, title, source) values ('t:${row}', 'x', 'x')`;
    // The load shall be the one that looks for a deadlock, so it must be the last to wait: this holds it up till then.
    const gate = await openSession(server.url(name));
    await gate.query(`begin; ${insert(5050)}`);
    const rival = await openSession(server.url(name));
    await rival.query(`set deadlock_timeout = '1h'; begin; ${insert(5100)}`);
    const etl = begin();
    await until('it waits at the gate', async () => (await waiting(server, 'pgvigil etl')) > 0, 60);
    const ofRival = rival.query(insert(5010));
    await until('the rival waits', async () => (await waiting(server, 'test')) > 0);
    await gate.query('rollback');
    await ofRival;
    await rival.query('rollback');
    expect((await etl.ended).status).toBe(0);
    const [{ deadlocks }] = await server.query(`select deadlocks::int from pg_stat_database where datname = '${name}'`);
    expect(deadlocks).toBe(1);
    expect(await contentsOf(server, name)).toEqual(undisturbed);
    await gate.end();
    await rival.end();
  });
});

const sessions = (server: PostgresServer): Promise<{ pid: number }[]> =>
  server.query("select pid from pg_stat_activity where application_name = 'pgvigil etl' order by backend_start");

async function waiting(server: PostgresServer, applicationName: string): Promise<number> {
  const [{ count }] = await server.query<{ count: number }>(
    `select count(*)::int from pg_stat_activity where application_name = '${applicationName}' and wait_event_type = 'Lock'`,
  );
  return count;
}
