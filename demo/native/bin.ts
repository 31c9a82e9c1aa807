/** Programs under the names by which scripts and readers of the docs call them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN, nodeFlags } from '../exporter.ts';
import type { Command } from '../servers/index.ts';

/** The source tree's. */
export const pgvigil = (): Command => ({ file: process.execPath, args: [...nodeFlags(), BIN], env: {} });

/** A new folder for the PATH. @returns it */
export function writePrograms(folder: string, programs: Readonly<Record<string, Command>>): string {
  mkdirSync(folder);
  for (const [name, { file, args, env }] of Object.entries(programs)) {
    const libraries = env?.LD_LIBRARY_PATH;
    const words = [file, ...args].map((word) => `'${word}'`).join(' ');
    const assign = libraries === undefined ? '' : `LD_LIBRARY_PATH='${libraries}' `;
    writeFileSync(join(folder, name), `#!/bin/sh\n${assign}exec ${words} "$@"\n`, { mode: 0o755 });
  }
  return folder;
}
