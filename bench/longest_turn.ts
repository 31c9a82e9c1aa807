/** The longest turn of the exporter's event loop: for so long, no other request is looked at. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeFlags } from '../demo/exporter.ts';
import { type Measure, measure, oursAtMost } from './report.ts';
import { type Build, type Families, startAlike, type Where } from './subjects.ts';

const WARM_UPS = 5;
const SCRAPES = 30;
const MAX_MS = 50;

/** A pass of its own: the probe keeps the loop turning, which would spoil the other figures. */
export async function longestTurn(name: string, build: Build, where: Where, families: Families): Promise<Measure> {
  const folder = mkdtempSync(join(tmpdir(), 'pgvigil-turns-'));
  const file = join(folder, 'longest');
  const node = [process.execPath, ...nodeFlags(), `--import=${join(import.meta.dirname, 'turns_probe.mjs')}`];
  const subject = await startAlike({ ...build, node }, where, families, { TURNS_FILE: file });
  const read = async (): Promise<number> => {
    process.kill(subject.pid, 'SIGUSR2');
    while (!existsSync(file) || readFileSync(file, 'utf8') === '') await sleep(20);
    const longest = Number(readFileSync(file, 'utf8'));
    rmSync(file);
    return longest;
  };
  try {
    for (let i = 0; i < WARM_UPS; i++) await subject.scraper.scrape();
    await read();
    for (let i = 0; i < SCRAPES; i++) await subject.scraper.scrape();
    return measure(`${name}: longest turn of the event loop, CPU`, 'ms', await read(), null, oursAtMost(MAX_MS));
  } finally {
    await subject.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
