import React, { useMemo, useRef, useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { UPlotChart, useStyles2, useTheme2 } from '@grafana/ui';
import { formatIn, joinUnit, type Quantity } from '../../lib/format';
import { axisScale, clock, type Gap, isInGap, trendConfig, type TrendMark, type TrendPoint } from './trend';
import { useWidth } from './useWidth';

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
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const [place, width] = useWidth();
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
    <figure className={styles.figure}>
      <figcaption className={styles.caption}>
        <span>
          {title}
          {scale.unit !== '' && <span className={styles.unit}> {scale.unit}</span>}
        </span>
        <span className={styles.readout} aria-hidden="true">
          {point && `${clock(point.at)}   ${say(point)}`}
        </span>
      </figcaption>
      <div ref={place} className={styles.place} style={{ height }} aria-hidden="true">
        {width > 0 && <UPlotChart data={data as never} config={config} width={width} height={height} />}
      </div>
      <details className={styles.details}>
        <summary>As a table</summary>
        <div className={styles.scroll}>
          <table className={styles.table} aria-label={title}>
            <tbody>
              {points.map((one) => (
                <tr key={one.at}>
                  <th scope="row">{clock(one.at)}</th>
                  <td>{say(one)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  figure: css({ margin: 0, minWidth: 0 }),
  caption: css({
    display: 'flex',
    justifyContent: 'space-between',
    gap: theme.spacing(2),
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
    minHeight: theme.spacing(3),
  }),
  unit: css({ color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular }),
  readout: css({
    color: theme.colors.text.secondary,
    fontWeight: theme.typography.fontWeightRegular,
    fontVariantNumeric: 'tabular-nums',
    whiteSpace: 'pre',
  }),
  place: css({ width: '100%', overflow: 'hidden' }),
  details: css({
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
    '& summary': { cursor: 'pointer' },
  }),
  scroll: css({ maxHeight: 200, overflow: 'auto' }),
  table: css({
    fontVariantNumeric: 'tabular-nums',
    '& th': { fontWeight: theme.typography.fontWeightRegular, paddingRight: theme.spacing(2), textAlign: 'left' },
    '& td': { textAlign: 'right' },
  }),
});
