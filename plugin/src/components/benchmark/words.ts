import type { Benchmark, Figure, Side } from '@pgvigil/exporter/contract';
import { format, formatExact, type Quantity } from '../../lib/format';

export const KIND_WORDS: Readonly<Record<Benchmark['kind'], string>> = {
  run: 'Run',
  ab: 'Before and after',
  aa: 'Same and same',
};

/** "2 met, 1 missed"; empty where there are none. */
export const thresholdsInWords = ({ met, missed, unknown }: Benchmark['thresholds']): string =>
  [met && `${met} met`, missed && `${missed} missed`, unknown && `${unknown} not known`].filter(Boolean).join(', ');

type Reached = Side['thresholds'][number];

/** Name, relation, and how a value of it is written. */
const THRESHOLDS: Readonly<Record<Reached['name'], readonly [string, string, (value: number) => string]>> = {
  rowsPerHour: ['Rows an hour', 'at least', formatExact],
  meanMs: ['Mean latency', 'below', (value) => format('seconds', value / 1000)],
  p95Ms: ['p95 latency', 'below', (value) => format('seconds', value / 1000)],
  errorRatio: ['Errors', 'below', (value) => format('ratio', value)],
  poolEfficiency: ['Pool efficiency', 'above', (value) => format('ratio', value)],
};

/** "Mean latency below 50 ms" */
export function wantedInWords({ name, wanted }: Pick<Reached, 'name' | 'wanted'>): string {
  const [title, relation, write] = THRESHOLDS[name];
  return `${title} ${relation} ${write(wanted)}`;
}

export const foundInWords = ({ name, found }: Reached): string =>
  found === null ? 'not known' : THRESHOLDS[name][2](found);

export interface FigureRow {
  readonly title: string;
  readonly quantity: Quantity;
  readonly read: (figures: Side['figures']) => number | null;
  /** That it is compared as. */
  readonly figure?: Figure;
}

const seconds = (us: number | null): number | null => us && us / 1e6;

/** Rows of the table of figures, as reports have them. */
export const FIGURE_ROWS: readonly FigureRow[] = [
  { title: 'Mean', quantity: 'seconds', read: ({ mean }) => seconds(mean), figure: 'mean' },
  { title: 'p50', quantity: 'seconds', read: ({ p50 }) => seconds(p50), figure: 'p50' },
  { title: 'p90', quantity: 'seconds', read: ({ p90 }) => seconds(p90) },
  { title: 'p95', quantity: 'seconds', read: ({ p95 }) => seconds(p95), figure: 'p95' },
  { title: 'p99', quantity: 'seconds', read: ({ p99 }) => seconds(p99), figure: 'p99' },
  { title: 'p99.9', quantity: 'seconds', read: ({ p999 }) => seconds(p999) },
  { title: 'Longest', quantity: 'seconds', read: ({ max }) => seconds(max) },
  { title: 'Answers per second', quantity: 'perSecond', read: ({ throughput }) => throughput, figure: 'throughput' },
  { title: 'Answers', quantity: 'count', read: ({ count }) => count },
  { title: 'Failed or not sent', quantity: 'ratio', read: ({ failedRatio }) => failedRatio },
];
