/** The form for a new index: what it becomes, what it refuses, and that nothing in it is ever SQL. */
import { POSTGRES_MAJORS } from '../../../demo/servers/index.ts';
import type { ParamValues } from '../../src/contract/index.ts';
import { holdLock, until } from '../support/database.ts';
import { oidOf, type PostgresServer, prepareState, refusalOf, type Rig, startRig, startTarget } from './fixture.ts';

const WILD = `wild "🎵" 'table'; drop table x; --`;
const COLUMN = `a "b" ‑ 💥`;
const TABLES = `
  set role shop_owner;
  create type shop.mood as enum ('glad', 'it''s');
  create table shop.track (id int primary key, title text, plays bigint, at timestamptz, mood shop.mood, tags text[], doc jsonb, place point, ok boolean);
  create table shop."${WILD.replaceAll('"', '""')}" ("${COLUMN.replaceAll('"', '""')}" int);
  create table shop.event (id bigint, day date not null, kind text) partition by range (day);
  create table shop.event_2025 partition of shop.event for values from ('2025-01-01') to ('2026-01-01');
  create table shop.event_2026 partition of shop.event for values from ('2026-01-01') to ('2027-01-01') partition by list (kind);
  create table shop.event_2026_a partition of shop.event_2026 for values in ('a');
  create table shop.event_2026_b partition of shop.event_2026 for values in ('b');
  insert into shop.event select n, '2025-12-01'::date + n % 60, case n % 2 when 0 then 'a' else 'b' end from generate_series(1, 5000) n`;

type Predicate = NonNullable<ParamValues['predicate']>;

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let rig: Rig;
  let track: number;
  const columns = (...names: string[]): ParamValues['columns'] => names.map((name) => ({ name, order: 'asc' }));
  const withPredicate = (predicate: Predicate): ParamValues => ({ table: track, columns: columns('id'), predicate });
  const statementOf = async (params: ParamValues): Promise<string> =>
    (await rig.plan('create_index', params)).statements.at(-1)!;

  beforeAll(async () => {
    server = await startTarget({ major });
    await server.query(TABLES);
    await prepareState(server);
    rig = await startRig(server, { state: server, lockBudgetSeconds: 2 });
    track = await oidOf(server, 'shop.track');
  });
  afterAll(async () => {
    await rig?.close();
    await server?.stop();
  });

  it.each<[Predicate, string]>([
    [
      { column: 'title', operator: '=', value: "x'); drop table shop.track; --" },
      `title = 'x''); drop table shop.track; --'::text`,
    ],
    [
      { column: 'title', operator: '<>', value: "$1 \\ E'\\n' %s %L \"" },
      `title <> E'$1 \\\\ E''\\\\n'' %s %L "'::text`,
    ],
    [{ column: 'plays', operator: '>=', value: 10 }, `plays >= '10'::bigint`],
    [{ column: 'mood', operator: '=', value: "it's" }, `mood = 'it''s'::shop.mood`],
    [
      { column: 'at', operator: '<', value: '2026-01-01 00:00+01' },
      `at < '2025-12-31 23:00:00+00'::timestamp with time zone`,
    ],
    [{ column: 'ok', operator: 'is true' }, 'ok is true'],
    [{ column: 'title', operator: 'is not null' }, 'title is not null'],
  ])('takes the predicate %j', async (predicate, sql) => {
    const statement = await statementOf(withPredicate(predicate));
    expect(statement).toBe(`create index concurrently track_id_idx on shop.track using btree (id) where ${sql}`);
  });

  it.each<[Predicate, string]>([
    [{ column: 'plays', operator: '=', value: '1); drop table shop.track' }, 'params.predicate.value is no bigint'],
    [{ column: 'plays', operator: '=', value: "1' or true" }, 'params.predicate.value is no bigint'],
    [{ column: 'mood', operator: '=', value: 'sad' }, 'params.predicate.value is no shop.mood'],
    [{ column: 'lower(title)', operator: '=', value: 'x' }, 'has no column "lower(title)"'],
    [{ column: 'title', operator: 'is true' }, 'title is not boolean'],
    [{ column: 'title', operator: '=' }, 'params.predicate.value is missing'],
    [{ column: 'title', operator: 'is null', value: 'x' }, 'is null takes none'],
  ])('refuses the predicate %j', async (predicate, message) => {
    expect((await refusalOf(rig.plan('create_index', withPredicate(predicate)))).message).toContain(message);
  });

  it.each<[string, Partial<ParamValues>, string]>([
    ['an unknown column', { columns: columns('id) ; --') }, 'has no column'],
    ['a column twice', { columns: columns('id', 'id') }, 'is named twice'],
    [
      'an order that the method lacks',
      { columns: [{ name: 'id', order: 'desc' }], method: 'hash' },
      'hash has no order',
    ],
    ['include with gin', { columns: columns('tags'), include: ['id'], method: 'gin' }, 'gin has no included columns'],
    ['a unique brin', { columns: columns('id'), unique: true, method: 'brin' }, 'brin has no unique indexes'],
    ['no columns', {}, 'params.columns is missing'],
  ])('refuses %s', async (_, params, message) => {
    expect((await refusalOf(rig.plan('create_index', { table: track, ...params }))).message).toContain(message);
  });

  it('has the server judge what only it can know', async () => {
    const gin = await rig.plan('create_index', { table: track, columns: columns('id'), method: 'gin' });
    expect(gin.runnable).toBe(false);
    expect(gin.preconditions.find(({ state }) => state === 'missing')!.message).toContain(
      'data type integer has no default operator class for access method "gin"',
    );
    expect((await rig.plan('create_index', { table: track, columns: columns('tags'), method: 'gin' })).runnable).toBe(
      true,
    );
    expect((await rig.plan('create_index', { table: track, columns: columns('place'), method: 'gist' })).runnable).toBe(
      true,
    );
    // The trial left nothing.
    expect(await server.query("select from pg_class where relname like 'pgvigil_trial%'")).toEqual([]);
  });

  it('refuses what is not for actions', async () => {
    const catalogue = await refusalOf(rig.plan('vacuum', { table: await oidOf(server, 'pg_catalog.pg_class') }));
    expect(catalogue.message).toContain('pg_class belongs to the system');
    const none = await refusalOf(rig.plan('vacuum', { table: 4_000_000_000 }));
    expect(none.message).toContain('there is no object with oid 4000000000');
    const index = await refusalOf(rig.plan('vacuum', { table: await oidOf(server, 'shop.track_pkey') }));
    expect(index.message).toContain('shop.track_pkey is an index, and this action is for: table');
    const key = await refusalOf(rig.plan('drop_index', { index: await oidOf(server, 'shop.track_pkey') }));
    expect(key.message).toContain('is needed by constraint track_pkey of shop.track');
    const temporary = await holdLock(server, 'create temporary table t (id int); commit');
    const [{ oid }] = await server.query<{ oid: number }>("select oid from pg_class where relname = 't'");
    expect((await refusalOf(rig.plan('analyze', { table: oid }))).message).toContain('is temporary');
    await temporary.end();
  });

  it('takes names with quotes, emoji and statements in them, and cuts its own between characters', async () => {
    const table = await oidOf(server, `shop."${WILD.replaceAll('"', '""')}"`);
    for (let n = 0; n < 2; n++) {
      const job = await rig.complete('create_index', { table, columns: columns(COLUMN) });
      expect(job).toMatchObject({ state: 'done', relation: { name: WILD } });
    }
    const indexes = await server.query<{ name: string; bytes: number }>(
      `select relname as name, octet_length(relname) as bytes from pg_class join pg_index on indexrelid = oid where indrelid = ${table} order by 1`,
    );
    expect(indexes.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^wild "🎵" 'table'; drop table x; --_a "b" ‑ 💥_idx$/),
      expect.stringMatching(/^wild "🎵" 'table'; drop table x; --_a "b" ‑ 💥_idx1$/),
    ]);
    for (const { bytes } of indexes) expect(bytes).toBeLessThanOrEqual(63);
    expect((await rig.complete('analyze', { table })).state).toBe('done');
  });

  it('builds per partition and attaches, sub-partitions too', async () => {
    const params = { table: await oidOf(server, 'shop.event'), columns: columns('id') };
    const plan = await rig.plan('create_index', params);
    expect(plan.statements.filter((sql) => !sql.startsWith('set role'))).toEqual([
      'create index event_id_idx on only shop.event using btree (id)',
      'create index concurrently event_2025_id_idx on shop.event_2025 using btree (id)',
      'create index event_2026_id_idx on only shop.event_2026 using btree (id)',
      'create index concurrently event_2026_a_id_idx on shop.event_2026_a using btree (id)',
      'create index concurrently event_2026_b_id_idx on shop.event_2026_b using btree (id)',
      'alter index shop.event_2026_id_idx attach partition shop.event_2026_b_id_idx',
      'alter index shop.event_2026_id_idx attach partition shop.event_2026_a_id_idx',
      'alter index shop.event_id_idx attach partition shop.event_2026_id_idx',
      'alter index shop.event_id_idx attach partition shop.event_2025_id_idx',
    ]);
    const job = await rig.complete('create_index', params);
    expect(job).toMatchObject({ state: 'done', hint: '' });
    const [{ valid, parts }] = await server.query<{ valid: boolean; parts: number }>(
      `select indisvalid as valid, (select count(*)::int from pg_partition_tree(indexrelid)) as parts
         from pg_index where indexrelid = 'shop.event_id_idx'::regclass`,
    );
    expect([valid, parts]).toEqual([true, 5]);
    await server.query('drop index shop.event_id_idx');
    const unique = await refusalOf(rig.plan('create_index', { ...params, unique: true }));
    expect(unique.message).toContain('must contain its partition key: day, kind');
  });

  it('names what an interrupted build of a partitioned table leaves', async () => {
    const blocker = await holdLock(server, "insert into shop.event values (0, '2026-02-01', 'b')");
    const job = await rig.start('create_index', { table: await oidOf(server, 'shop.event'), columns: columns('id') });
    // The writer holds the parents as well, so the first statement that it blocks may be any that needs a lock there.
    await until('it ended', async () => (await rig.jobs.get(job.id)).finishedAt !== null, 30);
    const ended = await rig.jobs.get(job.id);
    expect(ended.state).toBe('failed');
    expect(ended.message).toContain(`blocked by pid ${blocker.pid}`);
    expect(ended.hint).toContain('Not complete:');
    const invalid = await server.query<{ oid: number }>(
      `select indexrelid as oid from pg_index
        where not indisvalid and indrelid in (select relid from pg_partition_tree('shop.event')) order by 1`,
    );
    expect(ended.verified.flatMap(({ left = [] }) => left).sort((a, b) => a - b)).toEqual(
      invalid.map(({ oid }) => oid),
    );
    expect(ended.verified.some(({ title, cure }) => title === 'Built' && cure.startsWith('create index'))).toBe(true);
    await blocker.end();
  });
});
