import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from '../../../docs/generate.ts';

test.each(Object.keys(pages))('docs/%s says what the code says (npm run docs)', (file) => {
  expect(readFileSync(join(import.meta.dirname, '../../../docs', file), 'utf8')).toBe(pages[file]());
});
