/** The parts of the benchmark, in the order of the report. Each starts its servers and ends them. */
import type { Measure } from '../report.ts';
import { bulk } from './bulk.ts';
import { duplicates } from './duplicates.ts';
import { pool } from './pool.ts';
import { queries } from './queries.ts';

export const parts: Readonly<Record<string, () => Promise<Measure[]>>> = { bulk, duplicates, pool, queries };
