/** What needs doing, by name, with the action that does it; with the functions of schema pgvigil and without. */
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import type { Finding } from '../../src/contract/index.ts';
import { type ApiExporter, call, startApi } from '../support/api.ts';
import { holdLock, openSession, until } from '../support/database.ts';
import { applySql } from '../support/sql.ts';
import { installAdvisors } from '../sql/advisors.ts';

const SETUP = `
  create table dead (id int primary key, n int);
  insert into dead select i, 0 from generate_series(1, 2000) i;
  analyze dead;
  update dead set n = 1;
  create table never (id int);
  insert into never select generate_series(1, 1500);
  create table few (id int);
  insert into few select generate_series(1, 900);
  create table lazy (id int) with (autovacuum_analyze_threshold = 100000);
  insert into lazy select generate_series(1, 1500);
  create table tiny (id int primary key, n int);
  insert into tiny select i, 0 from generate_series(1, 10) i;
  analyze tiny;
  update tiny set n = 1;
  update tiny set n = 2;
  update tiny set n = 3;
  update tiny set n = 4;
  update tiny set n = 5;
  update tiny set n = 6;
  update tiny set n = 7;
  create table changed (id int primary key);
  insert into changed select generate_series(1, 1000);
  vacuum analyze changed;
  delete from changed where id <= 100;
  insert into changed select generate_series(2000, 2200);
  create table parts (id int) partition by range (id);
  create table parts_1 partition of parts for values from (0) to (10000);
  insert into parts select generate_series(1, 1500);
  vacuum analyze parts_1;
  create table old (id int) with (autovacuum_freeze_max_age = 100000);
  insert into old select generate_series(1, 1500);
  vacuum analyze old;
  create table young (id int) with (autovacuum_freeze_max_age = 100000);
  create table dup (a int);
  insert into dup values (1), (1);
  create materialized view empty as select 1 as one with no data;
  create table wide (a int, b int);
  insert into wide select i, i from generate_series(1, 20000) i;
  create index wide_a on wide (a);
  create index wide_a_b on wide (a, b);
  vacuum analyze wide;
  create index few_id on few (id);
  create index few_again on few (id);
  create table quiet (id int primary key);
  insert into quiet select generate_series(1, 1000);
  vacuum analyze quiet;
  create materialized view seen as select count(*) from quiet`;

/** Transactions pass until the table is of an age at which autovacuum would freeze it. */
const AGE = 'do $$ begin for i in 1..95000 loop perform txid_current(); commit; end loop; end $$';

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let exporter: ApiExporter;
  beforeAll(async () => {
    server = await startPostgres({ major, settings: { autovacuum: 'off', synchronous_commit: 'off' } });
    await server.query('create role monitor login; grant pg_monitor to monitor');
    for (const database of ['plain', 'full_']) await server.query(`create database ${database}`);
    for (const database of ['plain', 'full_']) {
      for (const sql of SETUP.split(';')) await server.query(sql, database);
      const session = await openSession(server.url(database));
      await session.query('create unique index concurrently dup_a on dup (a)').catch(() => undefined);
      await session.end();
    }
    await server.query(AGE);
    await installAdvisors(server, 'full_');
    await applySql(server, 'full_', '50_matviews.sql', '51_matview_refresh.sql');
    await server.query("select * from pgvigil.refresh_matview('seen')", 'full_');
    await server.query('insert into quiet values (5000)', 'full_');
    await until('the server has counted the change', async () => {
      const [{ stale }] = await server.query<{ stale: boolean }>(
        "select stale from pgvigil.matview_staleness() where matviewname = 'seen'",
        'full_',
      );
      return stale;
    });
    await server.query('grant pgvigil_monitor to monitor');
    exporter = await startApi({ env: { DATA_SOURCE_NAME: server.url('plain', 'monitor') } });
  });
  afterAll(async () => {
    await exporter.stop();
    await server.stop();
  });

  const findings = async (database: string, query: Record<string, string | number> = {}) =>
    (await call(exporter, 'GET /api/v1/maintenance', { as: 'Viewer', query: { database, ...query } as never })).body;
  const ours = ({ relation }: Finding): boolean => relation.schema === 'public';

  test.each(['plain', 'full_'])(
    'each with its object, its action and what that is asked with: %s',
    async (database) => {
      const { items, problems, counts, total } = await findings(database, { pageSize: 500 });
      const found = items.filter(ours).map(({ action, relation, state }) => `${action} ${relation.name} ${state}`);
      const more = database === 'plain' ? [] : ['drop_index wide_a warn', 'refresh_matview seen info'];
      expect(found.sort()).toEqual(
        [
          ...more,
          'analyze changed info',
          'analyze dead info',
          'analyze never warn',
          'analyze parts warn',
          'drop_leftover dup_a warn',
          'refresh_matview empty warn',
          'vacuum dead warn',
          'vacuum lazy info',
          'vacuum never info',
          'vacuum_freeze old warn',
        ].sort(),
      );
      for (const { action, relation, params, message, id, database: where } of items) {
        const parameter = /^drop_/.test(action) ? 'index' : action === 'refresh_matview' ? 'view' : 'table';
        expect(params).toEqual({ [parameter]: relation.oid });
        expect(message).toContain(`${relation.schema}.${relation.name}`);
        expect([id, where]).toEqual([`${action}-${relation.oid}`, database]);
      }
      expect(Object.values(counts).reduce((sum, n) => sum + n, 0)).toBe(total);
      expect(problems.length).toBe(database === 'plain' ? 3 : 0);
      for (const problem of problems) expect(problem).toContain('pgvigil sql install');
      const dead = items.find(({ relation, action }) => relation.name === 'dead' && action === 'vacuum')!;
      expect(dead.gain).toEqual({ value: 2000, unit: 'rows' });
      const [{ size }] = await server.query<{ size: number }>(
        "select pg_relation_size('dup_a')::int as size",
        database,
      );
      const left = items.find(({ action }) => action === 'drop_leftover')!;
      expect(left.gain).toEqual({ value: size, unit: 'bytes' });
      // A finding that wins no space or rows has no figure, and makes none up.
      for (const { action, gain } of items) if (/analyze|freeze/.test(action)) expect(gain).toBeNull();
      expect(dead.message).toMatch(/2,000 dead rows beside 2,000 live ones, 4\.4 times .* Last vacuumed: never/);
    },
  );

  test('what is found does not wait for, and knows of, a locked table', async () => {
    const session = await holdLock(server, 'lock table dead in access exclusive mode', 'full_');
    try {
      const { status } = await call(exporter, 'GET /api/v1/maintenance', { query: { database: 'full_' } });
      expect(status).toBe(200);
    } finally {
      await session.end();
    }
  });

  test('searched, chosen and paged', async () => {
    expect(
      (await findings('plain', { search: 'DEAD rows beside', action: 'vacuum' })).items.map(
        ({ relation }) => relation.name,
      ),
    ).toEqual(expect.arrayContaining(['dead']));
    const all = (await findings('plain', { pageSize: 500 })).items;
    const second = await findings('plain', { pageSize: 2, page: 2 });
    expect([second.total, second.items]).toEqual([all.length, all.slice(2, 4)]);
    const { counts, items } = await findings('plain', { action: 'analyze' });
    expect(counts.vacuum).toBeGreaterThan(0);
    expect(items.every(({ action }) => action === 'analyze')).toBe(true);
  });

  // How long an answer is kept is waited for, and is the same for all.
  if (major === 18)
    test('a cured table is no finding any more; the answer says how old it is', async () => {
      await server.query('vacuum analyze changed', 'plain');
      await until('it is looked at anew', async () => {
        const { items, ageSeconds } = await findings('plain', { pageSize: 500 });
        expect(ageSeconds).toBeGreaterThanOrEqual(0);
        return !items.some(({ relation }) => relation.name === 'changed');
      });
    });
});
