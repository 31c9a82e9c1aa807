/** The API's time as a metric: by endpoint, never by what was asked for. */
import { freePort } from '../../../demo/servers/index.ts';
import { type ApiExporter, call, startApi } from '../support/api.ts';

let exporter: ApiExporter;
beforeAll(async () => {
  // Nothing listens there: an answer that is an error counts as well.
  exporter = await startApi({ env: { DATA_SOURCE_NAME: `postgresql://nobody@127.0.0.1:${await freePort()}/none` } });
});
afterAll(() => exporter.stop());

test('each answer is counted with its status, and a path with its parameters is not a series', async () => {
  const before = (await exporter.scrape()).samples;
  expect(before.series('pgvigil_api_request_duration_seconds_count')).toEqual([]);
  await call(exporter, 'GET /api/v1/status', { as: 'Viewer' });
  await call(exporter, 'GET /api/v1/status', { as: 'Viewer' });
  await call(exporter, 'GET /api/v1/jobs/:id', {
    as: 'Viewer',
    params: { id: '8b2f4a0e-0000-4000-8000-000000000001' },
  });
  const { samples } = await exporter.scrape();
  const counts = samples
    .series('pgvigil_api_request_duration_seconds_count')
    .map(({ labels: { method, path, code }, value }) => [method, path, code, value]);
  expect(counts).toEqual([
    ['GET', '/api/v1/status', '200', 2],
    ['GET', '/api/v1/jobs/:id', '503', 1],
  ]);
  const seconds = samples.series('pgvigil_api_request_duration_seconds_sum').map(({ value }) => value);
  for (const value of seconds) expect(value).toBeGreaterThan(0);
});
