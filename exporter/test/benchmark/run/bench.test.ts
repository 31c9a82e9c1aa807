/** `pgvigil bench` as it is used: a workload is measured, arms take turns, and everything is as it was afterwards. */
import { turnsOf } from '../../../src/benchmark/run/order.ts';
import { until } from '../../support/database.ts';
import { type Bench, startBench } from './support.ts';

const lookup = {
  name: 'lookup',
  steps: [{ sql: 'select n from t where id = $1', parameters: [{ kind: 'uniform', from: 1, to: 1000 }] }],
};
const QUICK = {
  thresholds: { meanMs: 1000, rowsPerHour: 1e12 },
  clients: 2,
  load: { kind: 'closed' },
  length: { seconds: 0.2 },
  warmupSeconds: 0.2,
  blocks: 3,
  statements: [lookup],
};
/** Every kind of switch at once. The session's setting makes the second arm ten times as slow: told on any machine. */
const ARMS = {
  before: { pooler: { default_pool_size: 3 } },
  after: {
    session: { 'pgvigil.slow': 'on' },
    settings: { work_mem: '9MB', autovacuum_naptime: '50s' },
    indexes: [
      { name: 'public.t_n_idx', create: 'create index t_n_idx on public.t (n)' },
      { name: 'public.u_n_idx', create: 'create index u_n_idx ON ONLY "public".u (n)' },
    ],
    // PgBouncer says it another way: 77.5.
    pooler: { default_pool_size: 7, query_wait_timeout: '77.50' },
    scripts: [
      {
        set: 'alter table public.t set (fillfactor = 90)',
        unset: 'alter table public.t reset (fillfactor)',
      },
    ],
  },
};
/** So that the first block begins with the arm that sets something. */
const AFTER_FIRST = [
  '--seed',
  String([1, 2, 3, 4, 5, 6].find((seed) => turnsOf(['before', 'after'], 1, seed)[0].arm === 'after')),
];
const TARGET = ['--target', 'music'];

const sleepy = {
  name: 'sleepy',
  steps: [
    {
      sql: "select pg_sleep(case when current_setting('pgvigil.slow', true) = 'on' then 0.02 else 0.002 end)",
    },
  ],
};

describe.each([14, 18] as const)('PostgreSQL %i', (major) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(major);
  });
  afterAll(() => bench?.stop());

  const rows = (sql: string) => bench.server.query(sql, 'state');
  const isMeasured = async (): Promise<boolean> =>
    (await rows("select from pgvigil_state.benchmark where state = 'running' and progress->>'phase' = 'measuring'"))
      .length > 0;

  test('a run is recorded whole, listed and shown', async () => {
    const path = bench.file('quick', {
      ...QUICK,
      prepare: ['create table made (n int)'],
      statements: [lookup, { name: 'insert', steps: [{ sql: 'insert into made values (1)' }] }],
      cleanUp: ['drop table made'],
    });
    const { status, out, err } = await bench.run('run', ...TARGET, '--workload', path, '--seed', '7');
    expect({ status, err }).toEqual({ status: 0, err: expect.stringContaining('of 3 segments') as unknown });
    expect(out).toMatch(/quick on music: run [0-9a-f-]{36}, done/);
    expect(out).toMatch(/^reached +run: meanMs wanted 1000, is [\d.]+$/m);
    expect(out).toMatch(/^MISSED +run: rowsPerHour wanted 1000000000000, is \d+/m);
    const [row] = await rows('select * from pgvigil_state.benchmark');
    expect(row).toMatchObject({ kind: 'run', target: 'music', state: 'done', blocks: 3, seed: '7', lease_until: null });
    expect(row.facts).toMatchObject({ serverVersion: bench.server.version, standby: false, pooler: null });
    expect(row.facts).toHaveProperty(['schema', 'public.t'], expect.stringMatching(/^[0-9a-f]{32}$/) as unknown);
    expect(row.statement_deltas).toContainEqual(
      expect.objectContaining({
        query: 'select n from t where id = $1',
        calls: expect.any(Number) as unknown,
      }) as unknown,
    );
    const segments = await rows('select * from pgvigil_state.benchmark_segment order by block');
    expect(segments.map(({ block, arm }) => [block, arm])).toEqual([
      [0, 'run'],
      [1, 'run'],
      [2, 'run'],
    ]);
    for (const { statements, server } of segments) {
      expect(statements).toMatchObject({ lookup: { errors: {} }, insert: { errors: {} } });
      expect(server).toMatchObject({
        walBytes: expect.any(Number) as unknown,
        checkpoints: expect.any(Number) as unknown,
      });
    }
    // Rows that were written are WAL; nothing is left of the workload's own table.
    expect((segments[0].server as { walBytes: number }).walBytes).toBeGreaterThan(0);
    expect(await bench.server.query("select to_regclass('made') as made")).toEqual([{ made: null }]);
    expect(await rows('select * from pgvigil_state.benchmark_debt')).toEqual([]);

    const list = await bench.run('list');
    expect(list.out).toMatch(new RegExp(`^${String(row.id).slice(0, 8)} .* run {2}music / quick .* p50 `));
    const shown = await bench.run('show', String(row.id).slice(0, 8), '--json');
    expect(JSON.parse(shown.out)).toMatchObject({
      id: row.id,
      summary: { arms: { run: { count: expect.any(Number) as unknown } } },
    });
  });

  test('arms take turns, the slower one is found, and all is as it was', async () => {
    const before = await bench.fingerprint();
    const path = bench.file('arms', { ...QUICK, statements: [sleepy], blocks: 10, arms: ARMS });
    const running = bench.start('ab', ...TARGET, '--workload', path);
    const seen = new Set<string>();
    const watching = setInterval(() => {
      void bench.server
        .query("select current_setting('work_mem') || coalesce(to_regclass('t_n_idx')::text, '') as now")
        .then(([{ now }]) => seen.add(String(now)));
    }, 50);
    const { status, out } = await running.ended;
    clearInterval(watching);
    expect({ status, out }).toEqual({
      status: 0,
      out: expect.stringMatching(/after is .* (slower|times as slow)/) as unknown,
    });
    expect([...seen]).toEqual(expect.arrayContaining(['4MB', '9MBt_n_idx']) as unknown);
    expect(await bench.fingerprint()).toEqual(before);
    expect(await rows('select * from pgvigil_state.benchmark_debt')).toEqual([]);
    const [{ turns }] = await rows(
      `select array_agg(turn) as turns from (
         select string_agg(left(arm, 1), '' order by position) as turn from pgvigil_state.benchmark_segment s
           join pgvigil_state.benchmark b on b.id = s.benchmark where kind = 'ab' group by block) x`,
    );
    for (const turn of turns as string[]) expect(['baab', 'abba']).toContain(turn);
  });

  test('two equal arms say what the machine does by itself', async () => {
    const path = bench.file('equal', { ...QUICK, length: { seconds: 0.05 }, statements: [sleepy], blocks: 8 });
    const { status, out } = await bench.run('aa', ...TARGET, '--workload', path, '--comparisons', '2');
    expect({ status, out }).toEqual({
      status: 0,
      out: expect.stringMatching(
        /False alarms by turns: \d of 2 comparisons[^]*In 20 blocks it sees a change of [\d.]+ %/,
      ) as unknown,
    });
  });

  test('a star moves from run to run, and a cancel from another process is heard', async () => {
    const path = bench.file('starred', { ...QUICK, length: { seconds: 60 } });
    const first = await bench.run('run', ...TARGET, '--workload', path, '--seconds', '0.1');
    const { ended } = bench.start('run', ...TARGET, '--workload', path);
    await until('it is measured', isMeasured);
    const [one, two] = [
      first.out,
      (await rows("select id from pgvigil_state.benchmark where state = 'running'"))[0].id,
    ].map((text) => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(String(text))![0]);
    expect(await bench.run('cancel', two)).toMatchObject({ status: 0 });
    expect(await ended).toMatchObject({
      status: 1,
      out: expect.stringContaining('cancelled by pgvigil bench') as unknown,
    });
    expect(await bench.run('cancel', two)).toMatchObject({
      status: 2,
      err: expect.stringContaining('it does not run') as unknown,
    });
    const starred = () => rows("select id from pgvigil_state.benchmark where star and workload_id = 'starred'");
    await bench.run('star', one);
    expect(await starred()).toEqual([{ id: one }]);
    await bench.run('star', two);
    expect(await starred()).toEqual([{ id: two }]);
    expect((await bench.run('list', '--workload', 'starred')).out).toMatch(
      new RegExp(`^${two.slice(0, 8)} \\* .*\n${one.slice(0, 8)} {3}`),
    );
    await bench.run('star', two, '--remove');
    expect(await starred()).toEqual([]);
  });

  test('two runs are compared only where nothing but the tested thing differs', async () => {
    const path = bench.file('twice', { ...QUICK, blocks: 8, length: { seconds: 0.1 }, statements: [sleepy] });
    const measured = async (): Promise<string> =>
      /[0-9a-f]{8}-[0-9a-f-]{27}/.exec((await bench.run('run', ...TARGET, '--workload', path)).out)![0];
    const first = await measured();
    await bench.server.query("alter system set work_mem = '5MB'");
    await bench.server.query('select pg_reload_conf()');
    const second = await measured();
    const refused = await bench.run('compare', first, second);
    expect(refused.status).toBe(2);
    expect(refused.err).toContain('settings.work_mem: the setting work_mem: not there → 5MB');
    const { status, out } = await bench.run('compare', first, second, '--tested', 'settings.work_mem');
    expect({ status, out }).toEqual({
      status: 0,
      out: expect.stringContaining('two runs one after the other') as unknown,
    });
    expect(out).toContain('Nobody has measured how far two runs of the same lie apart here');
    expect(out).toContain('Differs: the setting work_mem: not there → 5MB');
    await bench.server.query('alter system reset work_mem');
    await bench.server.query('select pg_reload_conf()');
  });

  test('a run is exported and read in again, whole', async () => {
    const [{ id }] = await rows("select id from pgvigil_state.benchmark where workload_id = 'arms' and state = 'done'");
    const path = bench.file('exported', {});
    expect(await bench.run('export', String(id), path)).toMatchObject({ status: 0 });
    const whole = `select to_jsonb(b) || jsonb_build_object(
      'started_at', date_trunc('milliseconds', started_at), 'finished_at', date_trunc('milliseconds', finished_at), 'segments', (
      select jsonb_agg(to_jsonb(s) order by block, position) from pgvigil_state.benchmark_segment s where benchmark = b.id)) as all
      from pgvigil_state.benchmark b where id = '${String(id)}'`;
    const before = await rows(whole);
    expect(await bench.run('import', path)).toMatchObject({
      out: expect.stringContaining('was here already') as unknown,
    });
    await rows(`delete from pgvigil_state.benchmark where id = '${String(id)}'`);
    expect(await bench.run('import', path)).toMatchObject({ status: 0, out: `Run ${String(id)} is here now.\n` });
    expect(await rows(whole)).toEqual(before);
    const broken = bench.file('broken', { format: 'pgvigil-benchmark/1' });
    expect(await bench.run('import', broken)).toMatchObject({
      status: 2,
      err: expect.stringContaining('broken.yml: id: Invalid UUID') as unknown,
    });
  });

  test('what can not be is refused before anything is connected or changed', async () => {
    const bad = bench.file('bad', { ...QUICK, clients: 0, statements: [{ ...lookup, wieght: 2 }] });
    const refused = async (...args: [string, ...string[]]): Promise<string> => {
      const { status, err } = await bench.run(...args);
      expect(status).toBe(2);
      return err;
    };
    const broken = await refused('run', ...TARGET, '--workload', bad);
    expect(broken).toMatch(/bad\.yml:1:\d+ clients/);
    expect(broken).toMatch(/bad\.yml:1:\d+ statements\[0\]\.wieght\n.*unknown key/);
    const alike = { ...QUICK, primary: 'throughput', load: { kind: 'open', rate: 10 }, statements: [lookup, lookup] };
    const odd = await refused('run', ...TARGET, '--workload', bench.file('odd', alike));
    expect(odd).toMatch(/statements\[1\]\.name\n.*another statement is called lookup/);
    expect(odd).toMatch(/ primary\n.*throughput is what was asked for/);
    const quick = bench.file('fine', QUICK);
    expect(await refused('run', '--target', 'musik', '--workload', quick)).toContain('Did you mean "music"?');
    expect(await refused('run', '--target', 'other', '--workload', quick)).toContain(
      'target other allows no benchmark',
    );
    expect(await refused('run', ...TARGET, '--workload', 'musicdb-quary')).toContain('Did you mean "musicdb-query"?');
    expect(await refused('ab', ...TARGET, '--workload', quick)).toContain('workload fine has no arms');
  });

  test.each([
    [
      'an unknown setting',
      { settings: { work_men: '1MB' } },
      'arms: settings.work_men: the server has no such setting',
    ],
    ['a restart', { settings: { shared_buffers: '1GB' } }, 'settings.shared_buffers: it does not change in a running'],
    ['a list', { settings: { search_path: 'a, b' } }, 'arms: settings.search_path: it is a list'],
    ['a pooler', { pooler: { default_pool_sise: 1 } }, 'Did you mean "default_pool_size"?'],
    ['an index', { indexes: [{ name: 'public.t_pkey', create: 'select 1' }] }, 'index public.t_pkey is there already'],
  ])('%s can not be switched: nothing is changed', async (_, after, message) => {
    const before = await bench.fingerprint();
    const path = bench.file('refused', { ...QUICK, arms: { before: {}, after } });
    const { status, out } = await bench.run('ab', ...TARGET, '--workload', path);
    expect({ status, out }).toEqual({ status: 1, out: expect.stringContaining(message) as unknown });
    expect(await bench.fingerprint()).toEqual(before);
    expect(await rows('select * from pgvigil_state.benchmark_debt')).toEqual([]);
  });

  test('what a stopped run had recorded is kept, its errors too', async () => {
    const fails = { name: 'fails', steps: [{ sql: 'select 1 / (n % 2) from t limit 1 offset 1' }] };
    const path = bench.file('failing', { ...QUICK, warmupSeconds: 0, statements: [lookup, fails], blocks: 1000 });
    const { process, ended } = bench.start('run', ...TARGET, '--workload', path);
    await until('a segment is kept', async () =>
      (await rows(`select from pgvigil_state.benchmark_segment s join pgvigil_state.benchmark b on b.id = s.benchmark
                    where workload_id = 'failing'`)).length > 0); // prettier-ignore
    process.kill('SIGINT');
    expect(await ended).toMatchObject({ status: 1, out: expect.stringContaining('22012 in fails: division by zero') as unknown }); // prettier-ignore
    const [row] = await rows(
      "select state, errors, summary from pgvigil_state.benchmark where workload_id = 'failing'",
    );
    expect(row).toMatchObject({
      state: 'cancelled',
      errors: { '22012': { statement: 'fails', message: 'division by zero' } },
      summary: { arms: { run: { count: expect.any(Number) as unknown } } },
    });
  });

  test('Ctrl-C ends it within moments, and what was set is taken back', async () => {
    const before = await bench.fingerprint();
    const path = bench.file('stopped', { ...QUICK, length: { seconds: 60 }, arms: ARMS });
    const { process, ended } = bench.start('ab', ...TARGET, '--workload', path, ...AFTER_FIRST);
    await until('an arm is measured', isMeasured);
    expect(await bench.fingerprint()).not.toEqual(before);
    const second = await bench.run('run', ...TARGET, '--workload', path);
    expect(second).toMatchObject({
      status: 2,
      err: expect.stringContaining('another benchmark runs on music') as unknown,
    });
    process.kill('SIGINT');
    expect(await ended).toMatchObject({ status: 1, out: expect.stringContaining('cancelled') as unknown });
    expect(await bench.fingerprint()).toEqual(before);
    const sessions = "select from pg_stat_activity where application_name like 'pgvigil bench%'";
    await until('its sessions are gone', async () => (await bench.server.query(sessions)).length === 0, 10);
  });

  // Its lease of 15 s must end: one of them on each version is enough.
  const heir = major === 14 ? 'the next run, before it begins,' : 'an exporter';
  test(`after kill -9 ${heir} restores what was set`, async () => {
    const before = await bench.fingerprint();
    const path = bench.file('killed', { ...QUICK, length: { seconds: 60 }, arms: ARMS });
    const { process, ended } = bench.start('ab', ...TARGET, '--workload', path, ...AFTER_FIRST);
    await until('the second arm is set', isMeasured);
    process.kill('SIGKILL');
    await ended;
    expect(await bench.fingerprint()).not.toEqual(before);
    // Its lease must end first: nobody knows that it was killed.
    await until('the lease has ended', async () => (await rows("select from pgvigil_state.benchmark where lease_until > now()")).length === 0); // prettier-ignore
    if (heir === 'an exporter') {
      const exporter = await bench.serve();
      await until('nothing is owed', async () => (await rows('select from pgvigil_state.benchmark_debt')).length === 0);
      exporter.process.kill('SIGTERM');
      expect((await exporter.ended).err).toMatch(/target=music .*what a benchmark had set is taken back/);
    } else {
      const quick = bench.file('next', QUICK);
      expect(await bench.run('run', ...TARGET, '--workload', quick)).toMatchObject({ status: 0 });
    }
    expect(await bench.fingerprint()).toEqual(before);
    expect(await rows("select from pgvigil_state.benchmark where state = 'interrupted'")).not.toEqual([]);
  });

  test('what somebody else has set meanwhile is left alone, named, and in the way of the next run', async () => {
    const before = await bench.fingerprint();
    const path = bench.file('disturbed', { ...QUICK, arms: { before: {}, after: { settings: { work_mem: '9MB' } } } });
    const { ended, process } = bench.start('ab', ...TARGET, '--workload', path, '--seconds', '60', ...AFTER_FIRST);
    await until('it is measured', isMeasured);
    await bench.server.query("alter system set work_mem = '13MB'");
    process.kill('SIGTERM');
    expect(await ended).toMatchObject({ status: 1 });
    const next = await bench.run('run', ...TARGET, '--workload', bench.file('next', QUICK));
    expect(next.status).toBe(2);
    expect(next.err).toContain('setting work_mem is 13MB, and was not set: somebody else has set it meanwhile');
    const words = 'setting work_mem is 13MB, and was not set';
    expect(await bench.run('restore', ...TARGET)).toMatchObject({
      status: 1,
      out: expect.stringContaining(words) as unknown,
    });
    if (major === 14) {
      expect(await bench.run('restore', ...TARGET, '--forget')).toMatchObject({ status: 0 });
      expect(await bench.run('restore', ...TARGET)).toMatchObject({ status: 0, out: 'Nothing is owed.\n' });
    }
    await bench.server.query('alter system reset work_mem');
    await bench.server.query('select pg_reload_conf()');
    if (major === 14) return;
    expect(await bench.run('restore', ...TARGET)).toMatchObject({ status: 0, out: expect.stringContaining('Taken back') as unknown }); // prettier-ignore
    expect(await bench.fingerprint()).toEqual(before);
  });
});
