/**
 * The 95 % interval of the Hodges–Lehmann estimate: studentised bootstrap, symmetric (the quantile of |t|), with the
 * standard error that the resample's own signed-rank interval gives. Symmetric, so that swapping the arms mirrors it.
 *
 * Chosen by measurement: how often the truth was inside, %, of 2000 samples of n blocks with 999 resamples.
 *
 *   noise (n = 10 / 20)    percentile    BCa           studentised   this one      signed-rank interval
 *   normal                 92.7 / 94.2   92.2 / 94.3   95.8 / 96.0   96.0 / 95.8   96.5 / 96.0
 *   t, 3 degrees           92.4 / 93.2   91.7 / 93.0   96.5 / 93.2   97.9 / 95.5   95.8 / 94.7
 *   exponential            91.7 / 93.2   92.2 / 93.5   94.8 / 94.5   94.8 / 94.7   96.0 / 94.6
 *   lognormal              91.1 / 94.3   91.2 / 94.0   95.0 / 95.3   94.8 / 94.5   95.0 / 95.3
 *   1 in 10 five times     91.2 / 92.8   91.5 / 93.0   96.5 / 94.5   97.2 / 95.9   95.3 / 95.1
 */
import { randomFrom } from '../workload/random.ts';
import { type Location, WalshAverages } from './hodges_lehmann.ts';
import { Z95 } from './normal.ts';

/** Drawn anew, an end of the interval of 20 blocks moves by 0.9 % of its width; with 4999, by 0.5 %. */
export const RESAMPLES = 1999;

/** From here on resampling would only cost: the quantile of |t| has come down to the normal distribution's. */
const RESAMPLED_UP_TO = 100;

/** The same sample gives the same interval, always. */
const SEED = 20;

/** @param values two or more */
export function interval(values: readonly number[], resamples = RESAMPLES): Location {
  const averages = new WalshAverages(values);
  const here = averages.locate();
  const factor = values.length > RESAMPLED_UP_TO ? Z95 : quantileOfT(averages, values.length, here, resamples);
  // Many equal values: too many resamples have no spread at all to measure by.
  if (!Number.isFinite(factor)) return here;
  const half = factor * here.standardError;
  return { ...here, low: here.estimate - half, high: here.estimate + half };
}

function quantileOfT(averages: WalshAverages, size: number, here: Location, resamples: number): number {
  const random = randomFrom(SEED);
  const times = new Uint16Array(size);
  const ts = Float64Array.from({ length: resamples }, () => {
    times.fill(0);
    for (let draw = 0; draw < size; draw++) times[random.whole(0, size - 1)]++;
    const there = averages.locate(times);
    const off = Math.abs(there.estimate - here.estimate);
    return off === 0 ? 0 : off / there.standardError;
  });
  return ts.sort()[Math.ceil(0.95 * (resamples + 1)) - 1];
}
