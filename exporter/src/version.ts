import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of the package; the build and the source tree both stand one folder below its package.json. */
export const VERSION: string = (
  JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as { version: string }
).version;
