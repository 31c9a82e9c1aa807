/** The load generator against a real server. */
import { type PostgresServer, startPostgres } from '../../../../demo/servers/index.ts';
import { LoadGenerator } from '../../../src/benchmark/load/generator.ts';
import { openLoadSession } from '../../../src/benchmark/load/session.ts';
import { BadStatement } from '../../../src/benchmark/load/types.ts';
import { findValues } from '../../../src/benchmark/workload/found.ts';
import { until } from '../../support/database.ts';
import { countAbove, decode, dsnOf, planOf, statement, withLoad } from './support.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({
    hba: 'host all postgres 127.0.0.1/32 trust\nhost all guarded 127.0.0.1/32 scram-sha-256',
  });
  await server.query('create table t (id int primary key, n int not null)');
  await server.query('insert into t select g, 0 from generate_series(1, 10) g');
  await server.query('create table seen (at bigserial primary key, a bigint, b text)');
  await server.query("create role guarded login password 'correct horse'");
});
afterAll(() => server?.stop());

const load = () =>
  server.query<{ state: string }>("select state from pg_stat_activity where application_name = 'pgvigil bench'");

test('open loop: all that is due is sent, at the rate, and counted with its rows', async () => {
  const statements = [
    statement('two', 'select generate_series(1, 2)'),
    statement('change', 'update t set n = n where id <= 3'),
  ];
  const ticks: number[] = [];
  const result = await withLoad(
    planOf(server.url(), { statements, load: { kind: 'open', rate: 100, arrivals: 'uniform' } }),
    (generator) =>
      generator.run({ arm: 'run', seed: 1, until: { seconds: 2.5 } }, { onTick: ({ count }) => ticks.push(count) }),
  );
  expect([result.due, result.sent]).toEqual([250, 250]);
  const { two, change } = result.statements;
  expect(two.count + change.count).toBe(250);
  expect([two.rows, change.rows]).toEqual([two.count * 2, change.count * 3]);
  expect([two.errors, change.errors]).toEqual([{}, {}]);
  expect(decode(two).totalCount).toBe(two.count);
  // To the bucket of the histogram.
  expect(decode(two).mean / (two.sumUs / two.count)).toBeCloseTo(1, 2);
  expect(result.seconds).toBeGreaterThanOrEqual(2.5);
  expect(ticks).toEqual(result.ticks.map(({ count }) => count));
  expect(ticks.reduce((a, b) => a + b)).toBe(250);
  expect(await load()).toEqual([]);
});

test('the same seed asks the same in the same order, on each arm', async () => {
  const insert = {
    sql: 'insert into seen (a, b) values ($1, $2)',
    parameters: [
      { kind: 'uniform' as const, from: 1, to: 1_000_000 },
      { kind: 'text' as const, length: 5 },
    ],
  };
  const arms = ['before', 'after'].map((name) => ({ name, session: {} }));
  // One client: with more, the order of sending is not that of arrival.
  const plan = planOf(server.url(), { statements: [statement('insert', insert)], clients: 1, arms });
  await withLoad(plan, async (generator) => {
    for (const [arm, seed] of [
      ['before', 1],
      ['after', 1],
      ['before', 2],
    ] as const)
      expect((await generator.run({ arm, seed, until: { count: 20 } })).sent).toBe(20);
  });
  const seen = await server.query('select a, b from seen order by at');
  expect(seen).toHaveLength(60);
  expect(seen.slice(20, 40)).toEqual(seen.slice(0, 20));
  expect(seen.slice(40)).not.toEqual(seen.slice(0, 20));
});

test('sessions parse once, with the settings of their arm and the path of their user', async () => {
  await server.query("alter role postgres set search_path = 'pg_temp', 'public'");
  const probe = `select 1 / (current_setting('work_mem') = '5MB' and current_setting('search_path') = 'pg_temp, public'
                               and current_setting('statement_timeout') = '1min')::int`;
  const arms = [
    { name: 'before', session: { work_mem: '5MB' } },
    { name: 'after', session: { work_mem: '6MB' } },
  ];
  const counted = statement('prepared', 'select from pg_prepared_statements');
  await withLoad(planOf(server.url(), { statements: [statement('probe', probe)], arms }), async (generator) => {
    expect(generator.sessions.before).toEqual({ pooled: false, prepared: true });
    const before = await generator.run({ arm: 'before', seed: 1, until: { count: 9 } });
    expect(before.statements.probe).toMatchObject({ count: 9, errors: {} });
    const after = await generator.run({ arm: 'after', seed: 1, until: { count: 9 } });
    expect(after.statements.probe).toMatchObject({ count: 0, errors: { 22012: 9 } });
    expect(after.messages).toEqual({ 22012: { statement: 'probe', message: 'division by zero' } });
  });
  await server.query('alter role postgres reset search_path');
  const result = await withLoad(planOf(server.url(), { statements: [counted], clients: 1 }), (generator) =>
    generator.run({ arm: 'run', seed: 1, until: { count: 5 } }),
  );
  expect(result.statements.prepared.rows).toBe(5);
});

test('several steps are one transaction; an error rolls all back and counts once', async () => {
  const half = statement(
    'half',
    'update t set n = n + 1 where id = 1',
    'select 1 / (2 - n) from t where id = 1',
    'select pg_current_xact_id_if_assigned()',
  );
  await server.query('update t set n = 0');
  const { statements } = await withLoad(planOf(server.url(), { statements: [half], clients: 1 }), (generator) =>
    generator.run({ arm: 'run', seed: 1, until: { count: 4 } }),
  );
  // n becomes 1; every other try to make it 2 fails.
  expect(statements.half).toMatchObject({ count: 1, rows: 3, errors: { 22012: 3 } });
  expect(await server.query('select n from t where id = 1')).toEqual([{ n: 1 }]);
});

test('a statement that leaves its transaction open is an error, and nothing stays open', async () => {
  await withLoad(planOf(server.url(), { statements: [statement('open', 'begin')], clients: 1 }), async (generator) => {
    const { statements } = await generator.run({ arm: 'run', seed: 1, until: { count: 2 } });
    expect(statements.open).toMatchObject({ count: 0, errors: { 25000: 2 } });
    expect(await load()).toEqual([{ state: 'idle' }]);
  });
});

test('closed loop: think time, and as many statements as asked for', async () => {
  const plan = planOf(server.url(), {
    statements: [statement('one', 'select 1')],
    load: { kind: 'closed', thinkMs: 50 },
  });
  const result = await withLoad(plan, (generator) => generator.run({ arm: 'run', seed: 1, until: { count: 12 } }));
  expect([result.due, result.sent, result.statements.one.count]).toEqual([12, 12, 12]);
  // Six each, five pauses: no faster than that, however fast the server.
  expect(result.seconds).toBeGreaterThanOrEqual(0.245);
});

test('a server that stands still for a second delays all that was due meanwhile', async () => {
  const plan = planOf(server.url(), {
    statements: [statement('one', 'select 1')],
    clients: 8,
    load: { kind: 'open', rate: 100, arrivals: 'uniform' },
  });
  let resumed: Promise<void> | undefined;
  const freeze = (): void => {
    server.pause();
    resumed = new Promise((resolve) => setTimeout(resolve, 1000)).then(() => server.resume());
  };
  const { due, sent, statements } = await withLoad(plan, async (generator) => {
    const result = await generator.run(
      { arm: 'run', seed: 1, until: { seconds: 4 } },
      { onTick: () => void (resumed ?? freeze()) },
    );
    await resumed;
    return result;
  });
  expect([due, sent]).toEqual([400, 400]);
  const latencies = decode(statements.one);
  expect(latencies.getValueAtPercentile(99.9)).toBeGreaterThanOrEqual(900_000);
  // With eight clients a clock that starts at the sending would see eight.
  expect(countAbove(latencies, 100_000)).toBeGreaterThanOrEqual(50);
});

test('an overloaded server: what was due waits in line, and what is left after the end is due and not sent', async () => {
  const plan = planOf(server.url(), {
    statements: [statement('slow', 'select pg_sleep(0.05)')],
    clients: 1,
    load: { kind: 'open', rate: 200, arrivals: 'uniform' },
    catchUpMs: 300,
  });
  const { due, sent, statements, seconds } = await withLoad(plan, (generator) =>
    generator.run({ arm: 'run', seed: 1, until: { seconds: 0.5 } }),
  );
  expect(due).toBe(100);
  expect(sent).toBeLessThan(due);
  expect(statements.slow.count).toBe(sent);
  // The n-th could not begin before n - 1 had taken 50 ms each.
  const latencies = decode(statements.slow);
  expect(latencies.maxValue).toBeGreaterThan((sent * 50 - (sent - 1) * 5) * 1000 * 0.98);
  expect(seconds).toBeGreaterThan(0.7);
});

test('stopped at once: nothing runs on the server any more, and the clients are there for the next segment', async () => {
  const steps = ['select pg_sleep(600)', 'select pg_sleep(600)'];
  const long = [statement('one', steps[0]), statement('two', ...steps)];
  await withLoad(planOf(server.url(), { statements: long, clients: 4 }), async (generator) => {
    const stop = new AbortController();
    const run = generator.run({ arm: 'run', seed: 1, until: { seconds: 600 } }, { signal: stop.signal });
    run.catch(() => {});
    await until('all four sleep', async () => (await load()).filter(({ state }) => state === 'active').length === 4);
    stop.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    expect(await load()).toEqual(new Array(4).fill({ state: 'idle' }));
    const again = new AbortController();
    const next = generator.run({ arm: 'run', seed: 1, until: { seconds: 600 } }, { signal: again.signal });
    next.catch(() => {});
    await until('they sleep again', async () => (await load()).filter(({ state }) => state === 'active').length === 4);
    // Closing is stopping.
  });
  await until('all are gone', async () => (await load()).length === 0);
});

test('lost connections are counted, come back, and what was due meanwhile is sent', async () => {
  const plan = planOf(server.url(), {
    statements: [statement('one', 'select pg_sleep(0.01)')],
    clients: 4,
    load: { kind: 'open', rate: 100, arrivals: 'poisson' },
  });
  let ended = 0;
  const result = await withLoad(plan, (generator) =>
    generator.run(
      { arm: 'run', seed: 3, until: { count: 300 } },
      {
        onTick: () => {
          if (ended++ === 0)
            void server.query(
              "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pgvigil bench'",
            );
        },
      },
    ),
  );
  expect([result.due, result.sent]).toEqual([300, 300]);
  const { count, errors } = result.statements.one;
  const failed = Object.values(errors).reduce((a, b) => a + b, 0);
  expect(count + failed).toBe(300);
  // Each of the four can have been lost once.
  expect(failed).toBeLessThanOrEqual(4);
  expect(Object.keys(errors).every((code) => ['57P01', 'connection'].includes(code))).toBe(true);
});

test('a server that restarts is a gap, not the end', async () => {
  const plan = planOf(server.url(), { statements: [statement('one', 'select pg_sleep(0.02)')] });
  await withLoad(plan, async (generator) => {
    let restarted: Promise<void> | undefined;
    const restart = () => (restarted ??= server.restart('immediate'));
    const stop = new AbortController();
    const counts: number[] = [];
    const run = generator.run(
      { arm: 'run', seed: 1, until: { seconds: 600 } },
      { signal: stop.signal, onTick: ({ count, errors }) => void (restart(), counts.push(errors > 0 ? -1 : count)) },
    );
    run.catch(() => {});
    await until('statements fail', () => counts.includes(-1));
    await until('and are answered again', () => counts.slice(counts.indexOf(-1) + 1).some((count) => count > 0));
    await restarted;
    stop.abort();
    await expect(run).rejects.toThrow();
  });
});

test('statements that cannot work are found before the load', async () => {
  const open = (...steps: Parameters<typeof statement>[1][]) =>
    LoadGenerator.open(
      planOf(server.url(), { statements: [statement('fine', 'select 1'), statement('bad', ...steps)] }),
    );
  await expect(open('select * from nowhere')).rejects.toThrow('statement bad: relation "nowhere" does not exist');
  await expect(open('select 1; select 2')).rejects.toMatchObject({ statement: 'bad', sqlState: '42601' });
  await expect(open('select $1::int')).rejects.toThrow(
    'statement bad: it has 1 parameters, and the workload gives it 0',
  );
  await until('their sessions are gone', async () => (await load()).length === 0);
});

test('strict: the first error that would come again ends the segment; one that passes does not', async () => {
  const statements = [statement('bad', 'select 1 / 0')];
  await withLoad(planOf(server.url(), { statements }), async (generator) => {
    const run = generator.run({ arm: 'run', seed: 1, until: { seconds: 600 }, strict: true });
    await expect(run).rejects.toBeInstanceOf(BadStatement);
    await expect(run).rejects.toThrow('statement bad: division by zero');
  });
  const passing = [statement('passes', 'do $$ begin raise serialization_failure; end $$')];
  const result = await withLoad(planOf(server.url(), { statements: passing }), (generator) =>
    generator.run({ arm: 'run', seed: 1, until: { count: 3 }, strict: true }),
  );
  expect(result.statements.passes.errors).toEqual({ 40001: 3 });
});

test('a statement that takes too long is ended by the server', async () => {
  const plan = planOf(server.url(), {
    statements: [statement('long', 'select pg_sleep(600)')],
    statementTimeoutMs: 200,
  });
  const { statements } = await withLoad(plan, (generator) =>
    generator.run({ arm: 'run', seed: 1, until: { count: 2 } }),
  );
  expect(statements.long.errors).toEqual({ 57014: 2 });
});

test('the password gets to the thread, and a wrong one is said', async () => {
  const url = (password: string) => server.url('postgres', `guarded`).replace('@', `:${encodeURIComponent(password)}@`);
  const statements = [statement('who', 'select current_user')];
  const result = await withLoad(planOf(url('correct horse'), { statements }), (generator) =>
    generator.run({ arm: 'run', seed: 1, until: { count: 2 } }),
  );
  expect(result.statements.who.count).toBe(2);
  await expect(LoadGenerator.open(planOf(url('wrong'), { statements }))).rejects.toMatchObject({
    reason: 'authentication',
  });
});

test('values are found once, no more than fit', async () => {
  const { client } = await openLoadSession(dsnOf(server.url()));
  const query = (sql: string) => statement('q', { sql: 'select $1', parameters: [{ kind: 'query' as const, sql }] });
  const many = 'select g from generate_series(1, 100001) g';
  const found = await findValues(client, [query(many), query('select null, 1'), query(many)]);
  expect(Object.keys(found)).toEqual([many, 'select null, 1']);
  expect(found[many]).toHaveLength(100_000);
  expect(found['select null, 1']).toEqual([null]);
  await expect(findValues(client, [query('select x')])).rejects.toMatchObject({ sqlState: '42703' });
  // The session is as good as before.
  expect((await client.query<{ n: number }>('select 1 as n')).rows).toEqual([{ n: 1 }]);
  await client.end();
});
