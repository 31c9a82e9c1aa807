import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { endpoints } from '../../src/contract/index.ts';
import { type ApiExporter, call, startApi, validate } from '../support/api.ts';
import { send } from '../support/caller.ts';

let server: PostgresServer;
let exporter: ApiExporter;
beforeAll(async () => {
  server = await startPostgres();
  exporter = await startApi({ env: { DATA_SOURCE_NAME: server.url('postgres') } });
});
afterAll(async () => {
  await exporter.stop();
  await server.stop();
});

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { operationId: string; parameters: { name: string; in: string }[] }>>;
}
const openApi = async (): Promise<OpenApi> => (await send(exporter, 'GET', '/openapi.json')).json as OpenApi;

test('every endpoint is in the OpenAPI, and nothing else', async () => {
  const { openapi, paths } = await openApi();
  expect(openapi).toBe('3.1.0');
  const keys = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  );
  expect(keys.sort()).toEqual(Object.keys(endpoints).sort());
});

test('every reference leads somewhere, every operation has a name of its own', async () => {
  const document = await openApi();
  const text = JSON.stringify(document);
  for (const [, ref] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const found = ref
      .split('/')
      .reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], document);
    expect([ref, typeof found]).toEqual([ref, 'object']);
  }
  const names = Object.values(document.paths).flatMap((methods) => Object.values(methods).map((it) => it.operationId));
  expect(new Set(names).size).toBe(names.length);
});

test('a path names its parameters', async () => {
  const { paths } = await openApi();
  for (const [path, methods] of Object.entries(paths))
    for (const { parameters } of Object.values(methods))
      expect(parameters.filter((it) => it.in === 'path').map((it) => it.name)).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      );
});

test('an answer that is not as promised is found', async () => {
  const { body } = await call(exporter, 'GET /api/v1/status');
  const answer = { ...body, you: { login: 'admin', role: 'Root' }, password: 'x' };
  await expect(validate(exporter, 'GET /api/v1/status', 200, answer)).rejects.toThrow(
    /additional properties.*you\/role/s,
  );
});
