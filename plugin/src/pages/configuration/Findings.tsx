import { css } from '@emotion/css';
import type { GrafanaTheme2, IconName } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import React from 'react';
import type { Finding } from './connection_test';

const WORDS: Record<Finding['state'], { icon: IconName; word: string }> = {
  ok: { icon: 'check-circle', word: 'Works' },
  warn: { icon: 'exclamation-triangle', word: 'Missing' },
  fail: { icon: 'times-circle', word: 'Fails' },
};

export function Findings({ findings }: { findings: readonly Finding[] }) {
  const styles = useStyles2(getStyles);
  return (
    <ul className={styles.list} aria-label="Result of the test">
      {findings.map(({ title, state, message, cure }) => (
        <li key={title} className={styles.item}>
          <span className={styles[state]}>
            <Icon name={WORDS[state].icon} /> {WORDS[state].word}
          </span>
          <strong>{title}</strong>
          <span>
            {message}
            {cure && <span className={styles.cure}> {cure}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', maxWidth: 900, borderTop: `1px solid ${theme.colors.border.weak}` }),
  item: css({
    display: 'grid',
    gridTemplateColumns: '90px 180px 1fr',
    gap: theme.spacing(1),
    padding: theme.spacing(1, 0),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    overflowWrap: 'anywhere',
  }),
  cure: css({ color: theme.colors.text.secondary }),
  ok: css({ color: theme.colors.success.text }),
  warn: css({ color: theme.colors.warning.text }),
  fail: css({ color: theme.colors.error.text }),
});
