import React, { type ReactNode } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';

export interface EmptyProps {
  /** What would be here: "No statements in this window". */
  title: string;
  /** How to get it. */
  children?: ReactNode;
  /** A button or link that does it. */
  action?: ReactNode;
}

/** Nothing to show, and that is no fault. */
export function Empty({ title, children, action }: EmptyProps) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.empty} role="status">
      <p className={styles.title}>{title}</p>
      {children && <div className={styles.text}>{children}</div>}
      {action && <div className={styles.action}>{action}</div>}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  empty: css({ padding: theme.spacing(4, 2), textAlign: 'center' }),
  title: css({ ...theme.typography.h5, margin: 0 }),
  text: css({ color: theme.colors.text.secondary, maxWidth: 640, margin: `${theme.spacing(1)} auto 0` }),
  action: css({ marginTop: theme.spacing(2) }),
});
