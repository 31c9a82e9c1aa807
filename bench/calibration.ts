/** How busy the machine is: a fixed piece of work takes longer the more others want the same processors. */
import { type Measure, measure } from './report.ts';
import { quantile } from './statistics.ts';

const NUMBERS = Float64Array.from({ length: 30_000 }, (_, place) => Math.sin(place) * 1e6);

/** Its fastest run stands for the machine with nothing else to do. */
export class Calibration {
  readonly #ms: number[] = [];

  /** Once in a round, between what is measured. Some milliseconds. */
  run(): void {
    const began = performance.now();
    NUMBERS.toSorted();
    this.#ms.push(performance.now() - began);
  }

  /** @param of what was measured meanwhile. */
  measures(of: string): Measure[] {
    const fastest = Math.min(...this.#ms);
    return [0.5, 0.95].map((p) =>
      measure(`${of}, calibration loop: p${p * 100} ÷ fastest`, 'ratio', quantile(this.#ms, p) / fastest),
    );
  }
}
