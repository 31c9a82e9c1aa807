/** For tests: what the exporter says of two arms that were compared. */
import type { Benchmark, Figures, Sheet, Side } from '@pgvigil/exporter/contract';

export const benchmark: Benchmark = {
  id: '4f1c2a90-0000-4000-8000-000000000000',
  kind: 'ab',
  target: 'shop',
  workload: { id: 'orders', title: 'Orders of a day' },
  blocks: 20,
  state: 'done',
  requestedBy: 'ada',
  cancelRequestedBy: '',
  startedAt: '2026-11-24T10:00:00.000Z',
  finishedAt: '2026-11-24T10:04:00.000Z',
  message: '',
  star: false,
  progress: null,
  verdict: {
    finding: 'faster',
    sentence: 'after is 11.8 % faster (8.9 … 14.6 %), p50 of 20 paired blocks.',
    notes: [],
    needs: null,
  },
  figures: null,
  thresholds: { met: 1, missed: 1, unknown: 0 },
};

const figures = (us: number): Figures => ({
  count: 1000,
  ...{ mean: us, p50: us, p90: us, p95: us, p99: 2 * us, p999: null, max: 3 * us },
  throughput: 1e6 / us,
  errorRatio: 0,
  failedRatio: 0,
});

const side = (name: string, us: number): Side => ({
  name,
  figures: figures(us),
  thresholds: [{ name: 'meanMs', wanted: 1.9, found: us / 1000, met: us < 1900 }],
  series: [1, 2, 3].map((at) => ({ at, perSecond: 1e6 / us, errorsPerSecond: 0, p50Us: us, p99Us: 2 * us })),
  waits: { CPU: 3, 'IO:DataFileRead': 1 },
  walBytes: 2048,
  checkpoints: null,
  sessions: 0,
});

export const sheet: Sheet = {
  benchmarks: [
    {
      ...benchmark,
      description: 'What the report asks.',
      switches: { before: [], after: ['work_mem = 64MB on the server'] },
      facts: null,
      statements: null,
      errors: { '40001': { statement: 'orders', message: 'could not serialize' } },
    },
  ],
  sides: [side('before', 2000), side('after', 1764)],
  comparison: {
    design: 'paired',
    first: 'before',
    second: 'after',
    primary: 'p50',
    margin: 0.03,
    changes: [
      {
        ...{ figure: 'p50', first: 2000, second: 1764, ratio: 0.882, low: 0.854, high: 0.911 },
        ...{ p: 0.001, adjustedP: 0.004, spread: 0.02, blocks: 20, leftOut: 0, finding: 'faster' },
      },
    ],
    failures: { first: 0, second: 0, p: 1 },
    family: 4,
  },
  changesInWords: { p50: '11.8 % faster (8.9 … 14.6 %)' },
  verdict: benchmark.verdict,
  aa: null,
  drift: null,
  differences: [],
};
