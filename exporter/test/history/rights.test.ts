/** What `state migrate` makes, and what the exporter's login may do with it. */
import pg from 'pg';
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { pgvigil, prepareState, type StateDatabase } from '../support/state.ts';

let server: PostgresServer;
let state: StateDatabase;
let runtime: pg.Client;

beforeAll(async () => {
  server = await startPostgres({ major: 18 });
  state = await prepareState(server);
  runtime = new pg.Client({ connectionString: state.runtime });
  await runtime.connect();
  await runtime.query(`
    insert into pgvigil_state.target (name) values ('t');
    insert into pgvigil_state.point (target, stream, at, gap, keyframe, entries, head, rest, facts)
    values (1, 'statement', now(), false, true, 0, '', '', '{}')`);
});
afterAll(async () => {
  await runtime?.end();
  await server?.stop();
});

const partition = async (): Promise<string> => {
  const [{ name }] = await server.query<{ name: string }>(
    'select tableoid::regclass::text as name from pgvigil_state.point limit 1',
    state.database,
  );
  return name;
};
const refusal = async (sql: string): Promise<unknown> =>
  runtime.query(sql).then(
    () => 'done',
    (error: pg.DatabaseError) => error.code,
  );

describe('the login of the exporter', () => {
  it.each(['statement', 'life', 'wait', 'point', 'trend', 'trend_chunk', 'target', 'installed_file'])(
    'may not change or remove %s',
    async (table) => {
      const name = `pgvigil_state.${table}`;
      const [{ column }] = await server.query<{ column: string }>(
        `select attname as column from pg_attribute where attrelid = '${name}'::regclass and attnum = 2`,
        state.database,
      );
      for (const sql of [
        `update ${name} set ${column} = ${column}`,
        `delete from ${name}`,
        `truncate ${name}`,
        `drop table ${name}`,
        `alter table ${name} add more int`,
      ]) {
        expect([sql, await refusal(sql)]).toEqual([sql, '42501']);
      }
    },
  );

  it('may not touch a partition by its own name', async () => {
    const name = await partition();
    for (const sql of [
      `select from ${name}`,
      `insert into ${name} select * from ${name}`,
      `delete from ${name}`,
      `drop table ${name}`,
      `alter table pgvigil_state.point detach partition ${name}`,
    ]) {
      expect([sql, await refusal(sql)]).toEqual([sql, '42501']);
    }
  });

  it('may not make objects, nor become the owner', async () => {
    expect(await refusal('create table pgvigil_state.mine (i int)')).toBe('42501');
    expect(await refusal('set role pgvigil_state_owner')).toBe('42501');
  });

  it('has partitions made and dropped by the functions of the owner, within their limits', async () => {
    const days = async (): Promise<number> => {
      const rows = await server.query(
        `select from pg_inherits where inhparent = 'pgvigil_state.point'::regclass`,
        state.database,
      );
      return rows.length;
    };
    const before = await days();
    await runtime.query('select pgvigil_state.prepare_days(current_date - 20, current_date - 16)');
    expect(await days()).toBe(before + 5);
    await runtime.query('select pgvigil_state.prepare_days(current_date - 20, current_date - 16)');
    expect(await days()).toBe(before + 5);
    expect(await refusal('select pgvigil_state.expire(0)')).toBe('22023');
    await runtime.query('select pgvigil_state.expire(18)');
    expect(await days()).toBe(before + 3);
    await runtime.query('select pgvigil_state.expire(14)');
    expect(await days()).toBe(before);
    expect((await runtime.query('select from pgvigil_state.point')).rows).toHaveLength(1);
  });
});

describe('pgvigil state migrate', () => {
  it('again loses nothing', async () => {
    const { status, text } = await pgvigil('state', 'migrate', '--state', state.owner);
    expect([status, text]).toEqual([0, expect.stringContaining('unchanged, applied again')]);
    expect((await runtime.query('select from pgvigil_state.point')).rows).toHaveLength(1);
    expect((await pgvigil('state', 'status', '--state', state.runtime)).status).toBe(0);
  });

  it('puts right what was changed, and status names it before', async () => {
    await server.query(
      'grant delete on pgvigil_state.point to pgvigil_state; drop function pgvigil_state.expire(integer)',
      state.database,
    );
    const before = await pgvigil('state', 'status', '--state', state.runtime);
    expect(before.status).toBe(1);
    expect(before.text).toMatch(/missing: function pgvigil_state.expire/);
    expect(before.text).toMatch(/changed: table pgvigil_state.point/);
    await server.query('revoke delete on pgvigil_state.point from pgvigil_state', state.database);
    expect((await pgvigil('state', 'migrate', '--state', state.owner)).status).toBe(0);
    expect((await pgvigil('state', 'status', '--state', state.runtime)).status).toBe(0);
  });

  it('works for an owner who is no superuser, and says what an administrator has to do', async () => {
    await server.query('create role plain login');
    await server.query('create database plain');
    await server.query('grant create on database plain to plain');
    const migrate = (...more: string[]): ReturnType<typeof pgvigil> =>
      pgvigil('state', 'migrate', '--state', server.url('plain', 'plain'), ...more);
    expect((await migrate()).status).toBe(0);
    const refused = await migrate('--runtime-role', 'pgvigil_exporter');
    // A member already, from the other database.
    expect(refused.text).toMatch(/pgvigil_exporter is a member of pgvigil_state/);
    await server.query('create role newcomer login');
    expect((await migrate('--runtime-role', 'newcomer')).text).toContain(
      'as an administrator: grant pgvigil_state to newcomer;',
    );
    expect((await migrate('--runtime-role', 'nobody')).text).toMatch(
      /there is no role nobody\s+Cure: create role nobody login/,
    );
    expect((await migrate('--runtime-role', 'plain')).text).toMatch(/plain owns the state/);
    expect((await migrate('--runtime-role', 'postgres')).text).toMatch(/postgres is a superuser/);
  });

  it('leaves a state that belongs to somebody else alone', async () => {
    await server.query('create role other login');
    const { status, text } = await pgvigil('state', 'migrate', '--state', server.url(state.database, 'other'));
    expect([status, text]).toEqual([
      1,
      expect.stringContaining('belongs to pgvigil_state_owner, which other may not become'),
    ]);
  });

  it('asks for the state database where none is named', async () => {
    const { status, text } = await pgvigil('state', 'status');
    expect([status, text]).toEqual([2, expect.stringContaining('Set PGVIGIL_STATE_URL')]);
  });
});
