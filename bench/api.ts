// The history and the API over it: 14 days of 60-second snapshots, 5,000 statements of which 500 change each time.
//
//   npm run bench:api                  everything; servers are started and ended
//   npm run bench:api -- --days=2      a shorter history, to try things out; writes no results
//   npm run bench:api -- --strict      exit 1 when a goal fails
import { parseArgs } from 'node:util';
import { ServerUnavailable, startPostgres } from '../demo/servers/index.ts';
import { parseDsn } from '../exporter/src/config/dsn.ts';
import { fillHistory, SHAPE } from './api/history.ts';
import { prepareState } from '../exporter/test/support/state.ts';
import { measureSize, measureWindows } from './api/windows.ts';
import { conclude, measuresTable, writeResults } from './report.ts';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      strict: { type: 'boolean', default: false },
      days: { type: 'string', default: String(SHAPE.days) },
      rounds: { type: 'string', default: '100' },
    },
  });
  const shape = { ...SHAPE, days: Number(values.days) };
  const server = await startPostgres({ major: 18, settings: { shared_buffers: '256MB', max_wal_size: '4GB' } });
  try {
    const { owner, runtime, database } = await prepareState(server);
    const began = performance.now();
    const history = await fillHistory(owner, parseDsn(runtime, { env: {}, warn: () => undefined }), shape, (day) =>
      console.log(`day ${day} of ${shape.days}, ${((performance.now() - began) / 1000).toFixed(0)} s`),
    );
    await server.query('vacuum analyze', database);
    const measures = [
      ...(await measureWindows(runtime, history, Number(values.rounds))),
      ...(await measureSize(server, database, shape)),
    ];
    console.log(`\n${measuresTable(measures)}`);
    if (shape.days === SHAPE.days) console.log(`\nWritten to ${writeResults('api', measures)}`);
    return conclude(measures, values.strict);
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
