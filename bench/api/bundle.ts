/** What a browser loads of the app. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildPlugin } from '../../.ci/plugin.ts';
import { type Measure, measure, oursAtMost } from '../report.ts';

const DIST = join(import.meta.dirname, '..', '..', 'plugin', 'dist');
const GOAL_BYTES = 250 * 1024;

/** The first page loads a part of all scripts: where these keep the limit, it does. `npm run build` weighs it exactly. */
export function measureBundle(): Measure[] {
  buildPlugin();
  const scripts = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  const bytesOf = (file: string): number => gzipSync(readFileSync(join(DIST, file))).length;
  return [
    measure('module.js, gzip', 'bytes', bytesOf('module.js')),
    measure(
      'all scripts of the app, gzip',
      'bytes',
      scripts.reduce((sum, file) => sum + bytesOf(file), 0),
      null,
      oursAtMost(GOAL_BYTES),
    ),
  ];
}
