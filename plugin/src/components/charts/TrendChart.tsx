import React, { useMemo, useRef, useState } from 'react';
import { UPlotChart, useTheme2 } from '@grafana/ui';
import { formatIn, joinUnit, type Quantity } from '../../lib/format';
import { ChartFigure } from './ChartFigure';
import { axisScale, clock, type Gap, isInGap, trendConfig, type TrendMark, type TrendPoint } from './trend';

export interface TrendChartProps {
  title: string;
  quantity: Quantity;
  points: readonly TrendPoint[];
  /** Where nothing was recorded; a point without a value outside of them is `none`. */
  gaps: readonly Gap[];
  /** What a point without a value means: "no calls". */
  none: string;
  /** The window, ms since 1970. */
  from: number;
  to: number;
  marks: readonly TrendMark[];
  colour: string;
  height?: number;
  onSelect: (from: number, to: number) => void;
  sync: string;
}

/** One measure over the window: gaps stay gaps, marks are lines, dragging chooses a window, a table says the same. */
export function TrendChart(props: TrendChartProps) {
  const { title, quantity, points, gaps, none, from, to, marks, colour, height = 136, sync } = props;
  const theme = useTheme2();
  const [at, setAt] = useState<number | null>(null);
  // The plot is made anew when its configuration is; a new function at each rendering must not do that.
  const select = useRef(props.onSelect);
  select.current = props.onSelect;

  const scale = useMemo(() => axisScale(quantity, points), [quantity, points]);
  const data = useMemo(() => [points.map((point) => point.at), points.map((point) => point.value)], [points]);
  const config = useMemo(
    () =>
      trendConfig({
        theme,
        from,
        to,
        scale,
        colour,
        gaps,
        marks,
        sync,
        onPoint: setAt,
        onSelect: (...range) => select.current(...range),
      }),
    [theme, from, to, scale, colour, gaps, marks, sync],
  );
  const say = ({ at: time, value }: TrendPoint) => {
    if (value !== null) {
      return joinUnit(formatIn(scale, value), scale.unit);
    }
    return isInGap(gaps, time) ? 'nothing recorded' : none;
  };
  const point = at === null ? undefined : points[at];

  return (
    <ChartFigure
      title={title}
      unit={scale.unit}
      readout={point && `${clock(point.at)}   ${say(point)}`}
      height={height}
      plot={(width) => <UPlotChart data={data as never} config={config} width={width} height={height} />}
      table={
        <tbody>
          {points.map((one) => (
            <tr key={one.at}>
              <th scope="row">{clock(one.at)}</th>
              <td>{say(one)}</td>
            </tr>
          ))}
        </tbody>
      }
    />
  );
}
