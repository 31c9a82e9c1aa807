// Writes dashboards/<uid>.json from the board files. A test fails while they are out of date.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { boards } from './index.ts';
import { boardJson } from './lib/board.ts';
import type { Board } from './lib/types.ts';

/** The text of a board's file. */
export const fileText = (board: Board): string => `${JSON.stringify(boardJson(board), undefined, 2)}\n`;

if (process.argv[1] === import.meta.filename) {
  for (const board of boards) writeFileSync(join(import.meta.dirname, '..', `${board.uid}.json`), fileText(board));
}
