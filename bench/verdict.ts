// What a verdict of `pgvigil bench` is worth: false alarms, changes found, and the load beside pgbench's.
//
//   npm run bench:verdict                    everything, about 42 minutes; exit 1 when a goal fails
//   npm run bench:verdict -- --only=truth    one part: aa, truth, load, stall; writes no results
//   npm run bench:verdict -- --keep=DIR      raw data here; a run that was cut off goes on from what is there
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ServerUnavailable } from '../demo/servers/index.ts';
import { conclude, type Measure, measuresTable, writeResults } from './report.ts';
import { Kept } from './verdict/kept.ts';
import { parts } from './verdict/parts.ts';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      keep: { type: 'string', default: join(import.meta.dirname, 'results', 'verdict') },
    },
  });
  const chosen = Object.entries(parts).filter(([name]) => values.only === '' || values.only === name);
  if (chosen.length === 0) throw new Error(`--only is one of: ${Object.keys(parts).join(', ')}`);
  const measures: Measure[] = [];
  for (const [name, run] of chosen) {
    console.log(`\n== ${name}\n`);
    const found = await run(new Kept(values.keep, name));
    console.log(`\n${measuresTable(found)}`);
    measures.push(...found);
  }
  if (values.only === '') console.log(`\nWritten to ${writeResults('verdict', measures)}; raw data in ${values.keep}`);
  return conclude(measures, true);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof ServerUnavailable ? error.message : error);
    process.exit(1);
  },
);
