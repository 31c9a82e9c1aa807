/** Names that users may give to anything: the answer stays well-formed, and every name arrives as it is. */
import { type PostgresServer, run, ServerUnavailable, startPostgres, tool } from '../../../demo/servers/index.ts';
import { CREATE_MONITOR, openSession, type Session, until } from '../support/database.ts';
import { startExporter, type TestExporter } from '../support/exporter.ts';
import type { Samples } from '../support/exposition.ts';

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** PostgreSQL cuts names at 63 bytes; 😀 has four. */
const HOSTILE = [
  'quote"inside',
  'back\\slash',
  'line\nbreak',
  'carriage\rreturn',
  'tab\tand\vmore',
  'a{b="c",} 1',
  'comma, brace } and # HELP x',
  '😀 smile ünï',
  'x'.repeat(63),
  'ends with \\',
  '\\" both',
  "it's",
  '-- comment; drop',
  '$1 {schema:pg_stat_statements}',
  'other',
  ' ',
];

let server: PostgresServer;
let exporter: TestExporter;
const sessions: Session[] = [];
let samples: Samples;
let text: string;

beforeAll(async () => {
  server = await startPostgres();
  await server.query(`${CREATE_MONITOR}; create extension pg_stat_statements`);
  for (const name of HOSTILE) {
    await server.query(`create schema ${quoted(name)}`);
    await server.query(`create table ${quoted(name)}.${quoted(name)} (${quoted(name)} serial primary key)`);
    await server.query(
      `create index ${quoted(`${name.slice(0, 40)} i`)} on ${quoted(name)}.${quoted(name)} (${quoted(name)})`,
    );
    await server.query(`create role ${quoted(name)} login connection limit 7`);
    await server.query(`grant all on schema ${quoted(name)} to ${quoted(name)}`);
  }
  const databases = HOSTILE.slice(0, 8);
  for (const name of databases) {
    await server.query(`create database ${quoted(name)}`);
    await server.query('create table inside (id int primary key); analyze inside', name);
  }
  for (const name of HOSTILE) {
    // In one of the hostile databases, as the hostile user, under the hostile application's name.
    const settings = { host: server.host, port: server.port, user: name, database: databases[0] };
    const session = await openSession('', { ...settings, connectionString: undefined, application_name: name });
    await session.query(`select 1 as ${quoted(name)}`);
    sessions.push(session);
  }
  const long = await openSession(server.url());
  // Longer than a startup packet may be.
  await long.query(`set application_name = 'start "${'\\'.repeat(10_000)}'`);
  sessions.push(long);
  exporter = await startExporter({
    args: ['--collector.stat_statements.include_query', '--collector.stat_statements.limit=0'],
    env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') },
  });
  await until('every database', async () => {
    ({ samples, text } = await exporter.scrape());
    return databases.every((datname) => samples.series('pg_stat_user_tables_n_live_tup', { datname }).length > 0);
  });
}, 180_000);

afterAll(async () => {
  for (const session of sessions) await session.end();
  await exporter?.stop();
  await server?.stop();
});

it.each(HOSTILE.map((name) => [JSON.stringify(name), name]))('serves %s as it is', (_, name) => {
  const object = { datname: 'postgres', schemaname: name, relname: name };
  expect(samples.value('pg_stat_user_tables_seq_scan', object)).toBeDefined();
  expect(samples.value('pg_stat_user_tables_table_size_bytes', object)).toBeDefined();
  const index = { schemaname: name, relname: name, indexrelname: `${name.slice(0, 40)} i` };
  expect(samples.value('pg_stat_user_indexes_idx_scan_total', index)).toBe(0);
  expect(samples.value('pg_roles_connection_limit', { rolname: name })).toBe(7);
  // PostgreSQL itself allows nothing but printable ASCII in application_name.
  const shown = [...Buffer.from(name)].map((byte) =>
    byte < 32 || byte > 126 ? `\\x${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte),
  );
  const applications = samples.series('pg_stat_activity_count', { usename: name, datname: HOSTILE[0] });
  expect(applications.map(({ labels }) => labels.application_name)).toContain(shown.join('').slice(0, 63));
});

it('has all the databases, and no collector that failed or gave a series twice', () => {
  for (const datname of HOSTILE.slice(0, 8)) {
    expect(samples.value('pg_stat_database_numbackends', { datname })).toBeDefined();
    expect(samples.value('pg_stat_user_tables_n_live_tup', { datname, relname: 'inside' })).toBe(0);
  }
  expect(samples.series('pg_scrape_collector_success').filter(({ value }) => value !== 1)).toEqual([]);
  expect(samples.series('pgvigil_collector_duplicate_samples')).toEqual([]);
  expect(samples.series('pgvigil_collector_problem')).toEqual([]);
});

it('keeps what the server keeps of an application name of 10 kB', () => {
  const names = samples.series('pg_stat_activity_count').map(({ labels }) => labels.application_name);
  expect(names).toContain(`start "${'\\'.repeat(56)}`);
});

it('is read by promtool', async () => {
  try {
    const { code, stderr } = await run(await tool('promtool'), ['check', 'metrics'], { input: text });
    // It lints as well (names of other exporters have their own ways); what it cannot read it says so.
    expect(stderr).not.toMatch(/error while linting|text format parsing error|invalid/i);
    expect([0, 3]).toContain(code);
  } catch (error) {
    if (!(error instanceof ServerUnavailable)) throw error;
    process.stderr.write(`skipped: ${error.message}\n`);
  }
});
