/** The course of a run, for charts. */
import type { BenchmarkPoint } from '../../contract/benchmarks.ts';
import type { Tick } from '../recording.ts';

/** What went on for so many seconds: a run's last second is rarely whole. */
interface Stretch {
  readonly tick: Tick;
  readonly seconds: number;
}

const SHORTEST_SECONDS = 0.5;

/** More than this no screen shows. */
const MOST_POINTS = 300;

/** @param segments of one side, in the order of time. */
export function seriesOf(
  segments: readonly { readonly seconds: number; readonly ticks: readonly Tick[] }[],
): BenchmarkPoint[] {
  const pieces = segments.flatMap(piecesOf);
  if (pieces.length === 0) return [];
  const together = Math.ceil(pieces.length / MOST_POINTS);
  return Array.from({ length: Math.ceil(pieces.length / together) }, (_, i) =>
    pointOf(pieces.slice(i * together, (i + 1) * together).flat()),
  );
}

/** The seconds of a segment; what is left at its end, as the second before: of some milliseconds there is no rate. */
function piecesOf({ seconds, ticks }: { readonly seconds: number; readonly ticks: readonly Tick[] }): Stretch[][] {
  const pieces = ticks.map((tick, second): Stretch[] => [
    { tick, seconds: Math.min(1, Math.max(seconds - second, 0.001)) },
  ]);
  const last = pieces.at(-1);
  if (pieces.length < 2 || last![0].seconds >= SHORTEST_SECONDS) return pieces;
  return [...pieces.slice(0, -2), [...pieces.at(-2)!, ...last!]];
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
