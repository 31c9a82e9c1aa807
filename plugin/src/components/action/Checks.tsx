import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { ActionPlan } from '@pgvigil/exporter/contract';
import React from 'react';

type Check = ActionPlan['preconditions'][number];

const LOOKS = {
  ok: { icon: 'check', word: 'met' },
  warn: { icon: 'exclamation-triangle', word: 'warning' },
  missing: { icon: 'times', word: 'missing' },
} as const;

/** Preconditions before, proofs after: a tick or what is missing, and its cure. What is missing comes first. */
export function Checks({ checks }: { checks: readonly Check[] }) {
  const styles = useStyles2(getStyles);
  const order = ['missing', 'warn', 'ok'];
  const sorted = [...checks].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return (
    <ul className={styles.list}>
      {sorted.map((check) => (
        <li key={check.title} className={styles.item}>
          <Icon name={LOOKS[check.state].icon} className={styles[check.state]} title={LOOKS[check.state].word} />
          <div>
            <span>{check.title}</span>
            {check.message !== '' && <span className={styles.message}> {check.message}</span>}
            {check.state !== 'ok' && check.cure !== '' && <div className={styles.cure}>{check.cure}</div>}
          </div>
        </li>
      ))}
    </ul>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
  item: css({
    display: 'grid',
    gridTemplateColumns: `${theme.spacing(3)} 1fr`,
    padding: theme.spacing(0.25, 0),
    overflowWrap: 'anywhere',
  }),
  message: css({ color: theme.colors.text.secondary }),
  cure: css({ color: theme.colors.text.primary, fontWeight: theme.typography.fontWeightMedium }),
  ok: css({ color: theme.colors.success.text }),
  warn: css({ color: theme.colors.warning.text }),
  missing: css({ color: theme.colors.error.text }),
});
