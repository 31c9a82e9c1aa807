import type { GrafanaTheme2 } from '@grafana/data';
import {
  AxisPlacement,
  DrawStyle,
  PointVisibility,
  ScaleDirection,
  ScaleOrientation,
  UPlotConfigBuilder,
} from '@grafana/ui';
import { formatIn, type Scale } from '../../lib/format';

export interface CoursePoint {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly value: number | null;
}
export interface CourseSeries {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly CoursePoint[];
}

/**
 * Times of all series together, then the values of each. Where only another series has a point, it is undefined: its own
 * line goes on; null is a point without a value: the line is broken.
 */
export function aligned(series: readonly CourseSeries[]): (number | null | undefined)[][] {
  const ats = [...new Set(series.flatMap(({ points }) => points.map(({ at }) => at)))].sort((a, b) => a - b);
  const places = new Map(ats.map((at, place) => [at, place]));
  const values = series.map(({ points }) => {
    const own = new Array<number | null | undefined>(ats.length).fill(undefined);
    for (const { at, value } of points) own[places.get(at)!] = value;
    return own;
  });
  return [ats, ...values];
}

interface CourseConfig {
  readonly theme: GrafanaTheme2;
  readonly scale: Scale;
  readonly series: readonly CourseSeries[];
  /** Index of the time under the pointer, null without. */
  readonly onPoint: (at: number | null) => void;
}

export function courseConfig({ theme, scale, series, onPoint }: CourseConfig): UPlotConfigBuilder {
  const builder = new UPlotConfigBuilder();
  builder.setPadding([8, 32, 0, 0]);
  builder.addScale({
    scaleKey: 'x',
    isTime: false,
    orientation: ScaleOrientation.Horizontal,
    direction: ScaleDirection.Right,
    range: (_, __, max) => [0, max > 0 ? max : 1],
  });
  builder.addScale({
    scaleKey: 'y',
    orientation: ScaleOrientation.Vertical,
    direction: ScaleDirection.Up,
    range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1],
  });
  builder.addAxis({
    scaleKey: 'x',
    placement: AxisPlacement.Bottom,
    theme,
    grid: { show: false },
    formatValue: (value: number) => `${value} s`,
  });
  builder.addAxis({
    scaleKey: 'y',
    placement: AxisPlacement.Left,
    theme,
    size: 44,
    space: () => 32,
    formatValue: (value: number) => formatIn(scale, value),
  });
  builder.setCursor({ drag: { x: false, y: false, setScale: false }, y: false });
  builder.addHook('setCursor', (plot) => onPoint(plot.cursor.idx ?? null));
  series.forEach(({ colour }, i) =>
    builder.addSeries({
      scaleKey: 'y',
      theme,
      drawStyle: DrawStyle.Line,
      lineColor: colour,
      // Told apart without colour: the second one is dashed.
      lineStyle: i === 0 ? { fill: 'solid' } : { fill: 'dash', dash: [8, 4] },
      lineWidth: 1.5,
      showPoints: PointVisibility.Auto,
      pointSize: 4,
      pointColor: colour,
      spanNulls: false,
    }),
  );
  return builder;
}
