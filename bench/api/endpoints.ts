/** How long every GET of the API takes, asked of an exporter that runs as a user's does. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresServer } from '../../demo/servers/index.ts';
import { type ApiExporter, call, startApi } from '../../exporter/test/support/api.ts';
import { openSession, until } from '../../exporter/test/support/database.ts';
import { Calibration } from '../calibration.ts';
import { type Measure, measure, oursAtMost } from '../report.ts';
import { quantile } from '../statistics.ts';
import { memoryMib } from '../usage.ts';
import { Client } from './client.ts';
import { type Named, TARGET } from './history.ts';
import { allQuestions, questionsAbout, type Subjects } from './questions.ts';
import { CREATE_INDEX, DATABASE, MAINTENANCE, SUBJECT } from './world.ts';

const GOAL_MS = 100;
const WARM_UP = 3;
const SESSIONS = 50;

const WORKLOAD = {
  id: 'lookup',
  title: 'Lookups',
  description: 'Of the benchmark.',
  clients: 4,
  load: { kind: 'open', rate: 100 },
  length: { seconds: 1 },
  blocks: 15,
  warmupSeconds: 0,
  statements: [{ name: 'lookup', steps: [{ sql: `select count(*) from ${SUBJECT}` }] }],
};

export interface EndpointsOptions {
  readonly server: PostgresServer;
  /** Connection string of the state's runtime role. */
  readonly runtime: string;
  readonly statements: readonly Named[];
  readonly history: Subjects['history'];
  readonly rounds: number;
}

export async function measureEndpoints(options: EndpointsOptions): Promise<Measure[]> {
  const { server, runtime, rounds } = options;
  const directory = mkdtempSync(join(tmpdir(), 'pgvigil-bench-'));
  writeFileSync(join(directory, `${WORKLOAD.id}.yml`), JSON.stringify(WORKLOAD));
  const exporter = await startApi({
    config: `
targets:
  - name: ${TARGET}
    postgres: ${server.url(DATABASE, 'pgvigil_exporter')}
    maintenance: { user: ${MAINTENANCE} }
    benchmark: allowed
    load: { user: service_0 }
benchmark: { workloads: ${directory} }
`,
    args: [`--actions.journal-file=${join(directory, 'journal.ndjson')}`],
    env: { PGVIGIL_STATE_URL: runtime },
  });
  const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => openSession(server.url(DATABASE))));
  try {
    for (const session of sessions) await session.query(`select count(*) from ${SUBJECT}`);
    const asked = allQuestions(questionsAbout(await prepare(exporter, options)));
    const took = asked.map((): number[] => []);
    const calibration = new Calibration();
    const client = new Client(exporter);
    for (let round = -WARM_UP; round < rounds; round++) {
      calibration.run();
      for (const [place, { key, given }] of asked.entries()) {
        const { ms } = await client.get(key, given(round + WARM_UP));
        if (round >= 0) took[place].push(ms);
      }
    }
    client.close();
    return [
      ...asked.flatMap(({ key, name }, place) => [
        measure(`${nameOf(key, name)}: p50`, 'ms', quantile(took[place], 0.5)),
        measure(`${nameOf(key, name)}: p95`, 'ms', quantile(took[place], 0.95), null, oursAtMost(GOAL_MS)),
      ]),
      ...calibration.measures('GET'),
      measure('resident memory of the exporter, peak', 'MiB', memoryMib(exporter.pid).peak),
    ];
  } finally {
    for (const session of sessions) await session.end();
    await exporter.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

const nameOf = (key: string, name: string): string => (name === '' ? key : `${key}, ${name}`);

/** Makes what is asked about: two plans of a statement, a job. Waits until the exporter records. */
async function prepare(exporter: ApiExporter, options: EndpointsOptions): Promise<Subjects> {
  const { server, statements, history } = options;
  await until('the first point of this exporter', async () => {
    const { body } = await call(exporter, 'GET /api/v1/targets');
    return body[0].history !== null && new Date(body[0].history.to) > history.to;
  });
  const planned = statements.find(({ tables }) => tables[0] === SUBJECT)!;
  const given = { params: { queryId: planned.queryId }, query: { user: planned.user } };
  const fingerprint = async (): Promise<string> => {
    const { body, text } = await call(exporter, 'GET /api/v1/queries/:queryId/plan', given);
    if (body.fingerprint === undefined) throw new Error(text);
    return body.fingerprint;
  };
  const before = await fingerprint();
  await server.query(CREATE_INDEX, DATABASE);
  const after = await fingerprint();
  if (before === after) throw new Error('the index changed no plan');
  const [{ table }] = await server.query<{ table: number }>(`select '${SUBJECT}'::regclass::oid as table`, DATABASE);
  return {
    ...{ statements, planned, plans: [before, after], table, history },
    job: await analyze(exporter, table),
    benchmarks: [await benchmark(exporter), await benchmark(exporter)],
  };
}

/** A run of a quarter of a minute that has ended. @returns its id. */
async function benchmark(exporter: ApiExporter): Promise<string> {
  const { body, text } = await call(exporter, 'POST /api/v1/benchmarks/workloads/:workload/run', {
    params: { workload: WORKLOAD.id },
  });
  const { id } = body;
  if (id === undefined) throw new Error(text);
  await until('the end of the benchmark', async () => {
    const { benchmarks } = (await call(exporter, 'GET /api/v1/benchmarks/:id', { params: { id } })).body;
    return benchmarks[0].finishedAt !== null;
  });
  return id;
}

/** A job that has ended. @returns its id. */
async function analyze(exporter: ApiExporter, table: number): Promise<string> {
  const params = { action: 'analyze' };
  const plan = await call(exporter, 'POST /api/v1/actions/:action/plan', { params, body: { params: { table } } });
  const job = await call(exporter, 'POST /api/v1/actions/:action/run', { params, body: { planId: plan.body.id } });
  const { id } = job.body;
  if (id === undefined) throw new Error(`${plan.text}\n${job.text}`);
  await until('the end of the job', async () => {
    const { body } = await call(exporter, 'GET /api/v1/jobs/:id', { params: { id } });
    return body.finishedAt !== null;
  });
  return id;
}
