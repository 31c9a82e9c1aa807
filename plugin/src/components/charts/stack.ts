import { BarAlignment, DrawStyle, PointVisibility, type UPlotConfigBuilder } from '@grafana/ui';
import { type ChartConfig, chartConfig } from './trend';

/** A step of a stack: values by the series' id, null where nothing was recorded. What is absent is 0. */
export interface StackPoint {
  /** Begin of the step, milliseconds since 1970. */
  at: number;
  values: Readonly<Record<string, number>> | null;
}

export interface StackSeries {
  id: string;
  title: string;
  colour: string;
}

/**
 * Times, then the tops of the series' bars, the uppermost series first: each is drawn over the one before, and what stays
 * in sight of it is its own part.
 * @param series from the bottom up.
 */
export function stacked(
  points: readonly StackPoint[],
  series: readonly StackSeries[],
  stepSeconds: number,
): (number | null)[][] {
  const tops = series.map((_, last) => {
    const below = series.slice(0, last + 1);
    return points.map(({ values }) => values && below.reduce((sum, { id }) => sum + (values[id] ?? 0), 0));
  });
  const ats = points.map(({ at }) => at);
  // Bars are as wide as the time to the next one: the last one has one too.
  const end = points.length === 0 ? [] : [points[points.length - 1].at + stepSeconds * 1000];
  return [[...ats, ...end], ...tops.reverse().map((top) => [...top, ...end.map(() => null)])];
}

/** @param series from the bottom up, as for `stacked`. */
export function stackConfig(config: ChartConfig, series: readonly StackSeries[]): UPlotConfigBuilder {
  const builder = chartConfig(config);
  for (const { colour } of [...series].reverse()) {
    builder.addSeries({
      scaleKey: 'y',
      theme: config.theme,
      drawStyle: DrawStyle.Bars,
      barAlignment: BarAlignment.After,
      barWidthFactor: 1,
      barMaxWidth: Infinity,
      lineColor: colour,
      lineWidth: 0,
      fillColor: colour,
      showPoints: PointVisibility.Never,
    });
  }
  return builder;
}
