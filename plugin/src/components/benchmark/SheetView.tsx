import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import type { BenchmarkPoint, Sheet } from '@pgvigil/exporter/contract';
import React, { useMemo } from 'react';
import { CourseChart } from '../charts/CourseChart';
import { Aa } from './Aa';
import { Figures } from './Figures';
import { Server } from './Server';
import { VerdictBox } from './VerdictBox';

/** One run, or two beside each other: the sentence first, then what it rests on. */
export function SheetView({ sheet }: { sheet: Sheet }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.sheet}>
      <VerdictBox sheet={sheet} />
      {sheet.aa && <Aa aa={sheet.aa} />}
      {sheet.sides.length > 0 && (
        <>
          <Figures sheet={sheet} />
          <Courses sheet={sheet} />
        </>
      )}
      <Server sheet={sheet} />
    </div>
  );
}

function Courses({ sheet: { sides } }: { sheet: Sheet }) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const charts = useMemo(() => {
    const colours = ['blue', 'orange'].map((name) => theme.visualization.getColorByName(name));
    const seriesOf = (read: (point: BenchmarkPoint) => number | null) =>
      sides.map(({ name, series }, i) => ({
        name,
        colour: colours[i],
        points: series.map((point) => ({ at: point.at, value: read(point) })),
      }));
    const seconds = (us: number | null) => us && us / 1e6;
    return {
      throughput: seriesOf(({ perSecond }) => perSecond),
      p99: seriesOf(({ p99Us }) => seconds(p99Us)),
    };
  }, [sides, theme]);
  return (
    <div className={styles.pair}>
      <CourseChart title="Answers per second" quantity="perSecond" series={charts.throughput} />
      <CourseChart title="p99 of each second" quantity="seconds" series={charts.p99} />
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  sheet: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(3) }),
  pair: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(2, minmax(0, 1fr))',
    gap: theme.spacing(3),
    [theme.breakpoints.down('md')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  }),
});
