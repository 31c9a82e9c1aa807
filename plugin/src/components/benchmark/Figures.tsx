import type { Sheet } from '@pgvigil/exporter/contract';
import React from 'react';
import { NotApplicable } from '../value/Unknown';
import { format } from '../../lib/format';
import { FactTable } from './FactTable';
import { Interval, reachOf } from './Interval';
import { FIGURE_ROWS } from './words';

/** Percentiles side by side, and by how much they differ. */
export function Figures({ sheet: { sides, comparison, changesInWords } }: { sheet: Sheet }) {
  const reach = comparison && reachOf(comparison.changes, comparison.margin);
  return (
    <FactTable
      title="Latency and throughput"
      head={['', ...sides.map(({ name }) => name), ...(comparison ? ['Difference, 95 % interval', ''] : [])]}
      texts={comparison ? [sides.length + 1, sides.length + 2] : []}
      rows={FIGURE_ROWS.map(({ title, quantity, read, figure }) => {
        const change = comparison?.changes.find((one) => one.figure === figure);
        return [
          title,
          ...sides.map(({ figures }) => {
            const value = read(figures);
            return value === null ? <NotApplicable key={title} /> : format(quantity, value);
          }),
          ...(comparison && reach !== null
            ? [
                (figure && changesInWords[figure]) ?? '',
                change && <Interval key="interval" {...{ change, reach }} margin={comparison.margin} />,
              ]
            : []),
        ];
      })}
      note={
        'Latencies count from when a statement was due.' +
        (comparison ? ` Shaded: less than ${format('ratio', comparison.margin)}, which does not matter here.` : '')
      }
    />
  );
}
