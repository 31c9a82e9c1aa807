import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';

export interface ShareBarProps {
  /** Length of the bar, 0…1 of its place. */
  ratio: number;
  /** What stands beside it. */
  text: string;
  colour?: string;
}

/** A number with a bar beside it, so that a column is read at a glance. */
export function ShareBar({ ratio, text, colour }: ShareBarProps) {
  const styles = useStyles2(getStyles);
  const width = `${Math.min(1, Math.max(0, ratio)) * 100}%`;
  return (
    <span className={styles.wrap}>
      <span className={styles.track} aria-hidden="true">
        <span className={styles.bar} style={{ width, background: colour }} />
      </span>
      <span className={styles.text}>{text}</span>
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  wrap: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1) }),
  track: css({ flex: 1, minWidth: 24, height: 8, background: theme.colors.background.secondary, borderRadius: 2 }),
  bar: css({ display: 'block', height: '100%', minWidth: 1, borderRadius: 2, background: theme.colors.primary.main }),
  text: css({ minWidth: '4.5ch', textAlign: 'right', whiteSpace: 'nowrap' }),
});
