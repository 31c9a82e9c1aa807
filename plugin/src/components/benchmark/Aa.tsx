import type { Aa as Found } from '@pgvigil/exporter/contract';
import React from 'react';
import { format } from '../../lib/format';
import { FactTable } from './FactTable';

/** What this machine calls a change where there is none, and how small a change it can see. */
export function Aa({ aa }: { aa: Found }) {
  const rows = [
    ['By turns', aa.paired],
    ['By turns, in any figure', aa.anyFigure],
    ['One run after the other', aa.sequential],
    ['One after the other, with the drift of this machine', aa.sequentialWithDrift],
  ] as const;
  const smallest = aa.smallest.flatMap(({ blocks, change }) =>
    change === null ? [] : [`${format('ratio', change)} in ${blocks} blocks`],
  );
  return (
    <FactTable
      title="False alarms of this machine"
      head={['', 'Alarms', 'Comparisons', '95 % interval of the rate']}
      rows={rows.map(([name, { alarms, of, low, high }]) => [
        name,
        String(alarms),
        String(of),
        `${format('ratio', low)} … ${format('ratio', high)}`,
      ])}
      note={smallest.length > 0 && `Smallest change that it sees: ${smallest.join(', ')}.`}
    />
  );
}
