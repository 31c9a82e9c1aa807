import type { DatabaseMetrics, HealthCheck } from '../../contract/index.ts';
import { historySpan } from '../../history/span.ts';
import { readMetrics, readSizes } from '../../live/database_metrics.ts';
import { readHealth } from '../../live/health.ts';
import { type LiveTarget, TargetUnavailable } from '../../live/live_target.ts';
import { duration } from '../../live/words.ts';
import { Cache } from '../cache.ts';
import { type Check, crit, judge, ok, warn, worst } from '../health.ts';
import { statePart } from '../parts.ts';
import type { Handlers, Services } from '../services.ts';
import { targetOf } from '../targets.ts';

const sizes = new Cache<ReadonlyMap<string, number>>({ ttlSeconds: 60 });

export const databaseHandlers = {
  'GET /api/v1/database/metrics': async ({ query }, _, services): Promise<DatabaseMetrics> => {
    const target = targetOf(services, query.target);
    const [{ connections, sessions, databases }, bytes] = await Promise.all([
      readMetrics(target),
      sizes.get(target.name, () => readSizes(target)),
    ]);
    return {
      target: target.name,
      at: new Date().toISOString(),
      connections,
      sessions,
      databases: databases.map(({ statsReset, ...database }) => ({
        ...database,
        sizeBytes: bytes.value.get(database.name) ?? null,
        statsReset: statsReset?.toISOString() ?? null,
      })),
    };
  },

  'GET /api/v1/database/health-check': async ({ query }, _, services): Promise<HealthCheck> => {
    const target = targetOf(services, query.target);
    const [server, state] = await Promise.all([serverChecks(target), stateChecks(target.name, services)]);
    const checks = [...server, ...state];
    return { target: target.name, at: new Date().toISOString(), state: worst(checks), checks };
  },
} satisfies Handlers<'GET /api/v1/database/metrics' | 'GET /api/v1/database/health-check'>;

/** A server that does not answer is what is wrong with it, not an error of ours. */
async function serverChecks(target: LiveTarget): Promise<Check[]> {
  const connection = { id: 'connection', title: 'Connection' };
  try {
    const began = performance.now();
    const facts = await readHealth(target);
    const answered = ok(`It answered within ${Math.ceil(performance.now() - began)} ms.`);
    return [{ ...connection, ...answered }, ...judge(facts)];
  } catch (error) {
    if (error instanceof TargetUnavailable) return [{ ...connection, ...crit(error.message) }];
    throw error;
  }
}

async function stateChecks(target: string, services: Services): Promise<Check[]> {
  const state = { id: 'state', title: 'State database' };
  const history = { id: 'history', title: 'History' };
  const { store, config } = services;
  const part = await statePart(services);
  if (part.state !== 'on' || store === undefined) {
    const message = `${part.reason}. ${part.cure}`;
    const isOff = part.state === 'off';
    return [
      { ...state, state: isOff ? 'skipped' : 'crit', message },
      { ...history, state: 'skipped', message: 'Nothing is recorded without the state database.' },
    ];
  }
  const ready: Check = { ...state, ...ok('It answers.') };
  const span = await historySpan(store, target);
  if (span === null) return [ready, { ...history, ...warn('Nothing is recorded of this target yet.') }];
  const message = `${span.statements} statements over ${span.days.toFixed(1)} days, the last snapshot ${duration(span.ageSeconds)} old.`;
  const isLate = span.ageSeconds > 3 * config.history.intervalSeconds;
  return [ready, { ...history, ...(isLate ? warn(`${message} New ones do not arrive.`) : ok(message)) }];
}
