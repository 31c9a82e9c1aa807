import type { Finding, Maintenance } from '../../contract/index.ts';
import type { LiveTarget } from '../../live/live_target.ts';
import { look, type Looked, LOOKS } from '../../live/maintenance/index.ts';
import { Cache } from '../cache.ts';
import type { Handlers, Services } from '../services.ts';
import { fromState } from '../state.ts';
import { targetOf } from '../targets.ts';

const caches = new Map(
  LOOKS.map((one) => [one, new Cache<Looked>({ ttlSeconds: one.ttlSeconds, staleSeconds: one.ttlSeconds * 4 })]),
);

const STATES: readonly Finding['state'][] = ['crit', 'warn', 'info'];

export const maintenanceHandlers = {
  'GET /api/v1/maintenance': async ({ query }, _, services): Promise<Maintenance> => {
    const target = targetOf(services, query.target);
    const database = query.database ?? target.dsn.database;
    const notBefore = await lastJobEnded(target.name, services);
    const { findings, problems, ageSeconds } = await lookAll(target, database, notBefore);
    const searched = findings.filter((finding) => matches(finding, query.search));
    const counts: Record<string, number> = {};
    for (const { action } of searched) counts[action] = (counts[action] ?? 0) + 1;
    const chosen = searched.filter(({ action }) => (query.action ?? action) === action);
    const { page, pageSize } = query;
    return {
      items: chosen.slice((page - 1) * pageSize, page * pageSize),
      total: chosen.length,
      page,
      pageSize,
      counts,
      ageSeconds,
      problems,
    };
  },
} satisfies Handlers<'GET /api/v1/maintenance'>;

/** Of all looks, one after the other: a page shall not take all connections. */
async function lookAll(
  target: LiveTarget,
  database: string,
  notBefore: number,
): Promise<{ findings: Finding[]; problems: string[]; ageSeconds: number }> {
  const byId = new Map<string, Finding>();
  const problems = new Set<string>();
  let ageSeconds = 0;
  for (const one of LOOKS) {
    const key = JSON.stringify([target.name, database]);
    const looked = await caches.get(one)!.get(key, () => look(target, one, database), notBefore);
    for (const finding of looked.value.findings) if (!byId.has(finding.id)) byId.set(finding.id, finding);
    for (const problem of looked.value.problems) problems.add(problem);
    ageSeconds = Math.max(ageSeconds, looked.ageSeconds);
  }
  return { findings: byAction([...byId.values()].sort(worstFirst)), problems: [...problems], ageSeconds };
}

const worstFirst = (a: Finding, b: Finding): number =>
  STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
  (b.gain?.value ?? 0) - (a.gain?.value ?? 0) ||
  // Thousands of them: localeCompare would take tens of milliseconds.
  (a.message < b.message ? -1 : 1);

/** Those of an action together, the action with the worst of all first. */
const byAction = (findings: readonly Finding[]): Finding[] =>
  [...Map.groupBy(findings, ({ action }) => action).values()].flat();

function matches({ relation, message }: Finding, search: string | undefined): boolean {
  if (search === undefined) return true;
  const text = `${relation.schema}.${relation.name} ${message}`.toLowerCase();
  return text.includes(search.toLowerCase());
}

/** What was found before an action ended may be cured by it. @returns milliseconds since 1970; 0 where none is known. */
function lastJobEnded(target: string, services: Services): Promise<number> {
  return fromState(services, 0, async () => {
    const { items } = await services.jobs.list({ target, page: 1, pageSize: 50 });
    return Math.max(0, ...items.map(({ finishedAt }) => (finishedAt === null ? 0 : Date.parse(finishedAt))));
  });
}
