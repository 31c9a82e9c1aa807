/** A server that was away: the first scrape after its return is whole. */
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { CREATE_MONITOR, exporterSessions, openSession, type Session, until } from '../support/database.ts';
import { startExporter, type TestExporter } from '../support/exporter.ts';
import type { Samples } from '../support/exposition.ts';

let server: PostgresServer;
let exporter: TestExporter;

const scrape = async (): Promise<Samples> => (await exporter.scrape()).samples;
const missing = (before: Samples, now: Samples): string[] =>
  [...before.families.keys()].filter((name) => !now.families.has(name));

beforeAll(async () => {
  server = await startPostgres({ settings: { max_connections: '12', superuser_reserved_connections: '3' } });
  await server.query(`${CREATE_MONITOR};
    create extension pg_stat_statements;
    create table t (id serial primary key);
    insert into t select from generate_series(1, 100);
    analyze t`);
  exporter = await startExporter({ env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') } });
  await until('background results', async () => (await scrape()).families.has('pg_stat_user_indexes_size_bytes'));
});

afterAll(async () => {
  await exporter?.stop();
  await server?.stop();
});

it.each(['fast', 'immediate'] as const)('is whole in the first scrape after a restart (%s)', async (mode) => {
  const before = await scrape();
  await server.restart(mode);
  const first = await scrape();
  expect(first.value('pg_up')).toBe(1);
  // The server throws its statistics away after a crash: nothing has a last time any more.
  const lost = mode === 'immediate' ? /_last_/ : /^$/;
  expect(missing(before, first).filter((name) => !lost.test(name))).toEqual([]);
  expect(first.series('pg_scrape_collector_success').filter(({ value }) => value !== 1)).toEqual([]);
  expect(first.value('pg_postmaster_start_time_seconds')).toBeGreaterThan(
    before.value('pg_postmaster_start_time_seconds')!,
  );
});

it('is whole in the first scrape after somebody terminated all sessions of the exporter', async () => {
  const before = await scrape();
  const pids = (await exporterSessions(server)).map(({ pid }) => pid);
  await server.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pgvigil'");
  const first = await scrape();
  expect(first.value('pg_up')).toBe(1);
  expect(missing(before, first)).toEqual([]);
  const now = await exporterSessions(server);
  expect(now.filter(({ pid }) => pids.includes(pid))).toEqual([]);
  expect(now.length).toBeGreaterThan(0);
});

it('answers, and is whole the next time, when sessions are terminated during the scrape', async () => {
  const before = await scrape();
  for (let i = 0; i < 5; i++) {
    const [samples] = await Promise.all([
      scrape(),
      server.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pgvigil'"),
    ]);
    // The new connection may be met as well.
    const lost = samples.series('pgvigil_target_problem', { reason: 'connection_lost' }).length;
    expect(samples.value('pg_up')).toBe(1 - lost);
  }
  const after = await scrape();
  expect(missing(before, after)).toEqual([]);
  expect(after.series('pg_scrape_collector_success').filter(({ value }) => value !== 1)).toEqual([]);
});

it('says that there is no room for it, and comes back when there is', async () => {
  const before = await scrape();
  const sessions: Session[] = [];
  try {
    // Superusers may take the reserved places as well, so this fills the server to the last.
    await until('a full server', async () => {
      await server
        .query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pgvigil'")
        .catch(() => undefined);
      try {
        for (;;) sessions.push(await openSession(server.url()));
      } catch (error) {
        expect((error as { code?: string }).code).toBe('53300');
      }
      return (await scrape()).value('pg_up') === 0;
    });
    const { samples, seconds } = await exporter.scrape();
    expect(seconds).toBeLessThan(5);
    expect(samples.value('pg_up')).toBe(0);
    expect(samples.value('pgvigil_target_problem', { reason: 'too_many_connections' })).toBe(1);
    expect(exporter.log()).toContain('reason=too_many_connections');
  } finally {
    for (const session of sessions) await session.end();
  }
  await until('pg_up 1', async () => (await scrape()).value('pg_up') === 1);
  const after = await scrape();
  expect(missing(before, after)).toEqual([]);
  expect(after.series('pgvigil_target_problem')).toEqual([]);
});
