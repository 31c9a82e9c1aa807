import type { Status, Target } from '@pgvigil/exporter/contract';
import { facts } from './truth';

const on = { state: 'on', reason: '', cure: '' } as const;
const off = { state: 'off', reason: 'No write secret is set.', cure: 'Set one.' } as const;
const history = { intervalSeconds: 300, sampleSeconds: 1 };
const status: Status = { version: '1', you: { login: 'ada', role: 'Admin' }, state: on, actions: on, history };
const target: Target = {
  name: 'shop',
  server: 'db:5432',
  up: true,
  problem: '',
  version: 18,
  standby: false,
  database: 'shop',
  databases: ['shop'],
  pgbouncer: false,
  history: { from: '', to: '', ageSeconds: 10, days: 9.4, statements: 5 },
  actions: on,
};
const words = (...args: Parameters<typeof facts>) => facts(...args).map(({ words }) => words);

test('all is well', () => {
  expect(words(target, status, 2)).toEqual(['data 12 s old', 'history 9 days', 'actions: on (you may run them)']);
});

test('what is missing says why, and who may', () => {
  expect(facts({ ...target, up: false, problem: 'connection refused' }, status, 0)[0]).toEqual({
    words: 'target is down',
    why: 'connection refused',
    state: 'bad',
  });
  expect(facts(target, { ...status, actions: off }, 0)[2]).toEqual({
    words: 'actions: off',
    why: 'No write secret is set. Set one.',
    state: 'off',
  });
  expect(words({ ...target, actions: off }, status, 0)[2]).toBe('actions: off');
  expect(words({ ...target, history: null }, { ...status, state: off }, 0)[1]).toBe('history: off');
  expect(words({ ...target, history: null }, status, 0)[1]).toBe('history: none yet');
  expect(facts({ ...target, history: null }, status, 0)[1].why).toMatch(/they are 5 min apart/);
  const viewer: Status = { ...status, you: { login: 'v', role: 'Viewer' } };
  expect(words(target, viewer, 0)[2]).toBe('actions: on (not for Viewers)');
});

test('a history that is no longer written is not as good as one that is', () => {
  const away = { state: 'unavailable', reason: 'It does not answer.', cure: '' } as const;
  expect(facts(target, { ...status, state: away }, 0)[1]).toMatchObject({ words: 'history 9 days', state: 'bad' });
});
