import React, { memo, useMemo } from 'react';
import { type FieldSparkline, FieldType } from '@grafana/data';
import { DrawStyle, Sparkline, useTheme2 } from '@grafana/ui';

export interface LoadSparklineProps {
  /** Equal parts of the window; null is a gap. */
  values: readonly (number | null)[];
  width?: number;
  height?: number;
}

/** The load's shape over the window; each has its own height, the column of shares tells how much it is. */
export const LoadSparkline = memo(function LoadSparkline({ values, width = 64, height = 24 }: LoadSparklineProps) {
  const theme = useTheme2();
  const sparkline = useMemo<FieldSparkline>(
    () => ({
      y: {
        name: 'load',
        type: FieldType.number,
        values: [...values],
        config: { min: 0 },
        state: { range: rangeOf(values) },
      },
    }),
    [values],
  );
  const config = useMemo(
    () => ({
      custom: {
        drawStyle: DrawStyle.Line,
        lineWidth: 1,
        lineColor: theme.colors.primary.main,
        fillOpacity: 20,
        spanNulls: false,
      },
    }),
    [theme],
  );
  // The same is said in words by the columns beside it.
  return (
    <div aria-hidden="true" style={{ width, height }}>
      {values.filter((value) => value !== null).length > 1 && (
        <Sparkline width={width} height={height} theme={theme} sparkline={sparkline} config={config} />
      )}
    </div>
  );
});

function rangeOf(values: readonly (number | null)[]): { min: number; max: number; delta: number } {
  const max = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  return { min: 0, max, delta: max };
}
