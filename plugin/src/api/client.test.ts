import { call } from './client';
import { fakeBackend, refusal } from './fake_backend';

const BASE = '/api/plugin-proxy/pgvigil-database-app';

test('path parameters are escaped, empty and absent parts of the query left out', async () => {
  const asked = fakeBackend(() => ({}));
  await call('GET /api/v1/queries/:queryId', {
    params: { queryId: '-1/..' },
    query: { database: 'a b&c', user: undefined },
  });
  expect(asked[0]).toMatchObject({
    url: `${BASE}/api/v1/queries/-1%2F..?database=a+b%26c`,
    method: 'GET',
    data: undefined,
    showErrorAlert: false,
    showSuccessAlert: false,
  });
});

test('a POST without a body sends an empty object', async () => {
  const asked = fakeBackend(() => ({}));
  await call('POST /api/v1/jobs/:id/cancel', { params: { id: 'x' } });
  expect(asked[0]).toMatchObject({ url: `${BASE}/api/v1/jobs/x/cancel`, method: 'POST', data: {} });
});

test.each([
  [refusal(409, 'plan_expired', 'the plan has expired', 'Make it again.'), 'plan_expired', 'The plan has expired.'],
  [{ status: 403, data: { message: 'plugin proxy route access denied' } }, 'role_denied', 'Your role'],
  [{ status: 404, data: { message: 'plugin route match not found' } }, 'no_route', 'no route'],
  [{ status: 404, data: { message: 'Plugin not found' } }, 'not_configured', 'not set up'],
  [{ status: 404, data: '<html>nginx</html>' }, 'no_route', 'is not this exporter'],
  [{ status: 502, data: {} }, 'unreachable', 'cannot reach'],
  [{ status: 504, data: {} }, 'timeout', 'in time'],
  [{ status: 0 }, 'offline', 'Grafana does not answer'],
  [undefined, 'offline', 'Grafana does not answer'],
])('%j is the failure %s', async (thrown, code, words) => {
  fakeBackend(() => {
    throw thrown;
  });
  const failure: unknown = await call('GET /api/v1/status', {}).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'Failure', code, message: expect.stringContaining(words) as string });
  expect((failure as { hint: string }).hint).not.toBe('');
});

test('an aborted call is no failure to show', async () => {
  const abort = new AbortController();
  fakeBackend(() => {
    abort.abort();
    throw { status: 0, cancelled: true };
  });
  await expect(call('GET /api/v1/status', {}, abort.signal)).rejects.toMatchObject({ name: 'AbortError' });
});
