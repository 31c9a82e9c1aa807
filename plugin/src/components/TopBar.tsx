import { css } from '@emotion/css';
import { dateTime, getTimeZone, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { Combobox, RefreshPicker, TimeRangePicker, useStyles2 } from '@grafana/ui';
import type { Target } from '@pgvigil/exporter/contract';
import React, { useId } from 'react';
import type { Scope } from '../lib/scope';
import { writeWindow } from '../lib/url_state';

interface Props {
  scope: Scope;
  targets: readonly Target[] | undefined;
  interval: string;
  refresh: () => void;
}

const INTERVALS = ['10s', '30s', '1m', '5m'];

/** Changes the address and nothing else: pages follow it. */
const go = (changes: Record<string, string | null>) => locationService.partial(changes);

/** What is looked at: target, database, window; and looking again. */
export function TopBar({ scope, targets, interval, refresh }: Props) {
  const styles = useStyles2(getStyles);
  const ids = useId();
  const { target, database, range, info } = scope;
  const move = (range: TimeRange) => go(writeWindow(range.raw));
  // A target or database of a link that is not there (any more) stays visible: the page says what is wrong with it.
  const names = withOwn(targets?.map(({ name }) => name) ?? [], target);
  const databases = withOwn(info?.databases ?? [], database ?? info?.database);
  return (
    <div className={styles.bar}>
      <span id={`${ids}-target`} className={styles.hidden}>
        Target
      </span>
      <Combobox
        aria-labelledby={`${ids}-target`}
        prefixIcon="rss"
        width="auto"
        minWidth={16}
        placeholder="Target"
        options={names.map((value) => ({ value }))}
        value={target ?? null}
        // Databases of one target are not those of another.
        onChange={({ value }) => go({ target: value, database: null })}
      />
      <span id={`${ids}-database`} className={styles.hidden}>
        Database
      </span>
      <Combobox
        aria-labelledby={`${ids}-database`}
        prefixIcon="database"
        width="auto"
        minWidth={16}
        placeholder="Database"
        options={databases.map((value) => ({ value }))}
        value={database ?? info?.database ?? null}
        onChange={({ value }) => go({ database: value })}
      />
      <TimeRangePicker
        value={range}
        timeZone={getTimeZone()}
        onChange={move}
        onChangeTimeZone={() => undefined}
        onMoveBackward={() => move(shifted(range, -1))}
        onMoveForward={() => move(shifted(range, 1))}
        onZoom={() => move(zoomedOut(range))}
        isOnCanvas
      />
      <RefreshPicker
        onRefresh={refresh}
        onIntervalChanged={(value) => go({ refresh: value || null })}
        value={interval}
        intervals={INTERVALS}
        tooltip="Refresh"
        isOnCanvas
      />
    </div>
  );
}

const withOwn = (names: readonly string[], own: string | undefined) =>
  own === undefined || names.includes(own) ? names : [own, ...names];

const absolute = (from: number, to: number): TimeRange => {
  const range = { from: dateTime(from), to: dateTime(to) };
  return { ...range, raw: range };
};

/** The window of the same length before or after; half of it, as in Grafana's dashboards. */
function shifted({ from, to }: TimeRange, direction: 1 | -1): TimeRange {
  const step = (direction * (to.valueOf() - from.valueOf())) / 2;
  return absolute(from.valueOf() + step, to.valueOf() + step);
}

/** Twice as long around the same middle, not into the future. */
function zoomedOut({ from, to }: TimeRange): TimeRange {
  const half = (to.valueOf() - from.valueOf()) / 2;
  const end = Math.min(to.valueOf() + half, Date.now());
  return absolute(end - 4 * half, end);
}

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1),
    marginBottom: theme.spacing(2),
  }),
  hidden: css({ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' }),
});
