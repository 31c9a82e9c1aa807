/** The parts of the benchmark, in the order of the report. Each starts its servers and ends them. */
import type { Measure } from '../report.ts';

export const parts: Readonly<Record<string, () => Promise<Measure[]>>> = {};
