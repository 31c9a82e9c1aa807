import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { UPlotChart, useStyles2, useTheme2 } from '@grafana/ui';
import React, { useMemo, useRef, useState } from 'react';
import { formatIn, joinUnit, type Quantity, scaleOf } from '../../lib/format';
import { ChartFigure } from './ChartFigure';
import { stackConfig, stacked, type StackPoint, type StackSeries } from './stack';
import { clock, type Gap } from './trend';

export interface StackChartProps {
  title: string;
  quantity: Quantity;
  points: readonly StackPoint[];
  stepSeconds: number;
  /** From the bottom up, which is the order of the legend and of the table's columns too. */
  series: readonly (StackSeries & { /** Stands beside it in the legend. */ figure: string })[];
  gaps: readonly Gap[];
  /** What a step of nothing but zeros means: "nobody". */
  none: string;
  /** What the figures in the legend are, or why there are none. */
  note: string;
  /** The window, ms since 1970. */
  from: number;
  to: number;
  height?: number;
  onSelect: (from: number, to: number) => void;
  sync: string;
}

/** What a figure is made of, step by step, as bars one upon the other; gaps stay gaps, dragging chooses a window. */
export function StackChart(props: StackChartProps) {
  const { title, quantity, points, stepSeconds, series, gaps, none, note, from, to, height = 136, sync } = props;
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const [at, setAt] = useState<number | null>(null);
  // The plot is made anew when its configuration is; a new function at each rendering must not do that.
  const select = useRef(props.onSelect);
  select.current = props.onSelect;

  const data = useMemo(() => stacked(points, series, stepSeconds), [points, series, stepSeconds]);
  const scale = useMemo(
    () => scaleOf(quantity, Math.max(0, ...(data[1] ?? []).map((top) => top ?? 0))),
    [data, quantity],
  );
  const config = useMemo(
    () =>
      stackConfig(
        { theme, from, to, scale, gaps, sync, onPoint: setAt, onSelect: (...range) => select.current(...range) },
        series,
      ),
    [theme, from, to, scale, gaps, sync, series],
  );
  const say = (value: number) => joinUnit(formatIn(scale, value), scale.unit);
  const inWords = ({ values }: StackPoint) => {
    if (values === null) return 'nothing recorded';
    const parts = series.filter(({ id }) => (values[id] ?? 0) > 0).map((one) => `${one.title} ${say(values[one.id])}`);
    return parts.join(' · ') || none;
  };
  const point = at === null ? undefined : points[at];
  return (
    <ChartFigure
      title={title}
      unit={scale.unit}
      readout={point && `${clock(point.at)}   ${inWords(point)}`}
      legend={
        <ul className={styles.legend}>
          {series.map(({ id, title: name, colour, figure }) => (
            <li key={id} className={styles.item}>
              <span className={styles.dot} style={{ background: colour }} aria-hidden="true" /> {name}{' '}
              <span className={styles.figure}>{figure}</span>
            </li>
          ))}
          <li className={styles.figure}>{note}</li>
        </ul>
      }
      height={height}
      plot={(width) => <UPlotChart data={data as never} config={config} width={width} height={height} />}
      table={
        <>
          <thead>
            <tr>
              <td />
              {series.map(({ id, title: name }) => (
                <th key={id} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {points.map(({ at: time, values }) => (
              <tr key={time}>
                <th scope="row">{clock(time)}</th>
                {values === null ? (
                  <td colSpan={Math.max(1, series.length)}>nothing recorded</td>
                ) : (
                  series.map(({ id }) => <td key={id}>{say(values[id] ?? 0)}</td>)
                )}
              </tr>
            ))}
          </tbody>
        </>
      }
    />
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  legend: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(0, 2),
    listStyle: 'none',
    margin: 0,
    padding: 0,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  item: css({ whiteSpace: 'nowrap' }),
  dot: css({ display: 'inline-block', width: 8, height: 8, borderRadius: 2 }),
  figure: css({ color: theme.colors.text.secondary, fontVariantNumeric: 'tabular-nums' }),
});
