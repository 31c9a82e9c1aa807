import React, { useMemo } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { Icon, useStyles2, useTheme2 } from '@grafana/ui';
import type { QueryDetail } from '@pgvigil/exporter/contract';
import { clock, gapsOf } from '../../components/charts/trend';
import { TrendChart } from '../../components/charts/TrendChart';

type Key = 'callsPerSecond' | 'meanSeconds';

/** Calls and mean over the window side by side; actions and plan changes are lines in both, named below. */
export function Trends({ detail, from, to }: { detail: QueryDetail; from: number; to: number }) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const { trend } = detail;
  const marks = useMemo(() => detail.marks.map((mark) => ({ ...mark, at: Date.parse(mark.at) })), [detail.marks]);
  const calls = useMemo(() => pointsOf(trend, 'callsPerSecond'), [trend]);
  const gaps = useMemo(() => gapsOf(calls, trend.stepSeconds, from, to), [calls, trend.stepSeconds, from, to]);
  const mean = useMemo(() => pointsOf(trend, 'meanSeconds'), [trend]);
  const shared = {
    gaps,
    none: 'no calls',
    from,
    to,
    marks,
    sync: 'query',
    onSelect: (start: number, end: number) => locationService.partial({ from: String(start), to: String(end) }),
  };
  return (
    <section aria-label="Over the window">
      <div className={styles.pair}>
        <TrendChart
          {...shared}
          title="Calls"
          quantity="perSecond"
          points={calls}
          colour={theme.visualization.getColorByName('blue')}
        />
        <TrendChart
          {...shared}
          title="Mean time per call"
          quantity="seconds"
          points={mean}
          colour={theme.visualization.getColorByName('purple')}
        />
      </div>
      {marks.length > 0 && (
        <ul className={styles.marks}>
          {marks.map((mark) => (
            <li key={`${mark.at} ${mark.title}`}>
              <Icon name={mark.kind === 'plan' ? 'sitemap' : 'process'} size="sm" /> {clock(mark.at)} {mark.title}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** No calls: the rate is 0 and a mean is not known; only a time without history is a gap for both. */
const pointsOf = ({ points }: QueryDetail['trend'], key: Key) =>
  points.map((point) => ({ at: Date.parse(point.at), value: point[key] }));

const getStyles = (theme: GrafanaTheme2) => ({
  pair: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(2, minmax(0, 1fr))',
    gap: theme.spacing(3),
    [theme.breakpoints.down('md')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  }),
  marks: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(0.5, 2),
    listStyle: 'none',
    margin: theme.spacing(1, 0, 0),
    padding: 0,
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
