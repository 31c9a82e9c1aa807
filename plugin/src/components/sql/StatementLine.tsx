import React, { memo, useMemo } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { oneLine, tableTokens, withoutColumns } from '../../lib/sql_tokens';

export interface StatementLineProps {
  text: string;
  /** As the API names them; bold. */
  tables: readonly string[];
}

/** More is never seen in one line; a generated statement may have a megabyte. */
const LONGEST = 2000;

/** A statement on one line, without a query's list of columns, cut at the end; whole on hover. */
export const StatementLine = memo(function StatementLine({ text, tables }: StatementLineProps) {
  const styles = useStyles2(getStyles);
  const pieces = useMemo(() => {
    const tokens = withoutColumns(oneLine(text.slice(0, LONGEST)));
    const bold = tableTokens(tokens, tables);
    return tokens.map((token, at) =>
      bold.has(at) ? (
        <strong key={at} className={styles.table}>
          {token.text}
        </strong>
      ) : (
        token.text
      ),
    );
  }, [text, tables, styles.table]);
  return (
    <code className={styles.line} title={text.slice(0, 2000)}>
      {pieces}
    </code>
  );
});

const getStyles = (theme: GrafanaTheme2) => ({
  line: css({
    display: 'block',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    padding: 0,
    border: 0,
    background: 'none',
    color: theme.colors.text.primary,
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  // What Grafana calls bold is 500, which most monospaced fonts show as regular.
  table: css({ fontWeight: 700 }),
});
