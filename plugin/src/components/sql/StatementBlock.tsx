import React, { type ReactNode, useMemo, useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, ClipboardButton, useStyles2 } from '@grafana/ui';
import { plural } from '../../lib/format';
import { isKeyword, layoutSql } from '../../lib/sql_layout';
import type { Token } from '../../lib/sql_tokens';

export interface StatementBlockProps {
  text: string;
  /** Lines shown before "Show all". */
  lines?: number;
}

/** A line that is longer is cut for display; what is copied is whole. */
const LONGEST_LAYOUT = 100_000;

/** A statement over lines, its clauses under each other, with a button that copies the text itself. */
export function StatementBlock({ text, lines = 8 }: StatementBlockProps) {
  const styles = useStyles2(getStyles);
  const [all, setAll] = useState(false);
  const layout = useMemo(() => layoutSql(text.slice(0, LONGEST_LAYOUT)), [text]);
  // One line more than the limit is shown rather than hidden behind a button.
  const cut = !all && layout.length > lines + 1;
  const shown = cut ? layout.slice(0, lines) : layout;
  return (
    <div className={styles.block}>
      {/* Scrolls sideways where a line is long: reachable by keyboard. */}
      <pre className={styles.pre} tabIndex={0} aria-label="Statement">
        {shown.map((line, at) => (
          <div key={at} className={styles.line} style={{ paddingLeft: `${line.depth * 2}ch` }}>
            {line.tokens.map((token, of) => (
              <Piece key={of} token={token} />
            ))}
          </div>
        ))}
      </pre>
      <div className={styles.buttons}>
        {(cut || all) && (
          <Button size="sm" variant="secondary" fill="text" onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? 'Show less' : `Show all ${plural(layout.length, 'line')}`}
          </Button>
        )}
        <ClipboardButton size="sm" variant="secondary" fill="text" icon="copy" getText={() => text}>
          Copy statement
        </ClipboardButton>
      </div>
    </div>
  );
}

function Piece({ token }: { token: Token }): ReactNode {
  const styles = useStyles2(getStyles);
  if (isKeyword(token)) {
    return <span className={styles.keyword}>{token.text}</span>;
  }
  return token.kind === 'parameter' ? <strong>{token.text}</strong> : <>{token.text}</>;
}

const getStyles = (theme: GrafanaTheme2) => ({
  block: css({ position: 'relative' }),
  pre: css({
    margin: 0,
    padding: theme.spacing(1, 2),
    maxHeight: 480,
    overflow: 'auto',
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.primary,
    color: theme.colors.text.primary,
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    lineHeight: 1.6,
  }),
  line: css({ whiteSpace: 'pre' }),
  keyword: css({ color: theme.colors.text.link }),
  buttons: css({ display: 'flex', justifyContent: 'flex-end', gap: theme.spacing(1), paddingTop: theme.spacing(0.5) }),
});
