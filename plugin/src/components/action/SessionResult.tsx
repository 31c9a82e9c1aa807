import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { SessionActionResult } from '@pgvigil/exporter/contract';
import React from 'react';

/** What became of it: done, or there was nothing left to do. */
export function SessionResult({ result }: { result: SessionActionResult }) {
  const styles = useStyles2(getStyles);
  return (
    <div role="status" className={styles.result}>
      <p className={styles.line}>
        <Icon
          name={result.done ? 'check' : 'info-circle'}
          className={result.done ? styles.ok : undefined}
          title={result.done ? 'done' : 'not done'}
        />{' '}
        {result.message}
      </p>
      <p className={styles.secondary}>
        {result.audited
          ? 'It is in the audit.'
          : 'The state database is away: the audit row waits on the disk of the exporter and follows.'}
      </p>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  result: css({ borderTop: `1px solid ${theme.colors.border.weak}`, paddingTop: theme.spacing(1) }),
  line: css({ margin: 0, fontWeight: theme.typography.fontWeightMedium }),
  secondary: css({ margin: theme.spacing(0.5, 0, 0), color: theme.colors.text.secondary }),
  ok: css({ color: theme.colors.success.text }),
});
