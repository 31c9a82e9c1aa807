import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { UPlotChart, useStyles2, useTheme2 } from '@grafana/ui';
import React, { useMemo, useState } from 'react';
import { formatIn, formatNumber, joinUnit, type Quantity, scaleOf } from '../../lib/format';
import { ChartFigure } from './ChartFigure';
import { aligned, courseConfig, type CourseSeries } from './course';

export interface CourseChartProps {
  title: string;
  quantity: Quantity;
  series: readonly CourseSeries[];
  height?: number;
}

/** One or two runs from their beginning on, on one axis. */
export function CourseChart({ title, quantity, series, height = 160 }: CourseChartProps) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const [at, setAt] = useState<number | null>(null);
  const data = useMemo(() => aligned(series), [series]);
  const scale = useMemo(() => {
    const values = series.flatMap(({ points }) => points.map(({ value }) => value ?? 0));
    return scaleOf(quantity, Math.max(0, ...values));
  }, [series, quantity]);
  const config = useMemo(() => courseConfig({ theme, scale, series, onPoint: setAt }), [theme, scale, series]);
  const say = (value: number | null | undefined) =>
    value === null || value === undefined ? '–' : joinUnit(formatIn(scale, value), scale.unit);
  const readout = (place: number) => {
    const said = series.flatMap(({ name }, i) => {
      const value = data[i + 1][place];
      return value === undefined ? [] : [`${name} ${say(value)}`];
    });
    return `${formatNumber(data[0][place] ?? 0)} s   ${said.join(' · ')}`;
  };
  return (
    <ChartFigure
      title={title}
      unit={scale.unit}
      readout={at !== null && at < data[0].length && readout(at)}
      legend={
        <ul className={styles.legend}>
          {series.map(({ name, colour }, i) => (
            <li key={name}>
              <span className={styles.line} style={{ borderTop: `2px ${i === 0 ? 'solid' : 'dashed'} ${colour}` }} />{' '}
              {name}
            </li>
          ))}
        </ul>
      }
      height={height}
      plot={(width) => <UPlotChart data={data as never} config={config} width={width} height={height} />}
      table={
        <>
          <thead>
            <tr>
              <td />
              {series.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data[0].map((time, place) => (
              <tr key={time}>
                <th scope="row">{formatNumber(time ?? 0)} s</th>
                {series.map(({ name }, i) => (
                  <td key={name}>{say(data[i + 1][place])}</td>
                ))}
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
  line: css({ display: 'inline-block', width: 18, verticalAlign: 'middle' }),
});
