/** A folder as a zip that is the same, byte for byte, whenever the same files are packed. */
import { createWriteStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** The first that a zip can hold. */
const ALWAYS = new Date(1980, 0, 1);

/** @param top the only folder in the zip, which has everything of `folder`. */
export async function zipFolder(folder: string, top: string, file: string): Promise<void> {
  const zip = new ZipFile();
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
  for (const path of paths.sort()) {
    // The file's own times and rights differ from machine to machine.
    zip.addBuffer(readFileSync(join(folder, path)), `${top}/${path}`, {
      mtime: ALWAYS,
      mode: 0o100644,
      forceDosTimestamp: true,
    });
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
}
