import React from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import { splitWait, waitColour, waitTitle } from '../../lib/waits';

export interface WaitProps {
  /** `CPU`, or `type:event`. */
  wait: string;
  /** The event alone is seen; its class is its colour, and said on hover. */
  short?: boolean;
}

/** A wait with the colour of its class; `CPU` is none. */
export function Wait({ wait, short }: WaitProps) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const { type, event } = splitWait(wait);
  const title = waitTitle(type, event);
  return (
    <span className={cx(styles.wait, short && styles.short)} title={title}>
      <span className={styles.dot} style={{ background: waitColour(type, theme) }} aria-hidden="true" />
      <span className={styles.text}>
        {short && event !== '' ? (
          <>
            <span className="sr-only">{type} </span>
            {event}
          </>
        ) : (
          title
        )}
      </span>
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  wait: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(0.75), minWidth: 0 }),
  short: css({ maxWidth: 108 }),
  dot: css({ flex: 'none', width: 8, height: 8, borderRadius: 2 }),
  text: css({ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }),
});
