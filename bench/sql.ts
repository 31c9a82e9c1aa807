// The SQL side: bulk loads, duplicates, the documented queries with and without their indexes, the pool.
//
//   npm run bench:sql                    everything; servers are started and ended
//   npm run bench:sql -- --only=bulk     one part: bulk, duplicates, queries, pool; writes no results
//   npm run bench:sql -- --strict        exit 1 when a goal fails
import { parseArgs } from 'node:util';
import { ServerUnavailable } from '../demo/servers/index.ts';
import { conclude, type Measure, measuresTable, writeResults } from './report.ts';
import { parts } from './sql/parts.ts';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { strict: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
  });
  const chosen = Object.entries(parts).filter(([name]) => values.only === '' || values.only === name);
  if (chosen.length === 0) throw new Error(`--only is one of: ${Object.keys(parts).join(', ')}`);
  const measures: Measure[] = [];
  for (const [name, run] of chosen) {
    console.log(`\n== ${name}\n`);
    const found = await run();
    console.log(`\n${measuresTable(found)}`);
    measures.push(...found);
  }
  if (values.only === '') console.log(`\nWritten to ${writeResults('sql', measures)}`);
  return conclude(measures, values.strict);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof ServerUnavailable ? error.message : error);
    process.exit(1);
  },
);
