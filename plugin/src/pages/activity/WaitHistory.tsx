import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { Icon, useStyles2, useTheme2 } from '@grafana/ui';
import type { Waits } from '@pgvigil/exporter/contract';
import React, { useMemo } from 'react';
import { StackChart } from '../../components/charts/StackChart';
import { gapsOf } from '../../components/charts/trend';
import { ErrorState } from '../../components/states/ErrorState';
import { Skeleton } from '../../components/states/Skeleton';
import { formatNumber } from '../../lib/format';
import { useScope } from '../../lib/scope';
import { waitColour } from '../../lib/waits';
import { useWaits } from './useWaits';

const HEIGHT = 112;

/** What active sessions waited for through the window; or why that is not known, with the cure. */
export function WaitHistory({ live }: { live: boolean }) {
  const styles = useStyles2(getStyles);
  const { data, error, stale, refresh } = useWaits(live);
  if (error && !data) {
    return error.code === 'state_missing' ? (
      <Unknown why={`${error.message}. ${error.hint}`} />
    ) : (
      <ErrorState part="History of waits" error={error} onRetry={refresh} />
    );
  }
  if (!data) return <Skeleton height={HEIGHT + 48} />;
  if (data.points.length === 0) return <Unknown why={whyNone(data)} />;
  return (
    <div className={stale ? styles.stale : undefined} aria-busy={stale}>
      <Chart waits={data} />
    </div>
  );
}

function Chart({ waits }: { waits: Waits }) {
  const theme = useTheme2();
  const { range, database } = useScope();
  const [from, to] = [range.from.valueOf(), range.to.valueOf()];
  const points = useMemo(
    () => waits.points.map((point) => ({ at: Date.parse(point.at), values: point.waits })),
    [waits.points],
  );
  const series = useMemo(
    () =>
      waits.totals.map(({ type, sessions }) => ({
        id: type,
        title: type,
        colour: waitColour(type, theme),
        figure: formatNumber(sessions),
      })),
    [waits.totals, theme],
  );
  // A window that moves on ends later than the page's own.
  const end = Math.max(to, Date.parse(waits.window.to));
  const start = from + end - to;
  const gaps = useMemo(
    () =>
      gapsOf(
        points.map(({ at, values }) => ({ at, value: values && 0 })),
        waits.stepSeconds,
        start,
        end,
      ),
    [points, waits.stepSeconds, start, end],
  );
  return (
    <StackChart
      title={database === undefined ? 'Active sessions by wait' : `Active sessions by wait, ${database} only`}
      quantity="count"
      points={points}
      stepSeconds={waits.stepSeconds}
      series={series}
      gaps={gaps}
      none="nobody was active"
      note={series.length === 0 ? 'Nobody was seen active in this window.' : 'on average'}
      from={start}
      to={end}
      height={HEIGHT}
      sync="activity"
      onSelect={(a, b) => locationService.partial({ from: String(a), to: String(b) })}
    />
  );
}

function whyNone({ sampleSeconds, window }: Waits): string {
  return sampleSeconds === 0
    ? 'sessions are not sampled. Set --history.sample-interval to more than 0.'
    : `${window.notes.join(' ')}.`;
}

/** One line: the sessions of now are what the page is for. */
function Unknown({ why }: { why: string }) {
  const styles = useStyles2(getStyles);
  return (
    <p className={styles.unknown}>
      <Icon name="info-circle" size="sm" /> No history of waits: {why}
    </p>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  stale: css({ opacity: 0.6 }),
  unknown: css({
    margin: 0,
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    overflowWrap: 'anywhere',
  }),
});
