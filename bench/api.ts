// The history and the API over it: 14 days of 60-second snapshots, 5,000 statements of which 500 change each time.
//
//   npm run bench:api                       everything; servers are started and ended
//   npm run bench:api -- --only=windows     one of windows, endpoints, bundle; writes no results
//   npm run bench:api -- --days=2           a shorter history, to try things out; writes no results
//   npm run bench:api -- --strict           exit 1 when a goal fails
import { parseArgs } from 'node:util';
import { ServerUnavailable, startPostgres } from '../demo/servers/index.ts';
import { parseDsn } from '../exporter/src/config/dsn.ts';
import { prepareState } from '../exporter/test/support/state.ts';
import { measureBundle } from './api/bundle.ts';
import { measureEndpoints } from './api/endpoints.ts';
import { fillHistory, SHAPE } from './api/history.ts';
import { measureSize, measureWindows } from './api/windows.ts';
import { createWorld } from './api/world.ts';
import { conclude, type Measure, measuresTable, writeResults } from './report.ts';

const PARTS = ['windows', 'endpoints', 'bundle'] as const;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      strict: { type: 'boolean', default: false },
      only: { type: 'string' },
      days: { type: 'string', default: String(SHAPE.days) },
      rounds: { type: 'string', default: '60' },
    },
  });
  const { only } = values;
  const parts = PARTS.filter((part) => (only ?? part) === part);
  if (parts.length === 0) throw new Error(`--only is one of ${PARTS.join(', ')}`);
  const [days, rounds] = [Number(values.days), Number(values.rounds)];
  const measures = parts.some((part) => part !== 'bundle') ? await measureServers(parts, days, rounds) : [];
  if (parts.includes('bundle')) measures.push(...measureBundle());
  console.log(`\n${measuresTable(measures)}`);
  if (only === undefined && days === SHAPE.days) console.log(`\nWritten to ${writeResults('api', measures)}`);
  return conclude(measures, values.strict);
}

async function measureServers(
  parts: readonly (typeof PARTS)[number][],
  days: number,
  rounds: number,
): Promise<Measure[]> {
  const settings = {
    shared_buffers: '256MB',
    max_wal_size: '4GB',
    'pg_stat_statements.max': '20000',
    autovacuum: 'off',
  };
  const server = await startPostgres({ major: 18, settings });
  const began = performance.now();
  const say = (what: string): void => console.log(`${what}, ${((performance.now() - began) / 1000).toFixed(0)} s`);
  try {
    const { owner, runtime, database } = await prepareState(server);
    const statements = parts.includes('endpoints') ? await createWorld(server) : undefined;
    if (statements) say(`${statements.length} tables and statements`);
    const shape = { ...SHAPE, days };
    const dsn = parseDsn(runtime, { env: {}, warn: () => undefined });
    const history = await fillHistory(owner, dsn, shape, (day) => say(`day ${day} of ${days}`), statements);
    await server.query('vacuum analyze', database);
    const measures: Measure[] = [];
    if (parts.includes('windows')) {
      measures.push(...(await measureWindows(runtime, history, rounds)));
      measures.push(...(await measureSize(server, database, shape)));
      say('windows');
    }
    if (statements) {
      measures.push(...(await measureEndpoints({ server, runtime, statements, history, rounds })));
      say('endpoints');
    }
    return measures;
  } finally {
    await server.stop();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof ServerUnavailable ? error.message : error);
    process.exit(1);
  },
);
