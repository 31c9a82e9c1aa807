/** The parts of the benchmark, in the order of the report. Each starts its server and ends it. */
import type { Measure } from '../report.ts';
import { aa } from './aa.ts';
import type { Kept } from './kept.ts';
import { load } from './load.ts';
import { stall } from './stall.ts';
import { truth } from './truth.ts';

export const parts: Readonly<Record<string, (kept: Kept) => Promise<Measure[]>>> = { aa, truth, load, stall };
