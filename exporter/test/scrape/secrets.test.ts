/** A password, right or wrong, is in nothing that anybody reads: log, answers, labels, errors. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type PgBouncerServer,
  type PostgresServer,
  ServerUnavailable,
  startPgBouncer,
  startPostgres,
} from '../../../demo/servers/index.ts';
import { startExporter, type TestExporterOptions } from '../support/exporter.ts';

const SECRET = 'hunter2-s3cr3t-Kx/9@:%';
const WRONG = 'wrong-s3cr3t-Qz#?& ';
/** Enough of each to be found if it is cut, encoded or hidden in another text. */
const TRACES = [SECRET, WRONG].flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').slice(0, 16),
  secret.slice(0, 14),
]);

const directory = mkdtempSync(join(tmpdir(), 'pgvigil-secrets-'));
let server: PostgresServer;
let bouncer: PgBouncerServer | undefined;

beforeAll(async () => {
  server = await startPostgres({ hba: 'host all all 127.0.0.1/32 scram-sha-256' });
  await server.query(`create role monitor login password '${SECRET}'; grant pg_monitor to monitor`);
  try {
    bouncer = await startPgBouncer({ version: 'any', databases: {}, users: { postgres: SECRET } });
  } catch (error) {
    if (!(error instanceof ServerUnavailable)) throw error;
    process.stderr.write(`skipped: ${error.message}\n`);
  }
});
afterAll(async () => {
  await bouncer?.stop();
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const file = (secret: string): string => {
  const path = join(directory, 'password');
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  return path;
};
const address = (): string => `127.0.0.1:${server.port}/postgres`;
const uri = (secret: string): string => `postgresql://monitor:${encodeURIComponent(secret)}@${address()}`;

/** Where a password may stand. */
const PLACES: Readonly<Record<string, (secret: string) => TestExporterOptions>> = {
  'the URI of DATA_SOURCE_NAME': (secret) => ({ env: { DATA_SOURCE_NAME: uri(secret) } }),
  'the keywords of DATA_SOURCE_NAME': (secret) => ({
    env: { DATA_SOURCE_NAME: `host=127.0.0.1 port=${server.port} user=monitor dbname=postgres password='${secret}'` },
  }),
  DATA_SOURCE_PASS: (secret) => ({
    env: { DATA_SOURCE_URI: address(), DATA_SOURCE_USER: 'monitor', DATA_SOURCE_PASS: secret },
  }),
  DATA_SOURCE_PASS_FILE: (secret) => ({
    env: { DATA_SOURCE_URI: address(), DATA_SOURCE_USER: 'monitor', DATA_SOURCE_PASS_FILE: file(secret) },
  }),
  'the configuration file': (secret) => ({
    config: `targets: [{ name: main, postgres: ${JSON.stringify(uri(secret))} }]\n`,
  }),
  PGPASSWORD: (secret) => ({
    env: { DATA_SOURCE_NAME: `postgresql://monitor@${address()}`, PGPASSWORD: secret },
  }),
};
const PATHS = ['/metrics', '/', '/sd', '/probe', '/probe?target=nobody', '/-/healthy', '/-/ready', '/nothing'];

/** Everything that one run of the exporter says to anybody. */
async function everythingSaid(options: TestExporterOptions, up: number, metric = 'pg_up'): Promise<string> {
  const exporter = await startExporter({ ...options, args: ['--log.level=debug', ...(options.args ?? [])] });
  try {
    const answers = [];
    for (const path of PATHS) answers.push(await exporter.scrape(path));
    expect(answers[0].samples.value(metric)).toBe(up);
    const [entry] = JSON.parse(answers[2].text) as { labels: { __param_target: string } }[];
    const target = entry.labels.__param_target;
    answers.push(await exporter.scrape(`/probe?target=${encodeURIComponent(target)}`));
    return [exporter.log(), ...answers.map(({ text, headers }) => text + JSON.stringify(headers))].join('\n');
  } finally {
    await exporter.stop();
  }
}

function expectNoTrace(said: string): void {
  for (const trace of TRACES) expect(said).not.toContain(trace);
}

describe.each(Object.entries(PLACES))('a password in %s', (_, optionsFor) => {
  it('that is right lets us in and is never shown', async () => {
    expectNoTrace(await everythingSaid(optionsFor(SECRET), 1));
  });

  it('that is wrong is refused and is never shown', async () => {
    const said = await everythingSaid(optionsFor(WRONG), 0);
    expect(said).toContain('reason=authentication');
    expect(said).toContain('reason="authentication"');
    expectNoTrace(said);
  });
});

it.each([
  ['right', SECRET, 1],
  ['wrong', WRONG, 0],
])("does not show PgBouncer's password when it is %s", async (_, secret, up) => {
  if (!bouncer) return;
  const url = `postgresql://postgres:${encodeURIComponent(secret)}@127.0.0.1:${bouncer.port}/pgbouncer`;
  expectNoTrace(await everythingSaid({ args: [`--pgBouncer.connectionString=${url}`] }, up, 'pgbouncer_up'));
});

it.each([
  ['a URI that cannot be read', { DATA_SOURCE_NAME: `postgresql://monitor:${SECRET}@[::1/postgres?port=x` }],
  ['keywords that cannot be read', { DATA_SOURCE_NAME: `host=a port=b password='${SECRET}` }],
])('does not show the password of %s', async (_, env) => {
  const failure = await startExporter({ env }).then(
    async (exporter) => {
      await exporter.stop();
      throw new Error('it started');
    },
    (error: Error) => error,
  );
  expect(failure.message).toContain('DATA_SOURCE_NAME');
  expectNoTrace(failure.message);
});

it('reads a changed password file at the next connection', async () => {
  const path = file(WRONG);
  const exporter = await startExporter({
    env: { DATA_SOURCE_URI: address(), DATA_SOURCE_USER: 'monitor', DATA_SOURCE_PASS_FILE: path },
  });
  try {
    expect((await exporter.scrape()).samples.value('pg_up')).toBe(0);
    writeFileSync(path, SECRET);
    expect((await exporter.scrape()).samples.value('pg_up')).toBe(1);
  } finally {
    await exporter.stop();
  }
});
