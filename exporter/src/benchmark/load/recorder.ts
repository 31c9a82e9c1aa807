/** What one segment of load was like: latencies are recorded whole, so that any percentile can be asked for later. */
import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import { LONGEST_US, type StatementRecord } from '../recording.ts';
import type { FirstError, LoadTick } from './types.ts';

const histogram = (): Histogram =>
  build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_US,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
  });

interface Counted {
  count: number;
  rows: number;
  sumUs: number;
  readonly errors: Record<string, number>;
  readonly histogram: Histogram;
}

export class Recorder {
  readonly ticks: LoadTick[] = [];
  readonly messages: Record<string, FirstError> = {};
  readonly #names: readonly string[];
  readonly #statements: readonly Counted[];
  readonly #second = histogram();
  #secondsErrors = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#statements = names.map(() => ({ count: 0, rows: 0, sumUs: 0, errors: {}, histogram: histogram() }));
  }

  /** @param latencyMs from when it was due. */
  answered(statement: number, latencyMs: number, rows: number): void {
    const counted = this.#statements[statement];
    const us = Math.max(0, latencyMs * 1000);
    const whole = Math.min(LONGEST_US, Math.max(1, Math.round(us)));
    counted.count++;
    counted.rows += rows;
    counted.sumUs += us;
    counted.histogram.recordValue(whole);
    this.#second.recordValue(whole);
  }

  /** @param code SQLSTATE, or `connection`. */
  failed(statement: number, code: string, message: string): void {
    const { errors } = this.#statements[statement];
    errors[code] = (errors[code] ?? 0) + 1;
    this.#secondsErrors++;
    this.messages[code] ??= { statement: this.#names[statement], message };
  }

  /** Ends a second. @param at when it began, in seconds from the segment's beginning. */
  tick(at: number): LoadTick {
    const second = this.#second;
    const percentile = (of: number): number | null => (second.totalCount ? second.getValueAtPercentile(of) : null);
    const tick: LoadTick = {
      at,
      count: second.totalCount,
      errors: this.#secondsErrors,
      p50Us: percentile(50),
      p99Us: percentile(99),
    };
    this.ticks.push(tick);
    second.reset();
    this.#secondsErrors = 0;
    return tick;
  }

  get hasUntold(): boolean {
    return this.#second.totalCount > 0 || this.#secondsErrors > 0;
  }

  /** Also of statements that were never sent. */
  statements(): Record<string, StatementRecord> {
    return Object.fromEntries(
      this.#statements.map(({ histogram, ...counted }, i) => [
        this.#names[i],
        { ...counted, histogram: encodeIntoCompressedBase64(histogram) },
      ]),
    );
  }
}
