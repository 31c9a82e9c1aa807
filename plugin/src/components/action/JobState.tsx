import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { Job } from '@pgvigil/exporter/contract';
import React from 'react';
import { JOB_LOOKS } from './job_state';

/** Sign and word; the colour only repeats them. */
export function JobState({ state }: { state: Job['state'] }) {
  const styles = useStyles2(getStyles);
  const { icon, word, tone } = JOB_LOOKS[state];
  return (
    <span className={styles.state}>
      <Icon name={icon} className={styles[tone]} size="sm" /> {word}
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  state: css({ whiteSpace: 'nowrap' }),
  ok: css({ color: theme.colors.success.text }),
  warn: css({ color: theme.colors.warning.text }),
  crit: css({ color: theme.colors.error.text }),
  plain: css({ color: theme.colors.text.secondary }),
});
