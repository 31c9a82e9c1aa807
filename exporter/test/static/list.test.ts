import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { collectors } from '../../src/collectors/index.ts';

const FOLDER = join(import.meta.dirname, '../../src/collectors');

test('the list and the folder agree, and a file is named after its collector', () => {
  const files = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
    .map((file) => file.replace(/\.ts$/, ''));
  expect(collectors.map((collector) => collector.name).sort()).toEqual(files.sort());
});
