/** Each action on each major version: as the manual sets the login up, with exactly the grants listed, and without. */
import { POSTGRES_MAJORS } from '../../../demo/servers/index.ts';
import type { ParamValues } from '../../src/contract/index.ts';
import { openSession, until } from '../support/database.ts';
import { oidOf, type PostgresServer, prepareState, type Rig, startRig, startTarget } from './fixture.ts';
import { testGrants } from './grants.ts';
import { testMemory } from './memory.ts';

const TABLES = `
  set role shop_owner;
  create table shop.track (id int primary key, title text, played timestamptz);
  insert into shop.track select n, 'title ' || n, now() from generate_series(1, 20000) n;
  delete from shop.track where id % 3 = 0;
  create index track_title on shop.track (title);
  create index track_played on shop.track (played);
  create materialized view shop.genre as select id % 10 as id, count(*) from shop.track group by 1;
  create unique index on shop.genre (id);
  create materialized view shop.plain as select count(*) from shop.track`;

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let rig: Rig;
  const table = async (): Promise<ParamValues> => ({ table: await oidOf(server, 'shop.track') });

  beforeAll(async () => {
    server = await startTarget({ major, settings: { autovacuum: 'off' } });
    await server.query(TABLES);
    // On 14 they go through a process of their own.
    await until('statistics', async () => {
      const rows = await server.query("select from pg_stat_user_tables where relname = 'track' and n_dead_tup > 6000");
      return rows.length === 1;
    });
    await prepareState(server);
    rig = await startRig(server, { state: server });
  });
  afterAll(async () => {
    await rig?.close();
    await server?.stop();
  });

  it('vacuums, and counts the dead rows before and after', async () => {
    const job = await rig.complete('vacuum', await table());
    expect(job).toMatchObject({
      state: 'done',
      message: '',
      relation: { schema: 'shop', name: 'track', kind: 'table' },
    });
    // Before 17 only the owner may; from 17 on MAINTAIN is enough, and no role is taken.
    expect(job.statements).toEqual([...(major < 17 ? ['set role shop_owner'] : []), 'vacuum shop.track']);
    const dead = job.effect.find(({ title }) => title === 'Dead rows')!;
    expect(dead.before).toBeGreaterThan(6000);
    expect(dead.after).toBe(0);
  });

  it('vacuums and freezes', async () => {
    const job = await rig.complete('vacuum_freeze', await table());
    expect(job).toMatchObject({ state: 'done' });
    expect(job.effect[0].after!).toBeLessThan(10);
  });

  it('analyzes', async () => {
    const job = await rig.complete('analyze', await table());
    expect(job).toMatchObject({ state: 'done' });
    expect(job.effect[0]).toMatchObject({ before: 26666, after: 0 });
  });

  it('rebuilds an index and says how much smaller it is', async () => {
    const index = await oidOf(server, 'shop.track_title');
    const job = await rig.complete('reindex', { index });
    expect(job).toMatchObject({ state: 'done', verified: [{ state: 'ok' }, { state: 'ok' }, { state: 'ok' }] });
    expect(await oidOf(server, 'shop.track_title')).not.toBe(index);
    const [size] = job.effect;
    expect(size.after!).toBeLessThan(size.before!);
  });

  it('creates an index and drops it again', async () => {
    const made = await rig.complete('create_index', {
      ...(await table()),
      columns: [
        { name: 'played', order: 'desc', nulls: 'last' },
        { name: 'id', order: 'asc' },
      ],
      include: ['title'],
      predicate: { column: 'title', operator: '<>', value: "it's" },
    });
    expect(made).toMatchObject({ state: 'done', hint: '' });
    const [{ def }] = await server.query<{ def: string }>(
      "select pg_get_indexdef('shop.track_played_id_idx'::regclass) as def",
    );
    expect(def).toBe(
      `CREATE INDEX track_played_id_idx ON shop.track USING btree (played DESC NULLS LAST, id) INCLUDE (title) WHERE (title <> 'it''s'::text)`,
    );
    const dropped = await rig.complete('drop_index', { index: await oidOf(server, 'shop.track_played_id_idx') });
    expect(dropped).toMatchObject({ state: 'done' });
    expect(await server.query("select to_regclass('shop.track_played_id_idx') as oid")).toEqual([{ oid: null }]);
  });

  it('drops a leftover, and only a leftover', async () => {
    await server.query("update pg_index set indisvalid = false where indexrelid = 'shop.track_played'::regclass");
    const job = await rig.complete('drop_leftover', { index: await oidOf(server, 'shop.track_played') });
    expect(job).toMatchObject({ state: 'done' });
    const valid = rig.plan('drop_leftover', { index: await oidOf(server, 'shop.track_title') });
    await expect(valid).rejects.toThrow('shop.track_title is valid, so it is no leftover');
  });

  it('refreshes, concurrently where there is a unique index', async () => {
    const genre = await rig.complete('refresh_matview', { view: await oidOf(server, 'shop.genre') });
    expect(genre).toMatchObject({ state: 'done' });
    expect(genre.statements.at(-1)).toBe('refresh materialized view concurrently shop.genre');
    const plain = await rig.complete('refresh_matview', { view: await oidOf(server, 'shop.plain') });
    expect(plain).toMatchObject({ state: 'done' });
    expect(plain.statements.at(-1)).toBe('refresh materialized view shop.plain');
  });

  it('audits each with its statements, and serves their times as metrics', async () => {
    const { items } = await rig.jobs.audit({ page: 1, pageSize: 50 });
    expect(items.length).toBeGreaterThanOrEqual(9);
    expect(new Set(items.map(({ outcome }) => outcome))).toEqual(new Set(['done']));
    expect(items.at(-1)).toMatchObject({ login: 'ada', role: 'Admin', action: 'vacuum', target: 'shop' });
    const text = await rig.registry.metrics();
    expect(text).toMatch(/pgvigil_job_start_timestamp_seconds\{target="shop",action="vacuum"\} 1\d{9}/);
    expect(text).toMatch(/pgvigil_jobs_total\{target="shop",action="vacuum",outcome="done"\} 1/);
  });

  it('lets the role of the exporter add to the audit and read it, and nothing else', async () => {
    const exporter = await openSession(server.url('state', 'pgvigil_exporter'));
    const count = async (sql: string): Promise<unknown> =>
      (await exporter.query(`select count(*)::int as n ${sql}`))[0].n;
    try {
      const before = await count('from pgvigil_state.audit');
      expect(before).toBeGreaterThan(0);
      for (const sql of [
        "update pgvigil_state.audit set login = 'nobody'",
        'delete from pgvigil_state.audit',
        'truncate pgvigil_state.audit',
        'drop table pgvigil_state.audit',
        'alter table pgvigil_state.audit add column x int',
        'alter table pgvigil_state.audit disable trigger all',
        'create index on pgvigil_state.audit (login)',
        'drop schema pgvigil_state cascade',
        'set role pgvigil_state_owner',
        `insert into pgvigil_state.audit (event_id, entry, at, event, login, role, action, title, target, database_name, statements)
           select event_id, entry, at, event, login, role, action, title, target, database_name, statements from pgvigil_state.audit
           on conflict (event_id) do update set login = 'nobody'`,
      ]) {
        await expect(exporter.query(sql)).rejects.toMatchObject({ code: '42501' });
      }
      expect(await count('from pgvigil_state.audit')).toBe(before);
      const owned = "from pg_class where relowner in ('pgvigil_exporter'::regrole, 'pgvigil_state'::regrole)";
      expect(await count(owned)).toBe(0);
    } finally {
      await exporter.end();
    }
  });

  describe('a refresh', () =>
    testMemory(
      major,
      () => server,
      () => rig,
    ));

  describe('without a grant', () => {
    const grantsOf = async (action: string, params: ParamValues): Promise<{ message: string; cure: string }> => {
      const plan = await rig.plan(action, params);
      expect(plan.runnable).toBe(false);
      return plan.preconditions.find(({ state }) => state === 'missing')!;
    };

    it('of the owner: says so, and the cure cures it', async () => {
      await server.query('revoke shop_owner from pgvigil_owners; revoke usage on schema shop from pgvigil_maintain');
      const index = { index: await oidOf(server, 'shop.track_title') };
      const owned = await grantsOf('drop_index', index);
      expect(owned.message).toBe('only its owner may do this to shop.track, and operator may not become shop_owner');
      expect(owned.cure).toContain('grant shop_owner to pgvigil_owners;');
      const maintained = await grantsOf('vacuum', await table());
      await server.query(maintained.cure);
      expect((await rig.plan('vacuum', await table())).runnable).toBe(true);
      await server.query(owned.cure);
      expect((await rig.plan('drop_index', index)).runnable).toBe(true);
      await server.query('grant usage on schema shop to pgvigil_maintain');
    });

    it('of CREATE on the schema', async () => {
      await server.query('alter schema shop owner to postgres; grant usage on schema shop to shop_owner');
      const params = { ...(await table()), columns: [{ name: 'title', order: 'asc' as const }] };
      const missing = await grantsOf('create_index', params);
      expect(missing.message).toBe('the owner shop_owner may create nothing in the schema');
      await server.query(missing.cure);
      expect((await rig.plan('create_index', params)).runnable).toBe(true);
      await server.query('alter schema shop owner to shop_owner');
    });

    it('refuses to run what is not runnable, and audits that', async () => {
      await server.query('revoke shop_owner from pgvigil_owners');
      const plan = await rig.plan('drop_index', { index: await oidOf(server, 'shop.track_title') });
      await expect(rig.jobs.run('drop_index', plan.id, { login: 'eve', role: 'Admin' })).rejects.toMatchObject({
        code: 'conflict',
      });
      const { items } = await rig.jobs.audit({ page: 1, pageSize: 1 });
      expect(items[0]).toMatchObject({ login: 'eve', outcome: 'refused', action: 'drop_index' });
      await server.query('grant shop_owner to pgvigil_owners');
    });
  });

  describe('a login that is no member of pgvigil_maintain', () => testGrants(major, () => server));

  it('needs no superuser, and none of the rights of an owner outside the job', async () => {
    const [role] = await server.query(
      `select rolsuper, pg_has_role('operator', 'shop_owner', 'USAGE') as inherits from pg_roles where rolname = 'operator'`,
    );
    expect(role).toEqual({ rolsuper: false, inherits: false });
  });
});
