import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React, { type ReactNode } from 'react';

/** The drawer's buttons; they stay in sight however long the statements are. */
export function Foot({ note, children }: { note?: string; children: ReactNode }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.foot}>
      {note && <p className={styles.note}>{note}</p>}
      <div className={styles.buttons}>{children}</div>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  foot: css({
    position: 'sticky',
    bottom: 0,
    background: theme.colors.background.primary,
    borderTop: `1px solid ${theme.colors.border.weak}`,
    padding: theme.spacing(1.5, 0),
  }),
  note: css({ margin: theme.spacing(0, 0, 1), overflowWrap: 'anywhere' }),
  buttons: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), justifyContent: 'flex-end' }),
});
