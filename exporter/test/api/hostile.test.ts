/** Bodies that nobody should send, and text that no database can note: refused, each with what is wrong. */
import { gzipSync } from 'node:zlib';
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { type ApiExporter, startApi } from '../support/api.ts';
import { grafanaContext, send } from '../support/caller.ts';
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

const PLAN = '/api/v1/actions/vacuum/plan';
/** Of what was sent, nothing but the name of the field may come back. */
const refused = async (
  body: string | Uint8Array | ReadableStream,
  headers: Record<string, string> = {},
): Promise<[string, string]> => {
  const answer = await fetch(exporter.url + PLAN, {
    method: 'POST',
    body,
    headers: {
      'Content-Type': 'application/json',
      Connection: 'close',
      'X-Pgvigil-Secret': exporter.secrets.write,
      'X-Grafana-Context': grafanaContext('Admin'),
      ...headers,
    },
    // A stream is sent without its length.
    duplex: 'half',
  } as RequestInit);
  const { error } = (await answer.json()) as { error: { code: string; message: string } };
  expect(error.message).not.toContain('hunter2');
  return [`${answer.status} ${error.code}`, error.message];
};
const LARGE = JSON.stringify({ params: { table: 'hunter2'.repeat(30_000) } });

test.each<[string, () => Promise<[string, string]>]>([
  ['larger than it may be', () => refused(LARGE)],
  ['whose length is not said', () => refused(new Blob([LARGE]).stream())],
  ['that is small until it is unpacked', () => refused(gzipSync(LARGE.repeat(50)), { 'Content-Encoding': 'gzip' })],
])('a body %s is not read to its end', async (_, send) => {
  expect(await send()).toEqual(['413 too_large', 'the body is larger than 64 KiB']);
});

test.each([
  ['an unknown field', '{"params": {"table": 1, "sql": "hunter2"}}', /sql/],
  ['an unknown field beside', '{"params": {"table": 1}, "hurry": "hunter2"}', /hurry/],
  ['a text for a number', '{"params": {"table": "1; drop table hunter2"}}', /params\.table/],
  ['a number that is no oid', '{"params": {"table": -1}}', /params\.table/],
  ['an object for a text', '{"params": {"table": 1}, "database": {"hunter2": 1}}', /database/],
  ['nothing for an object', '{"params": null}', /params/],
  ['a list', '[{"params": {"table": 1}}]', /object/],
  ['no JSON', '{"params": hunter2', /not a JSON object/],
  ['too deep', '['.repeat(60_000), /not a JSON object/],
])('%s is refused, and named', async (_, body, message) => {
  expect(await refused(body)).toEqual(['400 bad_request', expect.stringMatching(message) as string]);
});
