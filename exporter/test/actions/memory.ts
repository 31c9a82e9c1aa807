/** What pgvigil's functions hear of the refreshes that are run as actions: the view is stale no more, or still is. */
import type { ActionPlan } from '../../src/contract/index.ts';
import { holdLock, openSession, until } from '../support/database.ts';
import { applySql } from '../support/sql.ts';
import { oidOf, type PostgresServer, type Rig, startRig, waitsForLock } from './fixture.ts';

/** Longer than a test: a wait in the middle of a refresh is no reason to begin it anew. */
const ONE_TRY = 600;

/** In the schema of the actions' test, after its tests of single actions. */
export function testMemory(major: number, getServer: () => PostgresServer, getRig: () => Rig): void {
  let server: PostgresServer;
  let rig: Rig;
  beforeAll(() => {
    server = getServer();
    rig = getRig();
  });

  const plan = async (view: string): Promise<ActionPlan> =>
    rig.plan('refresh_matview', { view: await oidOf(server, view) });
  const memoryOf = ({ preconditions }: ActionPlan) => preconditions.find(({ title }) => title === 'Remembered')!;
  const refreshed = async (view: string): Promise<readonly string[]> => {
    const job = await rig.complete('refresh_matview', { view: await oidOf(server, view) });
    expect(job).toMatchObject({ state: 'done', message: '' });
    return job.statements;
  };
  const record = async (view: string): Promise<Record<string, unknown> | undefined> =>
    (
      await server.query<Record<string, unknown>>(
        `select last_method, refreshes::int, failures::int, last_error from pgvigil.matview_refresh
          where relid = '${view}'::regclass`,
      )
    )[0];
  const stale = async (view: string): Promise<boolean | null> =>
    (
      await server.query<{ stale: boolean | null }>(
        `select stale from pgvigil.matview_staleness() where schemaname || '.' || matviewname = '${view}'`,
      )
    )[0].stale;
  const becomes = (view: string, state: boolean): Promise<void> =>
    until(`${view} ${state ? 'is stale' : 'is not stale'}`, async () => (await stale(view)) === state);

  it('is run where nothing remembers it, and the plan says so with the cure', async () => {
    const unknown = await plan('shop.genre');
    expect(unknown.runnable).toBe(true);
    expect(memoryOf(unknown)).toMatchObject({
      state: 'warn',
      message: expect.stringContaining('its functions are not installed in this database') as unknown,
      cure: 'Run pgvigil sql install --db … for database postgres, and plan it again.',
    });
    expect(await refreshed('shop.genre')).toEqual([
      ...(major < 17 ? ['set role shop_owner'] : []),
      'refresh materialized view concurrently shop.genre',
    ]);
    await applySql(server, 'postgres', '50_matviews.sql', '51_matview_refresh.sql');
    expect(memoryOf(await plan('shop.genre'))).toMatchObject({ state: 'ok' });
  });

  it('ends the staleness, in a plain way and concurrently', async () => {
    const oid = await oidOf(server, 'shop.genre');
    const asOwner = major < 17;
    expect(await refreshed('shop.genre')).toEqual([
      [
        `select pgvigil.matview_refresh_begins(${oid})`,
        ...(asOwner ? ['set role shop_owner'] : []),
        'refresh materialized view concurrently shop.genre',
        ...(asOwner ? ['reset role'] : []),
        `select pgvigil.matview_refresh_ends(${oid}, 'concurrently')`,
      ].join(';\n'),
    ]);
    await refreshed('shop.plain');
    const first = { refreshes: 1, failures: 0, last_error: null };
    expect(await record('shop.genre')).toEqual({ ...first, last_method: 'concurrently' });
    expect(await record('shop.plain')).toEqual({ ...first, last_method: 'plain' });
    await server.query('update shop.track set title = title where id = 1');
    for (const view of ['shop.genre', 'shop.plain']) {
      await becomes(view, true);
      await refreshed(view);
      expect([view, await stale(view)]).toEqual([view, false]);
    }
    // The other way finds what this one has left.
    expect(
      await server.query<{ outcome: string }>("select outcome from pgvigil.refresh_matview('shop.genre')"),
    ).toEqual([{ outcome: 'skipped: unchanged' }]);
  });

  it('leaves it stale by what came while it ran', async () => {
    const patient = await startRig(server, { state: server, timings: { lockTrySeconds: ONE_TRY } });
    const writer = await holdLock(server, 'lock table shop.track in access exclusive mode');
    try {
      // Long enough after its last report that it reports with its commit.
      await writer.query(`insert into shop.track values (900001, 'late', now()); select pg_sleep(1.1)`);
      const { id } = await patient.start('refresh_matview', { view: await oidOf(server, 'shop.plain') });
      // It has its snapshot, and waits to read the table.
      await until('it waits for the writer', () => waitsForLock(patient, id));
      await writer.query('commit');
      expect(await patient.ended(id)).toMatchObject({ state: 'done' });
      // A session that is idle reports late, before PostgreSQL 15 never.
      await until('shop.plain is stale', async () => {
        await writer.query('select');
        return (await stale('shop.plain')) === true;
      });
    } finally {
      await writer.end();
      await patient.close();
    }
    await refreshed('shop.plain');
    expect(await stale('shop.plain')).toBe(false);
  });

  it('that fails leaves the memory as it was', async () => {
    await server.query(`set role shop_owner; create table shop.divisor (n int); insert into shop.divisor values (1);
      create materialized view shop.quotient as select 1 / n as q from shop.divisor`);
    await refreshed('shop.quotient');
    await server.query('insert into shop.divisor values (0)');
    await becomes('shop.quotient', true);
    const job = await rig.complete('refresh_matview', { view: await oidOf(server, 'shop.quotient') });
    expect(job).toMatchObject({ state: 'failed', message: expect.stringContaining('division by zero') as unknown });
    expect(await record('shop.quotient')).toMatchObject({ refreshes: 1 });
    expect(await stale('shop.quotient')).toBe(true);
  });

  it('is run as ever where the login may not write it down, or a stranger owns what would', async () => {
    await server.query('revoke insert on pgvigil.matview_refresh from pgvigil_maintain');
    const forbidden = await plan('shop.genre');
    expect(forbidden.runnable).toBe(true);
    expect(memoryOf(forbidden)).toMatchObject({ state: 'warn', cure: 'grant pgvigil_maintain to operator;' });
    expect(memoryOf(forbidden).message).toContain('operator may not call or write what remembers it');
    const before = await record('shop.genre');
    await refreshed('shop.genre');
    expect(await record('shop.genre')).toEqual(before);
    await server.query('grant insert on pgvigil.matview_refresh to pgvigil_maintain');

    await server.query('create role stranger; alter table pgvigil.matview_refresh owner to stranger');
    const strange = memoryOf(await plan('shop.genre'));
    expect(strange.message).toContain('they belong to stranger, whose code would run with the rights of operator');
    await server.query(strange.cure.replace(/^.*: /, ''));
    expect(memoryOf(await plan('shop.genre'))).toMatchObject({ state: 'ok' });
    await server.query(`revoke pgvigil_maintain from stranger; alter table pgvigil.matview_refresh owner to postgres;
      drop role stranger`);
  });

  it('is remembered by nobody who did not begin it', async () => {
    const operator = await openSession(server.url('postgres', 'operator'));
    try {
      const ends = `select pgvigil.matview_refresh_ends(${await oidOf(server, 'shop.genre')}, 'plain')`;
      await expect(operator.query(ends)).rejects.toThrow('was begun in this session');
      await operator.query(`select pgvigil.matview_refresh_begins(${await oidOf(server, 'shop.plain')})`);
      await expect(operator.query(ends)).rejects.toThrow('was begun in this session');
    } finally {
      await operator.end();
    }
  });
}
