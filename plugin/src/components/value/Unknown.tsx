import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Tooltip, useStyles2 } from '@grafana/ui';

/** A figure that could not be known, with why on hover and for screen readers. */
export function Unknown({ reason }: { reason: string }) {
  const styles = useStyles2(getStyles);
  return (
    <Tooltip content={reason}>
      <span className={styles.unknown}>
        unknown<span className="sr-only">: {reason}</span>
      </span>
    </Tooltip>
  );
}

/** What does not apply here: a dash, and nothing else is ever a dash. */
export function NotApplicable() {
  const styles = useStyles2(getStyles);
  return <span className={styles.none}>–</span>;
}

const getStyles = (theme: GrafanaTheme2) => ({
  unknown: css({
    color: theme.colors.text.secondary,
    borderBottom: `1px dotted ${theme.colors.text.secondary}`,
    cursor: 'help',
  }),
  none: css({ color: theme.colors.text.secondary }),
});
