import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { ClipboardButton, useStyles2 } from '@grafana/ui';
import React from 'react';
import { Section } from './Section';

/** Exactly what runs, in order. Wraps: a statement that must be scrolled sideways is not read to its end. */
export function Statements({ statements, title }: { statements: readonly string[]; title: string }) {
  const styles = useStyles2(getStyles);
  const text = statements.map((statement) => `${statement.replace(/;\s*$/, '')};`).join('\n');
  const copy = (
    <ClipboardButton size="sm" variant="secondary" fill="text" icon="copy" getText={() => text}>
      Copy SQL
    </ClipboardButton>
  );
  return (
    <Section title={title} aside={copy}>
      <pre className={styles.sql} aria-label="SQL">
        {text}
      </pre>
    </Section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  sql: css({
    ...theme.typography.code,
    fontSize: theme.typography.bodySmall.fontSize,
    margin: 0,
    padding: theme.spacing(1),
    border: 'none',
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.secondary,
    color: theme.colors.text.primary,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  }),
});
