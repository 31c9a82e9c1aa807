/** The logarithms of segments' figures: a ratio is a difference of these, whichever way round. */
import type { Figure, Figures } from '../../contract/benchmarks.ts';
import type { Load } from '../workload/schema.ts';
import type { Segment } from '../recording.ts';
import { figuresOf } from './figures.ts';

export interface Options {
  /** The figure that the sentence is about. */
  readonly primary: Figure;
  /** A change smaller than this is none: 0.03 is 3 %. */
  readonly margin: number;
  readonly load: Pick<Load, 'kind'>;
}

/** With arrivals at a rate, throughput is what was asked for and says nothing of the server. */
export const figuresFor = ({ kind }: Options['load']): readonly Figure[] =>
  kind === 'open' ? ['mean', 'p50', 'p95', 'p99'] : ['mean', 'p50', 'p95', 'p99', 'throughput'];

export interface Measurement {
  readonly segment: Segment;
  readonly figures: Figures;
}

export const measure = (segments: readonly Segment[]): Measurement[] =>
  segments.map((segment) => ({ segment, figures: figuresOf([segment]) }));

/** Null where a segment does not have the figure, and of no segments. */
export function meanLog(measurements: readonly Measurement[], figure: Figure): number | null {
  const values = measurements.map(({ figures }) => figures[figure]);
  // A latency or throughput of 0 can't be: it would be the clock's fault.
  if (values.length === 0 || values.some((value) => value === null || value <= 0)) return null;
  return values.reduce<number>((sum, value) => sum + Math.log(value!), 0) / values.length;
}

const TIE = 1e9;

/** What differs by a billionth is equal: dust of logarithms would break ties. */
export const tidy = (log: number): number => Math.round(log * TIE) / TIE;
