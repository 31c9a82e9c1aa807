/** Plans for any parameters, on real servers. */
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import type { Explained } from '../../src/contract/index.ts';
import type { LiveTarget } from '../../src/live/live_target.ts';
import { genericPlan, parameterTypes } from '../../src/statements/explain.ts';
import { nodesOf } from '../../src/statements/plan_tree.ts';
import { CREATE_MONITOR, holdLock } from '../support/database.ts';
import { liveTarget, statement } from './live.ts';

const SCHEMA = `
  create schema shop;
  create table shop.customers (id int primary key, city text, born date);
  create table shop.orders (id int primary key, customer int not null, placed timestamptz not null, amount numeric, note text);
  create index orders_customer on shop.orders (customer);
  insert into shop.customers select g, 'city ' || g % 50, date '1970-01-01' + g from generate_series(1, 5000) g;
  insert into shop.orders select g, g % 5000 + 1, timestamptz '2026-01-01' + g * interval '1 minute', g % 97, 'note ' || g
    from generate_series(1, 50000) g;
  create table shop.events (at date not null, what text) partition by range (at);
  create table shop.events_1 partition of shop.events for values from ('2026-01-01') to ('2026-02-01');
  create table shop.events_2 partition of shop.events for values from ('2026-02-01') to ('2026-03-01');
  create function shop.boom() returns int language plpgsql volatile as $$ begin raise 'it was run'; end $$;
  ${CREATE_MONITOR};
  create role reader login; grant pg_monitor, pg_read_all_data to reader;
  create role shopper login; alter role shopper set search_path = shop, public;
`;

const STATEMENTS = {
  byKey: 'select * from shop.orders where id = $1',
  joined:
    'select c.city, o.amount from shop.orders o join shop.customers c on c.id = o.customer where o.id = $1 and c.born > $2',
  sorted: 'select * from shop.orders where amount = $1 order by placed desc limit $2',
  counted: 'select customer, count(*) from shop.orders where placed > now() - interval $1 group by customer',
  nested:
    'with x as materialized (select * from shop.orders where note like $1) select * from x where amount in (select amount from x where id = $2)',
  partitions: 'select * from shop.events where at = $1',
  insert: 'insert into shop.customers (id, city) values ($1, $2)',
  update: 'update shop.orders set note = $1 where id = $2',
  delete: 'delete from shop.orders where customer = $1',
  runsIt: 'select shop.boom() from shop.orders where id = $1',
};
type Name = keyof typeof STATEMENTS;

const fingerprints = new Map<number, Record<string, string>>();

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let live: LiveTarget;
  let monitor: LiveTarget;
  let reader: LiveTarget;
  const plan = (text: string, on = live): Promise<Explained> => genericPlan(on, statement(text));

  beforeAll(async () => {
    // One size of statistics for all: shapes are to be compared.
    server = await startPostgres({ major, settings: { autovacuum: 'off', default_statistics_target: '1000' } });
    await server.query(SCHEMA);
    await server.query('vacuum analyze');
    live = liveTarget(server);
    monitor = liveTarget(server, 'postgres', 'monitor');
    reader = liveTarget(server, 'postgres', 'reader');
  });
  afterAll(async () => {
    await Promise.all([live, monitor, reader].map((target) => target?.close()));
    await server?.stop();
  });

  it('every kind of statement has a plan, nothing is run, and nothing is left in the session', async () => {
    const found: Record<string, string> = {};
    for (const [name, text] of Object.entries(STATEMENTS)) {
      const explained = await plan(text);
      found[name] = explained.fingerprint;
      expect(explained).toMatchObject({ mode: 'generic', planningSeconds: null, executionSeconds: null });
      expect(explained.text).toContain('cost=');
      const nodes = nodesOf(explained.root);
      // What each node costs by itself is all that the plan costs.
      expect(nodes.reduce((sum, { selfCost }) => sum + selfCost, 0)).toBeCloseTo(explained.root.totalCost, 1);
      expect(nodes.every(({ actualRows, selfSeconds }) => actualRows === null && selfSeconds === null)).toBe(true);
      expect(explained.remarks[0]).toMatch(/ is \d+ % of the estimated cost\.$/);
    }
    fingerprints.set(major, found);
    for (const [name, text] of Object.entries(STATEMENTS)) {
      const { fingerprint } = await genericPlan(live, statement(text), { quietly: true });
      expect([name, fingerprint]).toEqual([name, found[name]]);
    }
    expect(await server.query('select count(*)::int as n from shop.orders')).toEqual([{ n: 50_000 }]);
    expect(await live.query('select name from pg_prepared_statements')).toEqual([]);
    expect(await live.query("select current_setting('plan_cache_mode') as mode")).toEqual([{ mode: 'auto' }]);
  });

  it('looked at quietly, statements leave next to nothing in pg_stat_statements', async () => {
    await server.query('create extension if not exists pg_stat_statements');
    const entries = async () => {
      const [{ n }] = await server.query<{ n: number }>('select count(*)::int as n from pg_stat_statements');
      return n;
    };
    const look = async (column: string) =>
      void (await genericPlan(live, statement(`select ${column} from shop.orders where id = $1`), { quietly: true }));
    await look('id');
    const before = await entries();
    for (const column of ['customer', 'placed', 'amount', 'note']) await look(column);
    expect(await entries()).toBeLessThanOrEqual(before + 1);
  });

  it('nodes say what they do, to what and how', async () => {
    const { root } = await plan(STATEMENTS.byKey);
    expect(root).toMatchObject({
      type: 'Index Scan',
      relation: 'shop.orders',
      index: 'orders_pkey',
      conditions: { 'Index Cond': '(orders.id = $1)' },
      children: [],
    });
    const partitions = await plan(STATEMENTS.partitions);
    // Without a value no partition can be left out.
    expect(nodesOf(partitions.root).flatMap(({ relation }) => relation ?? [])).toEqual([
      'shop.events_1',
      'shop.events_2',
    ]);
  });

  it('types of parameters are those that the server infers', async () => {
    const types = (name: Name) => parameterTypes(live, statement(STATEMENTS[name]));
    expect(await types('joined')).toEqual(['integer', 'date']);
    expect(await types('counted')).toEqual(['interval']);
    expect(await types('sorted')).toEqual(['numeric', 'bigint']);
    expect(await types('update')).toEqual(['text', 'integer']);
    expect(await parameterTypes(live, statement('select extract($1 from placed), date $2 from shop.orders'))).toEqual([
      'text',
      'date',
    ]);
  });

  it.each([
    ['vacuum shop.orders', 'bad_request', 'this statement has no plan'],
    ['select 1; delete from shop.orders', 'bad_request', 'the text holds 2 statements'],
    ['select * into made from shop.orders', 'bad_request', 'this statement has no plan'],
    ['select * from shop.orders where id in (', 'bad_request', 'cannot be read'],
    [String.raw`select 'a\'; drop table shop.orders; --'`, 'bad_request', 'cannot be read'],
    ['select * from shop.gone', 'database_error', 'does not exist'],
    ['select $1 + $2', 'database_error', 'not unique'],
  ])('refuses in words: %s', async (text, code, message) => {
    await expect(plan(text)).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
    await expect(plan(text)).rejects.toHaveProperty('hint', expect.stringMatching(/\w/));
  });

  it('a role that may not read is told what to grant; one that may read plans reads only', async () => {
    await expect(plan(STATEMENTS.byKey, monitor)).rejects.toMatchObject({
      code: 'database_error',
      message: expect.stringContaining('permission denied') as string,
      hint: expect.stringContaining('pg_read_all_data') as string,
    });
    expect((await plan(STATEMENTS.byKey, reader)).root.relation).toBe('shop.orders');
    await expect(plan(STATEMENTS.update, reader)).rejects.toMatchObject({ code: 'database_error' });
  });

  it("names are looked up as the statement's user would", async () => {
    const text = 'select * from orders where id = $1';
    await expect(genericPlan(live, statement(text))).rejects.toMatchObject({ code: 'database_error' });
    const found = await genericPlan(live, statement(text, 'postgres', 'shopper'));
    expect(found.root.relation).toBe('shop.orders');
    expect(found.remarks.at(-1)).toBe(
      'Names were looked up with search_path shop, public, the default of shopper in this database.',
    );
    expect(await live.query("select current_setting('search_path') as path")).toEqual([{ path: 'pg_catalog' }]);
  });

  it('does not queue behind a lock', async () => {
    const holder = await holdLock(server, 'lock table shop.orders in access exclusive mode');
    try {
      await expect(plan(STATEMENTS.byKey)).rejects.toMatchObject({
        code: 'database_error',
        message: expect.stringContaining('lock timeout') as string,
      });
    } finally {
      await holder.end();
    }
  });
});

it('plans have the same shape on every version, by whichever way they were asked for', () => {
  const [first, ...others] = [...fingerprints.values()];
  expect(fingerprints.size).toBe(POSTGRES_MAJORS.length);
  for (const other of others) expect(other).toEqual(first);
});
