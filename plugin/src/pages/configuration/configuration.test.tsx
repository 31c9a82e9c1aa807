import type { Status } from '@pgvigil/exporter/contract';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { type Answering, fakeBackend, refusal } from '../../api/fake_backend';
import ConfigurationPage, { type ConfigurationPageProps } from './ConfigurationPage';
import { testConnection } from './connection_test';
import { problemOfUrl, tidyUrl } from './url';

const on = { state: 'on', reason: '', cure: '' } as const;
const history = { intervalSeconds: 60, sampleSeconds: 1 };
const status: Status = { version: '0.1.0', you: { login: 'ada', role: 'Admin' }, state: on, actions: on, history };
/** An exporter that works, and refuses a job that is none. */
const working: Answering = ({ url }) => {
  if (url.endsWith('/status')) return status;
  if (url.endsWith('/targets')) return [];
  throw refusal(404, 'not_found');
};
const URL = 'http://exporter:9187';

test.each([
  [{ status: 502, data: {} }, `cannot reach ${URL}`, 'In a container, localhost'],
  [{ status: 504, data: {} }, 'does not answer in time', 'firewalls'],
  [{ status: 404, data: '' }, "is not pgvigil's API", 'path'],
  [{ status: 404, data: { message: 'Plugin not found' } }, 'not enabled', 'Save'],
  [{ status: 403, data: { message: 'plugin proxy route access denied' } }, 'does not let you', 'Viewer'],
  [refusal(403, 'forbidden', 'the secret is wrong'), 'refuses: The secret is wrong.', 'Read secret'],
])('%j: what fails, and the cure', async (thrown, message, cure) => {
  fakeBackend(() => {
    throw thrown;
  });
  const { findings } = await testConnection(URL, true);
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({ title: 'Exporter', state: 'fail' });
  expect(findings[0].message).toContain(message);
  expect(findings[0].cure).toContain(cure);
});

test('the write secret is tried on a job that is none', async () => {
  const asked = fakeBackend(working);
  expect((await testConnection(URL, true)).findings).toMatchObject([{ state: 'ok' }, { state: 'ok' }, { state: 'ok' }]);
  expect(asked.filter(({ method }) => method === 'POST').map(({ url }) => url)).toEqual([
    '/api/plugin-proxy/pgvigil-database-app/api/v1/jobs/00000000-0000-0000-0000-000000000000/cancel',
  ]);
  fakeBackend((request) => {
    if (request.method === 'POST') throw refusal(403, 'forbidden', 'the secret is wrong');
    return working(request);
  });
  expect((await testConnection(URL, true)).findings[2]).toMatchObject({ title: 'Actions', state: 'fail' });
  expect((await testConnection(URL, false)).findings[2]).toMatchObject({ title: 'Actions', state: 'warn' });
});

test.each([
  [' http://exporter:9187/ ', ''],
  ['https://example.com/pgvigil', ''],
  ['exporter:9187', 'Only http'],
  ['exporter', 'no URL'],
  ['http://user:secret@exporter:9187', 'No user'],
  ['http://exporter:9187/metrics', '/metrics are added'],
  ['http://exporter:9187/?a=b', 'without ?'],
])('%s: "%s"', (text, problem) => {
  if (problem === '') expect(problemOfUrl(text)).toBe('');
  else expect(problemOfUrl(text)).toContain(problem);
  expect(tidyUrl(text)).not.toMatch(/\/$| /);
});

test('a secret that is not typed anew is not sent', async () => {
  const asked = fakeBackend((request) => {
    // Saving loads the page again, which a test cannot; it ends here.
    if (request.url.endsWith('/settings')) throw { status: 500, data: { message: 'enough' } };
    return working(request);
  });
  const meta = { jsonData: { url: URL }, secureJsonFields: { readSecret: true, writeSecret: true } };
  const props = { plugin: { meta }, query: {} } as unknown as ConfigurationPageProps;
  render(<ConfigurationPage {...props} />);
  const user = userEvent.setup();
  await screen.findByText('The exporter accepts the write secret.');
  await user.click(screen.getAllByRole('button', { name: 'Reset' })[1]);
  await user.type(screen.getByLabelText(/Write secret/), ' new one ');
  await user.click(screen.getByRole('button', { name: 'Save and test' }));
  await waitFor(() => expect(asked.some(({ url }) => url.endsWith('/settings'))).toBe(true));
  expect(asked.find(({ url }) => url.endsWith('/settings'))?.data).toEqual({
    enabled: true,
    pinned: true,
    jsonData: { url: URL, defaultTarget: undefined },
    secureJsonData: { writeSecret: 'new one' },
  });
  expect(await screen.findByText(/Not saved/)).toBeInTheDocument();
});
