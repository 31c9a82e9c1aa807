import React from 'react';
import { css, keyframes } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';

export interface SkeletonProps {
  /** CSS lengths; of what will stand here, so that nothing moves when it comes. */
  width?: number | string;
  height?: number | string;
}

/** The place of something that loads. Silent to screen readers: `aria-busy` of what holds it says it. */
export function Skeleton({ width = '100%', height = '1em' }: SkeletonProps) {
  const styles = useStyles2(getStyles);
  return <span aria-hidden="true" className={styles.bar} style={{ width, height }} />;
}

const pulse = keyframes({ '50%': { opacity: 0.4 } });

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({
    display: 'inline-block',
    verticalAlign: 'middle',
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.secondary,
    [theme.transitions.handleMotion('no-preference')]: { animation: `${pulse} 1.6s ease-in-out infinite` },
  }),
});
