import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Checkbox, useStyles2 } from '@grafana/ui';
import React from 'react';
import { SearchBox } from '../../components/table';
import { formatClock as clock } from '../../lib/time';

export interface ToolbarProps {
  search: string;
  hideIdle: boolean;
  /** Of the snapshot shown. */
  at: string | undefined;
  paused: string;
  onSearch: (search: string) => void;
  onHideIdle: (hide: boolean) => void;
  onPause: () => void;
  onResume: () => void;
}

export function Toolbar(props: ToolbarProps) {
  const { search, hideIdle, at, paused, onSearch, onHideIdle, onPause, onResume } = props;
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.bar}>
      <SearchBox label="Search sessions" value={search} onSearch={onSearch} />
      <Checkbox label="Hide idle" value={hideIdle} onChange={(event) => onHideIdle(event.currentTarget.checked)} />
      <span className={styles.time}>
        {at !== undefined &&
          (paused === '' ? `as of ${clock(at)}` : `paused at ${clock(at)} · its link shows what was recorded then`)}
      </span>
      {paused === '' ? (
        <Button size="sm" variant="secondary" icon="pause" onClick={onPause} disabled={at === undefined}>
          Pause
        </Button>
      ) : (
        <Button size="sm" variant="primary" icon="play" onClick={onResume}>
          Resume
        </Button>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(2) }),
  // Gives way before the button does, which is to be found where the other was.
  time: css({
    flex: '1 1 0',
    minWidth: theme.spacing(24),
    textAlign: 'right',
    color: theme.colors.text.secondary,
    fontVariantNumeric: 'tabular-nums',
  }),
});
