/** The course of a run, for charts. */
import type { BenchmarkPoint } from '../../contract/benchmarks.ts';
import type { Tick } from '../recording.ts';

/** What went on for so many seconds: a run's last second is rarely whole. */
interface Stretch {
  readonly tick: Tick;
  readonly seconds: number;
}

/** More than this no screen shows. */
const MOST_POINTS = 300;

/** @param segments of one side, in the order of time. */
export function seriesOf(
  segments: readonly { readonly seconds: number; readonly ticks: readonly Tick[] }[],
): BenchmarkPoint[] {
  const stretches = segments.flatMap(({ seconds, ticks }) =>
    ticks.map((tick, second): Stretch => ({ tick, seconds: Math.min(1, Math.max(seconds - second, 0.001)) })),
  );
  if (stretches.length === 0) return [];
  const together = Math.ceil(stretches.length / MOST_POINTS);
  return Array.from({ length: Math.ceil(stretches.length / together) }, (_, i) =>
    pointOf(stretches.slice(i * together, (i + 1) * together)),
  );
}

function pointOf(stretches: readonly Stretch[]): BenchmarkPoint {
  const seconds = sum(stretches.map(({ seconds }) => seconds));
  const known = (read: (tick: Tick) => number | null): number[] => stretches.flatMap(({ tick }) => read(tick) ?? []);
  const [p50s, p99s] = [known(({ p50Us }) => p50Us), known(({ p99Us }) => p99Us)];
  const { tick: last, seconds: lasted } = stretches.at(-1)!;
  return {
    at: (stretches[0].tick.at + last.at + lasted) / 2,
    perSecond: sum(stretches.map(({ tick }) => tick.count)) / seconds,
    errorsPerSecond: sum(stretches.map(({ tick }) => tick.errors)) / seconds,
    p50Us: p50s.length === 0 ? null : sum(p50s) / p50s.length,
    p99Us: p99s.length === 0 ? null : Math.max(...p99s),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
