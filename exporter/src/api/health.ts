/** From facts to verdicts: each check is one line of this table. */
import type { HealthCheck } from '../contract/index.ts';
import type { HealthFacts } from '../live/health.ts';
import { duration } from '../live/words.ts';

export type Check = HealthCheck['checks'][number];
type Verdict = Pick<Check, 'state' | 'message'>;

const OLDEST_SUPPORTED = 14;
const CONNECTIONS_WARN = 0.8;
const CONNECTIONS_CRIT = 0.95;
const TRANSACTION_WARN_SECONDS = 1800;
const TRANSACTION_CRIT_SECONDS = 6 * 3600;
/** PostgreSQL itself warns at 40 million before the end, and stops 37 million later. */
const FREEZE_CRIT = 1_500_000_000;

const CHECKS: readonly { id: string; title: string; verdict: (facts: HealthFacts) => Verdict }[] = [
  {
    id: 'version',
    title: 'Version',
    verdict: ({ version }) =>
      version < OLDEST_SUPPORTED
        ? warn(`PostgreSQL ${version} is older than ${OLDEST_SUPPORTED}, the oldest that is supported: upgrade.`)
        : ok(`PostgreSQL ${version}.`),
  },
  {
    id: 'privileges',
    title: 'Monitoring role',
    verdict: ({ seesAll }) =>
      seesAll
        ? ok('It sees the sessions and statements of all users.')
        : warn("It sees its own sessions only: grant pg_monitor to it, and it sees the others' too."),
  },
  {
    id: 'connections',
    title: 'Connections',
    verdict: ({ used, max, reserved }) => {
      const free = max - reserved;
      const message = `${used} of ${free} connections that are open to applications are in use.`;
      if (used >= CONNECTIONS_CRIT * free) return crit(`${message} The next ones will be refused: see who holds them.`);
      return used >= CONNECTIONS_WARN * free ? warn(message) : ok(message);
    },
  },
  {
    id: 'transactions',
    title: 'Oldest transaction',
    verdict: ({ oldestTransaction: age, oldestTransactionPid: pid, idleInTransaction }) => {
      if (age === null) return ok('No transaction is open.');
      const message = `The oldest transaction (pid ${pid}) has been open for ${duration(age)}; ${idleInTransaction} sessions are idle in transaction.`;
      const consequence = 'Vacuum cannot clean up after it.';
      if (age >= TRANSACTION_CRIT_SECONDS) return crit(`${message} ${consequence}`);
      return age >= TRANSACTION_WARN_SECONDS ? warn(`${message} ${consequence}`) : ok(message);
    },
  },
  {
    id: 'locks',
    title: 'Waiting for locks',
    verdict: ({ waitingForLocks: count }) =>
      count === 0 ? ok('Nobody waits.') : warn(`${count} sessions wait for locks: see the page Activity.`),
  },
  {
    id: 'freeze',
    title: 'Transaction id age',
    verdict: ({ freezeAge, freezeMaxAge, freezeDatabase }) => {
      const message = `${millions(freezeAge)} in ${freezeDatabase}; autovacuum freezes at ${millions(freezeMaxAge)}, the server stops at 2147 million.`;
      if (freezeAge >= FREEZE_CRIT) return crit(`${message} Freeze its oldest tables now.`);
      return freezeAge > 1.2 * freezeMaxAge ? warn(`${message} Autovacuum does not keep up.`) : ok(message);
    },
  },
  {
    id: 'prepared',
    title: 'Prepared transactions',
    verdict: ({ prepared }) =>
      prepared === 0
        ? ok('None is older than 5 minutes.')
        : warn(`${prepared} are older than 5 minutes: they hold locks and keep vacuum back until somebody ends them.`),
  },
  {
    id: 'slots',
    title: 'Replication slots',
    verdict: ({ inactiveSlots: count }) =>
      count === 0 ? ok('None is inactive.') : warn(`${count} are inactive, and keep WAL for a standby that is away.`),
  },
  {
    id: 'statements',
    title: 'pg_stat_statements',
    verdict: ({ statements }) =>
      statements
        ? ok('It is installed.')
        : warn(
            'It is not installed: add it to shared_preload_libraries, restart, create extension pg_stat_statements.',
          ),
  },
];

export const judge = (facts: HealthFacts): Check[] =>
  CHECKS.map(({ id, title, verdict }) => ({ id, title, ...verdict(facts) }));

/** The worst that is known; `unknown` only where nothing is. */
export function worst(checks: readonly Check[]): Check['state'] {
  const order: readonly Check['state'][] = ['crit', 'warn', 'ok', 'unknown', 'skipped'];
  return order.find((state) => checks.some((check) => check.state === state)) ?? 'unknown';
}

export const ok = (message: string): Verdict => ({ state: 'ok', message });
export const warn = (message: string): Verdict => ({ state: 'warn', message });
export const crit = (message: string): Verdict => ({ state: 'crit', message });

const millions = (count: number): string => `${(count / 1e6).toFixed(1)} million`;
