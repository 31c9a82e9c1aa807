/** When statements are due in an open loop. */
import { randomFrom } from '../workload/random.ts';
import type { Load } from '../workload/schema.ts';
import type { Until } from './types.ts';

export type OpenLoad = Extract<Load, { kind: 'open' }>;

/** Not the stream from which statements and values are drawn. */
const STREAM = 1;

/** Milliseconds after the segment's beginning, in order. */
export function* arrivals({ rate, arrivals: kind }: OpenLoad, seed: number, until: Until): Generator<number> {
  const random = randomFrom(seed, STREAM);
  const mean = 1000 / rate;
  const end = 'seconds' in until ? until.seconds * 1000 : Infinity;
  const most = 'count' in until ? until.count : Infinity;
  let due = 0;
  for (let i = 0; i < most && due < end; i++) {
    // A sum of gaps would drift from the rate by what each is rounded.
    if (kind === 'uniform') due = i * mean;
    else due -= mean * Math.log(1 - random.fraction());
    if (due < end) yield due;
  }
}
