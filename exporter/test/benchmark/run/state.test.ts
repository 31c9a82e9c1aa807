/** `pgvigil bench` where its state database is not as it must be. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type PostgresServer, startPostgres } from '../../../../demo/servers/index.ts';
import { pgvigil } from '../../support/state.ts';

const folder = mkdtempSync(join(tmpdir(), 'pgvigil-bench-'));
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true });
});

const listWith = (state: object): Promise<{ status: number; text: string }> => {
  const config = join(folder, 'pgvigil.yml');
  writeFileSync(config, JSON.stringify({ ...state, targets: [{ name: 'a', postgres: server.url() }] }));
  return pgvigil('bench', 'list', '--config.file', config);
};

test('none is configured', async () => {
  const { status, text } = await listWith({});
  expect({ status, text }).toEqual({ status: 2, text: expect.stringContaining('PGVIGIL_STATE_URL') as unknown });
});

test('it was never prepared', async () => {
  expect(await listWith({ state: { url: server.url() } })).toEqual({
    status: 1,
    text: 'pgvigil: state database: relation "pgvigil_state.benchmark" does not exist\n         Cure: pgvigil state migrate\n',
  });
});

test('it is away', async () => {
  const { status, text } = await listWith({ state: { url: `postgresql://x@127.0.0.1:${await freePort()}/x` } });
  expect({ status, text }).toEqual({
    status: 1,
    text: 'pgvigil: state database: connection refused: nothing listens at that host and port\n',
  });
});
