/** Answers of the API for tests: one of each, to be changed where a test is about a part of it. */
import type { ActionInfo, ActionPlan, Job, Status, Target } from '@pgvigil/exporter/contract';
import { dateTime } from '@grafana/data';
import type { Scope } from '../../../lib/scope';

export const vacuum: ActionInfo = {
  id: 'vacuum',
  title: 'Vacuum',
  description: 'Frees dead rows.',
  role: 'Editor',
  kind: 'maintenance',
  lock: 'Blocks nobody who reads or writes.',
  grants: [],
  params: [{ name: 'table', label: 'Table', type: 'table', required: true, options: [], help: '' }],
};

export const plan: ActionPlan = {
  id: 'plan-1',
  action: 'vacuum',
  title: 'Vacuum shop.orders',
  target: 'shop',
  database: 'shop',
  relation: { oid: 42, kind: 'table', schema: 'shop', name: 'orders' },
  statements: ['vacuum (verbose) shop.orders'],
  lock: { level: 'SHARE UPDATE EXCLUSIVE', words: 'Blocks nobody who reads or writes.' },
  expected: { seconds: 95, basis: '3.7 GiB at 40 MiB/s' },
  waitsFor: [],
  lockBudgetSeconds: 30,
  preconditions: [{ title: 'Primary', state: 'ok', message: 'the server is not a standby', cure: '' }],
  window: { open: true, words: 'at any time', closesAt: null },
  runnable: true,
  predicted: [],
  expiresAt: '2026-11-23T10:10:00.000Z',
};

export const job: Job = {
  id: '11111111-1111-4111-8111-111111111111',
  action: 'vacuum',
  title: 'Vacuum shop.orders',
  target: 'shop',
  database: 'shop',
  relation: plan.relation,
  state: 'running',
  statements: plan.statements,
  requestedBy: 'ada',
  requestedRole: 'Admin',
  createdAt: '2026-11-23T10:00:00.000Z',
  startedAt: '2026-11-23T10:00:01.000Z',
  finishedAt: null,
  progress: { phase: 'scanning heap', ratio: 0.425, etaSeconds: 95, statement: 0, blockedBy: [] },
  cancelRequested: false,
  message: '',
  hint: '',
  verified: [],
  effect: [],
  effectDueAt: null,
};

const on = { state: 'on' as const, reason: '', cure: '' };

export const status: Status = {
  version: '0.0.0',
  you: { login: 'ada', role: 'Admin' },
  state: on,
  actions: on,
  history: { intervalSeconds: 60, sampleSeconds: 1 },
};

export const target: Target = {
  name: 'shop',
  server: 'localhost:5432',
  up: true,
  problem: '',
  version: 18,
  standby: false,
  database: 'shop',
  databases: ['shop'],
  pgbouncer: false,
  history: null,
  actions: on,
};

const range = { from: dateTime(0), to: dateTime(3_600_000), raw: { from: 'now-1h', to: 'now' } };
export const scope: Scope = { target: 'shop', database: 'shop', range, info: target, status };
