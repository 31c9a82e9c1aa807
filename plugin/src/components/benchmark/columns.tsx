import { Icon } from '@grafana/ui';
import type { Benchmark } from '@pgvigil/exporter/contract';
import React from 'react';
import { format } from '../../lib/format';
import { JobState } from '../action';
import type { Column } from '../table';
import { Time } from '../value/Time';
import { NotApplicable } from '../value/Unknown';
import { BenchmarkProgress } from './BenchmarkProgress';
import { KIND_WORDS, thresholdsInWords } from './words';

const wraps = { overflowWrap: 'anywhere' } as const;

const took = ({ startedAt, finishedAt }: Benchmark): number | null =>
  finishedAt === null ? null : (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;

/** What came of it in a line: the verdict where two arms were compared, else the figures. */
function Result({ benchmark }: { benchmark: Benchmark }) {
  const { state, verdict, figures, message } = benchmark;
  if (state === 'running') return <BenchmarkProgress benchmark={benchmark} />;
  if (state !== 'done') return <span style={wraps}>{message || <NotApplicable />}</span>;
  if (verdict) return <span style={wraps}>{verdict.sentence}</span>;
  if (figures === null) return <NotApplicable />;
  const latency = (us: number | null) => (us === null ? '–' : format('seconds', us / 1e6));
  const { p50, p99, throughput } = figures;
  return (
    <>
      p50 {latency(p50)}, p99 {latency(p99)}
      {throughput !== null && `, ${format('perSecond', throughput)}`}
    </>
  );
}

export const BENCHMARK_COLUMNS: ReadonlyArray<Column<Benchmark>> = [
  {
    id: 'workload',
    title: 'Workload',
    always: true,
    width: '18%',
    cell: ({ workload, star }) => (
      <span style={wraps}>
        {star && (
          <>
            <Icon name="favorite" size="sm" aria-hidden="true" />
            <span className="sr-only">Baseline: </span>{' '}
          </>
        )}
        {workload.title}
      </span>
    ),
  },
  { id: 'kind', title: 'What', width: 130, from: 900, cell: ({ kind }) => KIND_WORDS[kind] },
  { id: 'state', title: 'State', width: 110, cell: ({ state }) => <JobState state={state} /> },
  { id: 'result', title: 'Result', cell: (benchmark) => <Result benchmark={benchmark} /> },
  {
    id: 'thresholds',
    title: 'Thresholds',
    help: 'What the workload wants of each arm, such as a mean below 50 ms.',
    width: 130,
    from: 1200,
    cell: ({ thresholds }) => thresholdsInWords(thresholds) || <NotApplicable />,
  },
  { id: 'took', title: 'Took', quantity: 'seconds', value: took, width: 80, from: 1200 },
  { id: 'started', title: 'Started', align: 'right', width: 100, cell: ({ startedAt }) => <Time iso={startedAt} /> },
  {
    id: 'by',
    title: 'Asked for by',
    width: 110,
    from: 1200,
    cell: ({ requestedBy }) => <span style={wraps}>{requestedBy || 'anonymous'}</span>,
  },
];
