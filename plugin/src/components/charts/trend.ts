import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import {
  AxisPlacement,
  DrawStyle,
  PointVisibility,
  ScaleDirection,
  ScaleOrientation,
  UPlotConfigBuilder,
} from '@grafana/ui';
import { formatIn, type Quantity, type Scale, scaleOf } from '../../lib/format';

export interface TrendPoint {
  /** Milliseconds since 1970. */
  at: number;
  value: number | null;
}
export interface TrendMark {
  at: number;
  kind: 'action' | 'plan';
  title: string;
}
/** From and to of a stretch in which nothing was recorded, ms. */
export type Gap = readonly [number, number];

/**
 * Stretches of the window without history; a value stands for the step that begins at its time.
 * @param points of a measure that is known wherever something was recorded.
 */
export function gapsOf(points: readonly TrendPoint[], stepSeconds: number, from: number, to: number): Gap[] {
  const step = stepSeconds * 1000;
  const gaps: [number, number][] = [];
  const first = points[0]?.at ?? to;
  // Less than a step is the window's end beside the nearest snapshot.
  if (first - from > step) {
    gaps.push([from, first]);
  }
  for (const { at, value } of points) {
    if (value !== null) {
      continue;
    }
    const end = at + step;
    const last = gaps[gaps.length - 1];
    if (last && last[1] >= at) {
      last[1] = end;
    } else {
      gaps.push([at, end]);
    }
  }
  // At the end the newest snapshot may be missing yet, and the step that it would end.
  const end = points.length === 0 ? to : points[points.length - 1].at + step;
  if (to - end > 2 * step) {
    gaps.push([end, to]);
  }
  return gaps;
}

export const isInGap = (gaps: readonly Gap[], at: number): boolean => gaps.some(([from, to]) => at >= from && at < to);

/** One unit for the axis: that of its largest value. */
export function axisScale(quantity: Quantity, points: readonly TrendPoint[]): Scale {
  return scaleOf(quantity, Math.max(0, ...points.map((point) => point.value ?? 0)));
}

export interface ChartConfig {
  theme: GrafanaTheme2;
  from: number;
  to: number;
  scale: Scale;
  gaps: readonly Gap[];
  /** Index of the point under the pointer, null without. */
  onPoint: (at: number | null) => void;
  /** A stretch was marked by dragging. */
  onSelect: (from: number, to: number) => void;
  /** Charts with the same key show the same moment. */
  sync: string;
}

/** Axes, gaps, pointer: all but the series. */
export function chartConfig(config: ChartConfig): UPlotConfigBuilder {
  const { theme, from, to, scale } = config;
  const builder = new UPlotConfigBuilder();
  // The last time label is as wide as this beyond the axis.
  builder.setPadding([8, 32, 0, 0]);
  builder.addScale({
    scaleKey: 'x',
    isTime: true,
    orientation: ScaleOrientation.Horizontal,
    direction: ScaleDirection.Right,
    range: () => [from, to],
  });
  builder.addScale({
    scaleKey: 'y',
    orientation: ScaleOrientation.Vertical,
    direction: ScaleDirection.Up,
    range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1],
  });
  builder.addAxis({ scaleKey: 'x', isTime: true, placement: AxisPlacement.Bottom, theme, grid: { show: false } });
  builder.addAxis({
    scaleKey: 'y',
    placement: AxisPlacement.Left,
    theme,
    size: 44,
    space: () => 32,
    formatValue: (value: number) => formatIn(scale, value),
  });
  builder.setCursor({
    drag: { x: true, y: false, setScale: false },
    sync: { key: config.sync, scales: ['x', null] },
    y: false,
  });
  builder.addHook('drawClear', (plot) => drawGaps(plot, config));
  builder.addHook('setCursor', (plot) => config.onPoint(plot.cursor.idx ?? null));
  builder.addHook('setSelect', (plot) => {
    const { left, width } = plot.select;
    if (width > 4) {
      config.onSelect(Math.round(plot.posToVal(left, 'x')), Math.round(plot.posToVal(left + width, 'x')));
    }
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  });
  return builder;
}

export interface TrendConfig extends ChartConfig {
  colour: string;
  marks: readonly TrendMark[];
}

export function trendConfig(config: TrendConfig): UPlotConfigBuilder {
  const { theme, colour } = config;
  const builder = chartConfig(config);
  builder.addSeries({
    scaleKey: 'y',
    theme,
    drawStyle: DrawStyle.Line,
    lineColor: colour,
    lineWidth: 1.5,
    fillOpacity: 12,
    showPoints: PointVisibility.Auto,
    pointSize: 4,
    pointColor: colour,
    spanNulls: false,
  });
  builder.addHook('draw', (plot) => drawMarks(plot, config));
  return builder;
}

type Plot = Parameters<NonNullable<Parameters<UPlotConfigBuilder['addHook']>[1]>>[0];

function drawGaps(plot: Plot, { gaps, theme }: ChartConfig): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = theme.colors.background.secondary;
  for (const [from, to] of gaps) {
    const left = Math.max(bbox.left, plot.valToPos(from, 'x', true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, 'x', true));
    if (right > left) {
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
  }
  ctx.restore();
}

function drawMarks(plot: Plot, { marks, theme }: TrendConfig): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = window.devicePixelRatio;
  ctx.strokeStyle = theme.colors.text.primary;
  for (const mark of marks) {
    const at = Math.round(plot.valToPos(mark.at, 'x', true));
    if (at < bbox.left || at > bbox.left + bbox.width) {
      continue;
    }
    // Actions whole, plans dashed: told apart without colour.
    ctx.setLineDash(mark.kind === 'plan' ? [4 * window.devicePixelRatio, 3 * window.devicePixelRatio] : []);
    ctx.beginPath();
    ctx.moveTo(at, bbox.top);
    ctx.lineTo(at, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

export const clock = (at: number) => dateTimeFormat(at, { format: 'MMM D, HH:mm:ss' });
