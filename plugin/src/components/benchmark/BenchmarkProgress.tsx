import type { Benchmark } from '@pgvigil/exporter/contract';
import React from 'react';
import { format } from '../../lib/format';
import { formatDuration } from '../../lib/time';
import { ProgressBar } from '../action';

/** "measuring after · 12 of 80 segments · 1.2 k/s · about 40 s left" */
export function BenchmarkProgress({ benchmark }: { benchmark: Benchmark }) {
  const { progress, workload, cancelRequestedBy } = benchmark;
  if (progress === null) return <ProgressBar ratio={null} label={`${workload.title}: begins`} />;
  const { phase, arm, done, of, perSecond, p99Us, secondsLeft } = progress;
  const parts = [
    cancelRequestedBy && `${cancelRequestedBy} has asked it to stop`,
    arm === null || arm === 'run' ? phase : `${phase} ${arm}`,
    `${done} of ${of} segments`,
    perSecond === null ? '' : format('perSecond', perSecond),
    p99Us === null ? '' : `p99 ${format('seconds', p99Us / 1e6)}`,
    secondsLeft === null ? '' : `about ${formatDuration(Math.max(1, secondsLeft))} left`,
  ];
  return (
    <div>
      <ProgressBar ratio={of === 0 ? null : done / of} label={workload.title} />
      <div style={{ fontVariantNumeric: 'tabular-nums' }}>{parts.filter(Boolean).join(' · ')}</div>
    </div>
  );
}
