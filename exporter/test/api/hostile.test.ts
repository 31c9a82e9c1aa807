/** What could get past the audit: text that no database can note. */
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { type ApiExporter, grafanaContext, send, startApi } from '../support/api.ts';
import { ask } from '../support/exporter.ts';

let server: PostgresServer;
let exporter: ApiExporter;
beforeAll(async () => {
  server = await startPostgres();
  exporter = await startApi({
    env: { DATA_SOURCE_NAME: server.url('postgres') },
    args: ['--maintenance.connection-string=user=postgres'],
  });
});
afterAll(async () => {
  await exporter?.stop();
  await server?.stop();
});

const session = { pid: 2147483647, backendStart: '2026-01-01T00:00:00Z' };

test.each([
  ['database', `{"database": "a\\ud800", "params": {"session": ${JSON.stringify(session)}}}`],
  ['params.columns.0.name', '{"params": {"columns": [{"name": "\\udc00"}]}}'],
])('half of a character in %s is refused', async (field, body) => {
  const headers = { 'X-Pgvigil-Secret': exporter.secrets.write, 'X-Grafana-Context': grafanaContext('Admin') };
  const answer = await send(exporter, 'POST', '/api/v1/actions/cancel/session', { headers, body });
  expect([answer.status, JSON.parse(answer.text)]).toEqual([
    400,
    {
      error: expect.objectContaining({ message: expect.stringContaining(`"${field}" holds half`) as string }) as object,
    },
  ]);
});

test('a long login is not cut in the middle of a character', async () => {
  const context = Buffer.from(grafanaContext('Admin', `${'a'.repeat(199)}💡b`)).toString('latin1');
  const answer = await ask(`${exporter.url}/api/v1/status`, {
    headers: { 'X-Pgvigil-Secret': exporter.secrets.read, 'X-Grafana-Context': context },
  });
  const { you } = JSON.parse(answer.text) as { you: { login: string } };
  expect(you.login).toBe(`${'a'.repeat(199)}💡`);
});
