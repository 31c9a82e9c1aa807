/** A server with tables to work on, the roles that the manual recommends, and a state database. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import {
  type PostgresMajor,
  type PostgresOptions,
  type PostgresServer,
  startPostgres,
} from '../../../demo/servers/index.ts';
import { addStateCommands } from '../../src/cli/state.ts';
import { runCli } from '../../src/cli/main.ts';
import { parseDsn } from '../../src/config/dsn.ts';
import type { Config, MaintenanceWindow } from '../../src/config/types.ts';
import type { ActionPlan, Job, ParamValues } from '../../src/contract/index.ts';
import { Jobs } from '../../src/jobs/jobs.ts';
import { Refusal } from '../../src/jobs/refusal.ts';
import type { JobTimings, Requester } from '../../src/jobs/types.ts';
import { createLog } from '../../src/log.ts';
import { Store } from '../../src/store/store.ts';
import { until } from '../support/database.ts';

export const ADMIN: Requester = { login: 'ada', role: 'Admin' };
export const TARGET = 'shop';
/** A lock budget, in seconds, for what a test must see waiting: no test lasts as long. */
export const PATIENT = 600;

const SQL = join(import.meta.dirname, '../../../sql');

/** The owner's schema, and the maintenance login `operator`. */
const ROLES = `
  create role operator login; grant pgvigil_maintain to operator;
  create role shop_owner nologin; grant shop_owner to pgvigil_owners;
  create schema shop authorization shop_owner; grant usage on schema shop to pgvigil_maintain;
  create role pgvigil_exporter login`;

export async function startTarget(options: PostgresOptions = {}): Promise<PostgresServer> {
  const server = await startPostgres(options);
  for (const file of ['01_schema.sql', '02_roles.sql']) await server.query(readFileSync(join(SQL, file), 'utf8'));
  await server.query(ROLES);
  return server;
}

/** Database `state`, prepared as the manual says. @throws Error with what the command said. */
export async function prepareState(server: PostgresServer): Promise<void> {
  await server.query('create database state');
  const [{ there }] = await server.query<{ there: boolean }>(
    "select exists (select from pg_roles where rolname = 'pgvigil_exporter') as there",
  );
  if (!there) await server.query('create role pgvigil_exporter login');
  await migrateState(server);
}

/** As the superuser. @throws Error with what the command said. */
export async function migrateState(server: PostgresServer): Promise<void> {
  const said: string[] = [];
  const status = await runCli({
    argv: ['state', 'migrate', '--state', server.url('state'), '--runtime-role', 'pgvigil_exporter'],
    env: {},
    version: '0.0.0',
    commands: { serve: () => Promise.resolve(), check: () => Promise.resolve() },
    groups: [addStateCommands],
    out: (text) => said.push(text),
    err: (text) => said.push(text),
  });
  if (status !== 0) throw new Error(said.join(''));
}

const dsn = (url: string) => parseDsn(url, { env: { HOME: '/nowhere' } });

export interface RigOptions {
  /** Undefined: no state database. */
  readonly state?: PostgresServer;
  readonly windows?: readonly MaintenanceWindow[];
  readonly lockBudgetSeconds?: number;
  readonly timings?: Partial<JobTimings>;
  readonly journalFile?: string;
  /** Default: shop. */
  readonly target?: string;
  /** Default: operator. Null: none is configured. */
  readonly maintenance?: string | null;
  /** Default: the server's; a pooler's. */
  readonly maintenancePort?: number;
}

export interface Rig {
  readonly jobs: Jobs;
  readonly store: Store | undefined;
  readonly registry: Registry;
  readonly journalFile: string;
  plan(action: string, params: ParamValues): Promise<ActionPlan>;
  /** Plans, confirms, waits for the end. @throws Refusal; Error when the plan is not runnable. */
  complete(action: string, params: ParamValues): Promise<Job>;
  start(action: string, params: ParamValues): Promise<Job>;
  ended(id: string): Promise<Job>;
  close(): Promise<void>;
}

/** What an exporter has for actions, in this process. */
export async function startRig(server: PostgresServer, options: RigOptions = {}): Promise<Rig> {
  const { state, windows = [], lockBudgetSeconds = 20, maintenance = 'operator', target = TARGET } = options;
  const directory = mkdtempSync(join(tmpdir(), 'pgvigil-actions-'));
  const journalFile = options.journalFile ?? join(directory, 'journal.ndjson');
  const config = {
    targets: [
      {
        name: target,
        postgres: dsn(server.url('postgres', 'pgvigil_exporter')),
        ...(maintenance !== null && {
          maintenance: dsn(
            server
              .url('postgres', maintenance)
              .replace(`:${server.port}/`, `:${options.maintenancePort ?? server.port}/`),
          ),
        }),
        databases: { discover: false, include: [], exclude: [] },
      },
    ],
    windows,
    history: { intervalSeconds: 60 },
    api: { writeSecretFile: '/nonexistent/secret' },
    actions: { lockBudgetSeconds, journalFile },
  } as unknown as Config;
  const store = state && new Store(dsn(state.url('state', 'pgvigil_exporter')));
  const registry = new Registry();
  const log = createLog({ level: 'error', format: 'logfmt' });
  // A lease that no stall of a busy machine outlives: tests in which it runs out say so.
  const timings = { pollSeconds: 0.2, sweepSeconds: 0.2, leaseSeconds: 120, ...options.timings };
  const jobs = new Jobs({ config, store, log, registry, timings });
  await jobs.start();
  const plan = (action: string, params: ParamValues): Promise<ActionPlan> =>
    jobs.plan(action, { target, params }, ADMIN);
  const start = async (action: string, params: ParamValues): Promise<Job> => {
    const made = await plan(action, params);
    if (!made.runnable) throw new Error(`not runnable: ${made.title}: ${reasons(made).join('; ')}`);
    return jobs.run(action, made.id, ADMIN);
  };
  const ended = async (id: string): Promise<Job> => {
    let job = await jobs.get(id);
    await until(`the end of ${job.title}`, async () => {
      job = await jobs.get(id);
      return job.finishedAt !== null;
    });
    return job;
  };
  return {
    jobs,
    store,
    registry,
    journalFile,
    plan,
    start,
    ended,
    complete: async (action, params) => ended((await start(action, params)).id),
    close: async () => {
      await jobs.close();
      await store?.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Whether the job waits for somebody, and its exporter has noticed. */
export const waitsForLock = async ({ jobs }: Rig, id: string): Promise<boolean> =>
  ((await jobs.get(id)).progress?.blockedBy.length ?? 0) > 0;

const reasons = ({ preconditions, window }: ActionPlan): string[] => [
  ...preconditions.filter(({ state }) => state === 'missing').map(({ message }) => message),
  ...(window.open ? [] : [window.words]),
];

/**
 * Ends what jobs left running: their statements go on without an exporter, and would be in the way of the next test.
 * To be called when no rig is open any more.
 */
export async function endJobs(server: PostgresServer): Promise<void> {
  await until('no job is left on the server', async () => {
    const left = await server.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'pgvigil job %'",
    );
    return left.length === 0;
  });
}

export async function oidOf(server: PostgresServer, name: string): Promise<number> {
  const [{ oid }] = await server.query<{ oid: number }>(`select $q$${name}$q$::regclass::oid as oid`);
  return oid;
}

/** What a refused promise said. */
export async function refusalOf(promise: Promise<unknown>): Promise<Refusal> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

export type { PostgresMajor, PostgresServer };
