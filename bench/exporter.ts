// Our exporter beside postgres_exporter, on the same servers, in turn.
//
//   npm run bench:exporter                    beside Debian's 0.11.1
//   PEER_EXPORTER=<program> npm run …         also beside a current one
//   npm run bench:exporter -- --strict        exit 1 when a goal fails
//   npm run bench:exporter -- --only=big      scenarios whose name contains that
//   npm run bench:exporter -- --source        run the sources instead of the built program
//   npm run bench:exporter -- --program=FILE --node-options='--max-semi-space-size=8'
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ServerUnavailable } from '../demo/servers/index.ts';
import { conclude, writeResults } from './report.ts';
import { runScenarios } from './scenarios.ts';
import type { Build } from './subjects.ts';

const root = join(import.meta.dirname, '..');

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      strict: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      source: { type: 'boolean', default: false },
      program: { type: 'string' },
      'node-options': { type: 'string', default: '' },
    },
  });
  const flags = values['node-options'].split(' ').filter((flag) => flag !== '');
  const program = values.program ?? (values.source ? undefined : built());
  const build: Build = { program, node: flags.length > 0 ? [process.execPath, ...flags] : undefined };
  console.log(`Ours: ${program ?? 'the sources'}${flags.length > 0 ? ` with ${flags.join(' ')}` : ''}`);
  const measures = await runScenarios({ build, only: values.only, currentPeer: process.env.PEER_EXPORTER });
  if (values.only === '') console.log(`\nWritten to ${writeResults('exporter', measures)}`);
  return conclude(measures, values.strict);
}

/** What users run is compiled; the sources cost memory for their compiler. */
function built(): string | undefined {
  const build = join(root, '.ci', 'build.ts');
  const program = join(root, 'exporter', 'dist', 'bin.js');
  if (!existsSync(build)) return undefined;
  try {
    execFileSync(process.execPath, [build], { stdio: ['ignore', 'inherit', 'inherit'] });
  } catch {
    console.log('The build failed: running the sources.');
    return undefined;
  }
  return existsSync(program) ? program : undefined;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof ServerUnavailable ? error.message : error);
    process.exit(1);
  },
);
