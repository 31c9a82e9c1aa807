/** Each command that the docs show is run as it stands there, with servers, files and sizes of ours in place of the examples. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '../../exporter/test/support/certificates.ts';
import { pgvigil, writePrograms } from '../native/bin.ts';
import {
  Daemon,
  freePort,
  type PostgresServer,
  psql,
  run,
  type RunResult,
  ServerUnavailable,
  startPostgres,
  tool,
} from '../servers/index.ts';
import { ELSEWHERE, shownCommands } from './commands.ts';

jest.setTimeout(300_000);

const ROOT = join(import.meta.dirname, '..', '..');
const SERVES = /(^|\s)pgvigil( serve\b.*)?$/;

const folder = mkdtempSync(join(tmpdir(), 'pgvigil-docs-'));
const at = (name: string): string => join(folder, name);
let server: PostgresServer | undefined;
let port: number;

/** What the reader has already, and what the page told him to make before. */
beforeAll(async () => {
  try {
    const authority = await createAuthority('docs');
    server = await startPostgres({ tls: await authority.issue({ dns: ['localhost'] }) });
    port = await freePort();
    writeFileSync(at('ca.pem'), authority.cert);
    writeFileSync(at('password'), 'of nobody');
    writePrograms(at('bin'), {
      pgvigil: pgvigil(),
      amtool: await tool('amtool'),
      promtool: await tool('promtool'),
      psql: await psql(),
    });
  } catch (error) {
    if (!(error instanceof ServerUnavailable)) throw error;
    process.stderr.write(`skipped: ${error.message}\n`);
    return;
  }
  for (const name of ['provisioning', 'alerts']) symlinkSync(join(ROOT, name), at(name));
  mkdirSync(at('etc'));
  await server.query('create role monitor login; create role pgvigil_exporter login; grant pg_monitor to monitor');
  await server.query('create role owner login superuser; create role loader login superuser');
  for (const name of ['shop', 'music', 'pgvigil']) await server.query(`create database ${name}`);
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Examples, and what stands for them here. */
const translated = (text: string, { port: database }: PostgresServer): string =>
  text
    .replace(/@(db\.example:5432|db|localhost)\//g, `@localhost:${database}/`)
    .replace('db.example:5432/', `localhost:${database}/`)
    .replace('--db …', `--db ${server!.url('shop', 'owner')}`)
    .replace(/ \[.*\]$/, '')
    .replaceAll('/etc/ssl/ca.pem', at('ca.pem'))
    .replaceAll('/run/secrets/pg', at('password'))
    .replaceAll('/etc/pgvigil/', `${at('etc')}/`)
    .replaceAll('http://exporter.example:9187', `http://127.0.0.1:${port}`)
    .replace(/--size \w+/, '--size 2000');

const environment = (): NodeJS.ProcessEnv => ({
  PATH: `${at('bin')}:${process.env.PATH}`,
  HOME: folder,
  DATA_SOURCE_NAME: server!.url('postgres', 'monitor'),
  PGVIGIL_WEB_LISTEN_ADDRESS: `127.0.0.1:${port}`,
  PGVIGIL_ACTIONS_JOURNAL_FILE: at('journal.ndjson'),
});

const bash = (text: string): Promise<RunResult> =>
  run({ file: 'bash', args: ['-eo', 'pipefail', '-c', text], env: environment() }, [], { cwd: folder });

async function serving<T>(text: string, whileItRuns: () => Promise<T>): Promise<T> {
  const command = { file: 'bash', args: ['-c', text.replace(/pgvigil( serve\b.*)?$/, 'exec $&')], env: environment() };
  const daemon = new Daemon({ name: text, directory: 'docs', command });
  const isReady = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await daemon.start([], isReady);
  try {
    return await whileItRuns();
  } finally {
    await daemon.end('SIGTERM');
  }
}

const MUSIC = 'pgvigil sample load --sample musicdb --size 2000 --db postgresql://owner@db/music';

/** What the reader of a page has by then: a file of tracks, and their artists. */
const BEFORE: Readonly<Record<string, string>> = {
  'tracks.csv': `${MUSIC} && pgvigil sample export --size 2000 --format csv > tracks.csv`,
  'tracks.ndjson.gz': 'pgvigil sample export --size 2000 --format ndjson | gzip > tracks.ndjson.gz',
  'postgres@localhost/demo':
    'psql postgresql://postgres@localhost/postgres -c "drop database if exists demo" -c "create database demo"',
};

const here = shownCommands.filter(({ text }) => !ELSEWHERE.some(({ command }) => command.test(text)));

test('commands are found, and none is left out for nothing', () => {
  expect(here.length).toBeGreaterThan(25);
  const idle = ELSEWHERE.filter(({ command }) => !shownCommands.some(({ text }) => command.test(text)));
  expect(idle).toEqual([]);
});

test.each(here)('$page: $text', async ({ text }) => {
  if (!server) return;
  const command = translated(text, server);
  for (const [having, make] of Object.entries(BEFORE)) if (text.includes(having)) await bash(translated(make, server));
  if (SERVES.test(command)) {
    await serving(command, () => Promise.resolve());
    return;
  }
  const ask = (): Promise<RunResult> => bash(command);
  const isClient = command.startsWith('curl');
  const serve = `pgvigil serve --api.read-secret-file=${at('etc/read')}`;
  if (isClient) writeFileSync(at('etc/read'), 'of this test, and of nobody else', { mode: 0o600 });
  const { code, stdout, stderr } = isClient ? await serving(serve, ask) : await ask();
  expect(code === 0 ? '' : `${code}: ${stderr}${stdout}`).toBe('');
});
