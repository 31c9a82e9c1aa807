import { css } from '@emotion/css';
import type { GrafanaTheme2, IconName } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { Finding } from '@pgvigil/exporter/contract';
import React from 'react';

const LOOKS: Record<Finding['state'], { icon: IconName; word: string }> = {
  crit: { icon: 'exclamation-circle', word: 'critical' },
  warn: { icon: 'exclamation-triangle', word: 'warning' },
  info: { icon: 'info-circle', word: 'advice' },
};

export function FindingState({ state }: Pick<Finding, 'state'>) {
  const styles = useStyles2(getStyles);
  return (
    <span className={styles.state}>
      <Icon name={LOOKS[state].icon} className={styles[state]} size="sm" /> {LOOKS[state].word}
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  state: css({ whiteSpace: 'nowrap' }),
  crit: css({ color: theme.colors.error.text }),
  warn: css({ color: theme.colors.warning.text }),
  info: css({ color: theme.colors.info.text }),
});
