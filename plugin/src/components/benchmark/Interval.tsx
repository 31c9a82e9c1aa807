import { useTheme2 } from '@grafana/ui';
import type { Change } from '@pgvigil/exporter/contract';
import React from 'react';

const WIDTH = 180;
const HEIGHT = 18;

export interface IntervalProps {
  change: Change;
  /** A change smaller than this is none. */
  margin: number;
  /** The largest distance from "no change" in the table, as a logarithm: all rows have one scale. */
  reach: number;
}

/** Where the ratio lies, with what it may be; the shade is what does not matter. The words beside it say the same. */
export function Interval({ change: { ratio, low, high }, margin, reach }: IntervalProps) {
  const theme = useTheme2();
  if (ratio === null || low === null || high === null) return null;
  const x = (value: number) => WIDTH / 2 + (Math.log(value) / reach) * (WIDTH / 2 - 6);
  const middle = HEIGHT / 2;
  return (
    <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
      <rect
        x={x(1 / (1 + margin))}
        width={x(1 + margin) - x(1 / (1 + margin))}
        height={HEIGHT}
        fill={theme.colors.action.selected}
      />
      <line x1={x(1)} x2={x(1)} y1={0} y2={HEIGHT} stroke={theme.colors.text.secondary} strokeDasharray="2 2" />
      <line x1={x(low)} x2={x(high)} y1={middle} y2={middle} stroke={theme.colors.primary.text} strokeWidth={3} />
      <circle cx={x(ratio)} cy={middle} r={4} fill={theme.colors.primary.text} />
    </svg>
  );
}

/** For `Interval`. */
export const reachOf = (changes: readonly Change[], margin: number): number =>
  Math.max(
    2 * Math.log1p(margin),
    ...changes.flatMap(({ low, high }) =>
      low === null || high === null ? [] : [Math.abs(Math.log(low)), Math.abs(Math.log(high))],
    ),
  );
