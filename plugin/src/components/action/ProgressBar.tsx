import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React from 'react';

/** `ratio` null: it runs, nobody can say how far it is. */
export function ProgressBar({ ratio, label }: { ratio: number | null; label: string }) {
  const styles = useStyles2(getStyles);
  const percent = ratio === null ? null : Math.round(Math.min(1, Math.max(0, ratio)) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === null ? {} : { 'aria-valuenow': percent })}
      className={styles.track}
    >
      <div
        className={percent === null ? styles.unknown : styles.bar}
        style={percent === null ? undefined : { width: `${percent}%` }}
      />
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  track: css({
    height: theme.spacing(1),
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.secondary,
    overflow: 'hidden',
  }),
  bar: css({ height: '100%', background: theme.colors.primary.main }),
  unknown: css({
    height: '100%',
    background: `repeating-linear-gradient(45deg, ${theme.colors.primary.main} 0 8px, ${theme.colors.primary.transparent} 8px 16px)`,
  }),
});
