/** How long windows of the history take, and what a day of it weighs. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeFlags } from '../../demo/exporter.ts';
import { parseDsn } from '../../exporter/src/config/dsn.ts';
import { SORTS } from '../../exporter/src/contract/queries.ts';
import { listStatements, readStatement } from '../../exporter/src/history/window.ts';
import { Store } from '../../exporter/src/store/store.ts';
import type { PostgresServer } from '../../demo/servers/index.ts';
import { Calibration } from '../calibration.ts';
import { type Measure, measure, oursAtMost } from '../report.ts';
import { quantile } from '../statistics.ts';
import { SHAPE, type Shape, TARGET } from './history.ts';
import { randomOf } from './random.ts';

const HOUR_MS = 3_600_000;
const WINDOWS = { '15 min': HOUR_MS / 4, '24 h': 24 * HOUR_MS, '14 d': 14 * 24 * HOUR_MS } as const;
const GOAL_MS = 50;

interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** In a process like the exporter's: that which has just written fourteen days has a heap of another size to collect. */
export async function measureWindows(stateUrl: string, { from, to }: Span, rounds: number): Promise<Measure[]> {
  const program = join(import.meta.dirname, 'windows_main.ts');
  const args = [...nodeFlags(), program, stateUrl, from.toISOString(), to.toISOString(), String(rounds)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Measure[];
}

/**
 * Windows of the three lengths in turn, at random places; each is read once, so none profits from the one before. But for the
 * statement, opened from a list that was read just before, and for the last hour, which is asked for again and again.
 */
export async function takeWindows(stateUrl: string, history: Span, rounds: number): Promise<Measure[]> {
  const store = new Store(parseDsn(stateUrl, { env: {}, warn: () => undefined }));
  const random = randomOf(7);
  const took: Record<string, number[]> = {};
  const calibration = new Calibration();
  const time = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const began = performance.now();
    await work();
    (took[name] ??= []).push(performance.now() - began);
  };
  try {
    for (let round = -3; round < rounds; round++) {
      // The first rounds make connections and compile code.
      if (round === 0) for (const name of Object.keys(took)) took[name] = [];
      calibration.run();
      for (const [name, lengthMs] of Object.entries(WINDOWS)) {
        const slackMs = Math.max(HOUR_MS, history.to.getTime() - history.from.getTime() - lengthMs);
        const to = new Date(history.to.getTime() - random() * slackMs);
        const range = { from: new Date(to.getTime() - lengthMs), to };
        const sort = SORTS[Math.floor(random() * SORTS.length)];
        let queryId = '';
        await time(`window of ${name}, first page`, async () => {
          const page = { page: 1, pageSize: 50, sort, order: 'desc' } as const;
          const { items } = await listStatements(store, { target: TARGET, ...range, ...page });
          if (items.length !== 50) throw new Error(`${items.length} statements in a window of ${name}`);
          queryId = items[Math.floor(random() * 50)].queryId;
        });
        await time(`window of ${name}, one statement with its trend`, () =>
          readStatement(store, { target: TARGET, queryId }, range),
        );
      }
      const to = history.to;
      const recent = { from: new Date(to.getTime() - HOUR_MS), to };
      await time('the last hour again, first page', () =>
        listStatements(store, { target: TARGET, ...recent, page: 1, pageSize: 50, sort: 'load', order: 'desc' }),
      );
    }
  } finally {
    await store.close();
  }
  return [
    ...Object.entries(took).flatMap(([name, ms]) => [
      measure(`${name}: p50`, 'ms', quantile(ms, 0.5)),
      measure(`${name}: p95`, 'ms', quantile(ms, 0.95), null, name.endsWith('page') ? oursAtMost(GOAL_MS) : undefined),
    ]),
    ...calibration.measures('windows'),
  ];
}

/** Bytes of each table's share, for a day of the history. */
export async function measureSize(
  server: PostgresServer,
  database: string,
  { days }: Shape = SHAPE,
): Promise<Measure[]> {
  const rows = await server.query<{ name: string; bytes: string }>(
    `select p.relname::text as name, sum(pg_total_relation_size(i.inhrelid)) as bytes
       from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace n on n.oid = p.relnamespace
      where n.nspname = 'pgvigil_state' and p.relname in ('point', 'trend', 'trend_chunk')
      group by 1 order by 2 desc`,
    database,
  );
  const total = rows.reduce((sum, { bytes }) => sum + Number(bytes), 0);
  return [
    measure('state, a day', 'bytes', total / days),
    ...rows.map(({ name, bytes }) => measure(`state, a day of ${name}`, 'bytes', Number(bytes) / days)),
  ];
}
