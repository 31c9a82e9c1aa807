/** What pages read from a server: figures equal a direct query, names are anything that PostgreSQL takes. */
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { type ApiExporter, call, startApi } from '../support/api.ts';
import { CREATE_MONITOR, holdLock, until } from '../support/database.ts';

const ODD = `o"d'd 💾 db`;
const quoted = `"${ODD.replaceAll('"', '""')}"`;

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let exporter: ApiExporter;
  beforeAll(async () => {
    server = await startPostgres({ major });
    await server.query(CREATE_MONITOR);
    await server.query(`create database ${quoted}`);
    await server.query(
      `create schema "s'1";
       create table "s'1"."t ""💡"" x" (id int primary key, "c'ol" text, gone int);
       alter table "s'1"."t ""💡"" x" drop column gone;
       create index "i ""x""" on "s'1"."t ""💡"" x" ("c'ol");
       insert into "s'1"."t ""💡"" x" select i, i % 10 from generate_series(1, 1000) i;
       analyze "s'1"."t ""💡"" x";
       create table part (a int) partition by range (a);
       create table part_1 partition of part for values from (0) to (10);
       create index part_a on part (a);
       create materialized view mv as select 1 as one;
       create temp table hidden (a int)`,
      ODD,
    );
    exporter = await startApi({ env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') } });
  });
  afterAll(async () => {
    await exporter.stop();
    await server.stop();
  });

  test('targets: version, databases', async () => {
    const { body } = await call(exporter, 'GET /api/v1/targets', { as: 'Viewer' });
    expect(body).toEqual([
      expect.objectContaining({
        up: true,
        version: major,
        standby: false,
        database: 'postgres',
        databases: [ODD, 'postgres'],
        history: null,
      }),
    ]);
  });

  test('objects of a database with an odd name, by kind', async () => {
    const list = async (kind: 'table' | 'index' | 'invalid index' | 'materialized view', search?: string) => {
      const { body } = await call(exporter, 'GET /api/v1/objects', { query: { database: ODD, kind, search } });
      return body.items.map(({ relation, table }) => [relation.schema, relation.name, relation.kind, table]);
    };
    expect(await list('table')).toEqual([
      ["s'1", 't "💡" x', 'table', null],
      ['public', 'part', 'partitioned table', null],
      ['public', 'part_1', 'table', null],
    ]);
    expect(await list('index', 'I "X')).toEqual([["s'1", 'i "x"', 'index', `s'1.t "💡" x`]]);
    expect(await list('index', 'part')).toEqual([
      ['public', 'part_1_a_idx', 'index', 'public.part_1'],
      ['public', 'part_a', 'partitioned index', 'public.part'],
    ]);
    expect(await list('materialized view')).toEqual([['public', 'mv', 'materialized view', null]]);
    expect(await list('invalid index')).toEqual([]);
    expect(await list('table', "%_'")).toEqual([]);
  });

  test('a page behind the last one is empty, and says how many there are', async () => {
    const query = { database: ODD, kind: 'table' as const, page: 9 };
    const { body } = await call(exporter, 'GET /api/v1/objects', { query });
    expect([body.items, body.total]).toEqual([[], 3]);
  });

  test('columns and indexes, with what statistics the role may see', async () => {
    const { body: found } = await call(exporter, 'GET /api/v1/objects', {
      query: { database: ODD, kind: 'table', search: '💡' },
    });
    const table = found.items[0].relation.oid;
    const columns = async () => (await call(exporter, 'GET /api/v1/columns', { query: { database: ODD, table } })).body;
    const hidden = await columns();
    expect(hidden.columns).toEqual([
      { name: 'id', type: 'integer', notNull: true, nullFraction: null, distinct: null },
      { name: "c'ol", type: 'text', notNull: false, nullFraction: null, distinct: null },
    ]);
    await server.query(`grant usage on schema "s'1" to monitor; grant select on "s'1"."t ""💡"" x" to monitor`, ODD);
    const shown = await columns();
    expect(shown.columns.map(({ nullFraction, distinct }) => [nullFraction, distinct])).toEqual([
      [0, 1000],
      [0, 10],
    ]);
    const [{ size }] = await server.query<{ size: string }>(`select pg_relation_size('"s''1"."i ""x"""') as size`, ODD);
    expect(
      shown.indexes.map(({ relation, definition, sizeBytes, valid }) => [relation.name, definition, sizeBytes, valid]),
    ).toEqual([
      ['t "💡" x_pkey', `CREATE UNIQUE INDEX "t ""💡"" x_pkey" ON "s'1"."t ""💡"" x" USING btree (id)`, 40_960, true],
      ['i "x"', `CREATE INDEX "i ""x""" ON "s'1"."t ""💡"" x" USING btree ("c'ol")`, Number(size), true],
    ]);
  });

  test('a locked table keeps nobody waiting: its size alone is unknown', async () => {
    const session = await holdLock(server, 'lock table public.part_1 in access exclusive mode', ODD);
    try {
      const { body } = await call(exporter, 'GET /api/v1/objects', { query: { database: ODD, kind: 'table' } });
      expect(body.items.map(({ relation, sizeBytes }) => [relation.name, sizeBytes])).toEqual([
        ['t "💡" x', expect.any(Number)],
        ['part', null],
        ['part_1', null],
      ]);
    } finally {
      await session.end();
    }
  });

  test('what is not there is not found', async () => {
    const noTable = await call(exporter, 'GET /api/v1/columns', { query: { table: 4_294_967_295 } });
    expect([noTable.status, noTable.error!.code]).toEqual([404, 'not_found']);
    const noDatabase = await call(exporter, 'GET /api/v1/objects', { query: { database: 'nope', kind: 'table' } });
    expect([noDatabase.status, noDatabase.error!.code]).toEqual([404, 'not_found']);
    const noTarget = await call(exporter, 'GET /api/v1/activity', { query: { target: 'nope' } });
    expect([noTarget.status, noTarget.error!.code]).toEqual([404, 'not_found']);
  });

  test('figures equal a direct query', async () => {
    const { body } = await call(exporter, 'GET /api/v1/database/metrics');
    const [{ max, reserved }] = await server.query<{ max: number; reserved: number }>(
      `select current_setting('max_connections')::int as max, current_setting('superuser_reserved_connections')::int as reserved`,
    );
    expect(body.connections).toMatchObject({ max, reserved });
    expect(body.databases.map(({ name }) => name).sort()).toEqual([ODD, 'postgres'].sort());
    const [{ bytes }] = await server.query<{ bytes: string }>(
      'select pg_database_size($1) as bytes'.replace('$1', `'${ODD.replaceAll("'", "''")}'`),
    );
    expect(body.databases.find(({ name }) => name === ODD)!.sizeBytes).toBe(Number(bytes));
    // Besides the one that asks here, as soon as the exporter opens or closes none in between.
    await until('the sessions are counted', async () => {
      const { body: now } = await call(exporter, 'GET /api/v1/database/metrics');
      const [{ used }] = await server.query<{ used: number }>(
        `select count(*)::int - 1 as used from pg_stat_activity where backend_type = 'client backend'`,
      );
      return now.connections.used === used;
    });
  });

  test('health: every check has a verdict, and what is wrong is named', async () => {
    const { body } = await call(exporter, 'GET /api/v1/database/health-check');
    const states = Object.fromEntries(body.checks.map(({ id, state }) => [id, state]));
    expect(states).toEqual({
      connection: 'ok',
      version: 'ok',
      privileges: 'ok',
      connections: 'ok',
      transactions: 'ok',
      locks: 'ok',
      freeze: 'ok',
      prepared: 'ok',
      slots: 'ok',
      statements: 'warn',
      state: 'skipped',
      history: 'skipped',
    });
    expect(body.state).toBe('warn');
  });
});
