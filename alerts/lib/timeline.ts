/**
 * Stretches a recording to the length a test needs. Each scrape of the recording stands for one of Prometheus' usual
 * scrapes, 15 seconds apart; when a phase must last longer than it was recorded, its series go on mechanically:
 *
 * - a counter rises as it did in the phase, on average; once repaired, as in the second half of the phase, for a repair
 *   shows only when its work is over; so does a gauge that a fault names as `trending`, or it falls;
 * - an age that rose with the clock goes on rising with the clock, and so does an instant that moved with it;
 * - everything else keeps its last value, and what was gone stays gone.
 */
import { known } from './catalogue.ts';
import { type Recording, type Series, seriesText } from './recording.ts';
import { encode, ramp, type Sample } from './values.ts';

/** Seconds between two scrapes of the test. */
export const SCRAPE_SECONDS = 15;

/** Instants count from 1970; promtool's clock begins there. */
const INSTANT = /(_timestamp_seconds|^pg_postmaster_start_time_seconds)$/;
const AGE = /(_seconds|^pg_stat_activity_max_tx_duration|^pg_replication_lag)$/;

export interface Stretched {
  readonly series: string;
  readonly values: string;
}

export interface Stretch {
  /** Scrapes of each phase in the test: at least those recorded. */
  readonly scrapes: readonly number[];
  /** Gauges that go on rising or falling as they did. */
  readonly trending?: readonly string[];
}

/** The series of a recording in promtool's notation. */
export function stretch(recording: Recording, { scrapes, trending = [] }: Stretch): Stretched[] {
  return recording.series.map((series) => ({
    series: seriesText(series),
    values: valuesOf(series, { recording, scrapes, trends: trending.includes(series.metric) }),
  }));
}

interface Context {
  readonly recording: Recording;
  readonly scrapes: readonly number[];
  readonly trends: boolean;
}

function valuesOf({ metric, phases }: Series, context: Context): string {
  const isInstant = INSTANT.test(metric);
  const isCounter = known(metric)?.type === 'counter' && !isInstant;
  const counted = isCounter ? new Carry() : undefined;
  const line = new Line();
  phases.forEach((recorded, phase) => {
    const move = (value: number): number => (isInstant ? instant(value, context) : (counted?.moved(value) ?? value));
    const moved = recorded.map((value) => (value === null ? null : move(value)));
    line.add(moved);
    const rest = context.scrapes[phase] - recorded.length;
    const slope = slopeOf(metric, moved, {
      isInstant,
      isCounter,
      trends: context.trends,
      isRepaired: phase === 2,
    });
    line.goOn(slope, rest);
    counted?.add(slope * rest);
  });
  return line.text();
}

/** The samples of a series as they come. */
class Line {
  readonly #words: string[] = [];
  /** Not yet written. */
  #samples: Sample[] = [];
  #before: Sample = null;

  add(samples: readonly Sample[]): void {
    this.#samples.push(...samples);
  }

  /** As it is, or rising by `slope` each scrape; what is gone stays gone. */
  goOn(slope: number, scrapes: number): void {
    const last = this.#samples.at(-1) ?? null;
    if (slope === 0 || last === null) {
      this.add(Array<Sample>(scrapes).fill(last));
      return;
    }
    this.#write();
    this.#words.push(ramp(rounded(last + slope), slope, scrapes));
    this.#before = rounded(last + slope * scrapes);
  }

  #write(): void {
    this.#words.push(encode(this.#samples, this.#before));
    this.#before = this.#samples.at(-1) ?? this.#before;
    this.#samples = [];
  }

  text(): string {
    this.#write();
    return this.#words.filter((word) => word !== '').join(' ');
  }
}

/** What the continuation of earlier phases added to a counter, until it starts again from 0. */
class Carry {
  #added = 0;
  #before = 0;

  add(value: number): void {
    this.#added += value;
  }

  moved(value: number): number {
    if (value < this.#before) this.#added = 0;
    this.#before = value;
    return rounded(value + this.#added);
  }
}

interface Kind {
  readonly isInstant: boolean;
  readonly isCounter: boolean;
  readonly trends: boolean;
  readonly isRepaired: boolean;
}

/** By how much a series goes on rising, per scrape. */
function slopeOf(metric: string, samples: readonly Sample[], as: Kind): number {
  const run = as.trends ? samples.filter((sample) => sample !== null) : lastRun(samples);
  const steps = run.length - 1;
  if (steps < 1) return 0;
  if (as.isCounter || as.trends) {
    const from = as.isRepaired ? Math.floor(steps / 2) : 0;
    return rounded((run[steps] - run[from]) / (steps - from));
  }
  if (as.isInstant) {
    // Moved in half of the scrapes at least: with the clock, then.
    const moves = run.filter((value, at) => at > 0 && value > run[at - 1]).length;
    return moves * 2 >= steps ? SCRAPE_SECONDS : 0;
  }
  // A queue that is served now and then rises for a while too.
  const isLong = steps >= 2 && run.length * 2 > samples.length;
  const risesAlways = isLong && run.every((value, at) => at === 0 || value > run[at - 1]);
  return AGE.test(metric) && risesAlways ? SCRAPE_SECONDS : 0;
}

/** The samples since the last gap or fall. */
function lastRun(samples: readonly Sample[]): number[] {
  const run: number[] = [];
  for (const sample of samples) {
    if (sample === null || sample < (run.at(-1) ?? sample)) run.length = 0;
    if (sample !== null) run.push(sample);
  }
  return run;
}

const rounded = (value: number): number => Number(value.toPrecision(12));

/** Where an instant lies in the test: as far into its phase as it was, one scrape for one; else as far away in seconds. */
function instant(value: number, { recording, scrapes }: Context): number {
  const passed = (value - recording.start) / recording.interval;
  if (passed < 0) return rounded(value - recording.start);
  let recorded = 0;
  let test = 0;
  for (const [phase, count] of recording.scrapes.entries()) {
    if (passed < recorded + count) return rounded((test + passed - recorded) * SCRAPE_SECONDS);
    recorded += count;
    test += scrapes[phase];
  }
  return rounded(test * SCRAPE_SECONDS + (passed - recorded) * recording.interval);
}
