import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import { formatExact, plural } from '../../lib/format';

export interface PagerProps {
  /** One of the things listed: "statement". */
  noun: string;
  nouns?: string;
  page: number;
  pageSize: number;
  total: number;
  onPage: (page: number) => void;
}

/** "51–100 of 4,950 statements", back and forth. */
export function Pager({ noun, nouns, page, pageSize, total, onPage }: PagerProps) {
  const styles = useStyles2(getStyles);
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const first = Math.min((page - 1) * pageSize + 1, total);
  const last = Math.min(page * pageSize, total);
  return (
    <nav className={styles.pager} aria-label={`Pages of ${nouns ?? `${noun}s`}`}>
      <span>
        {total > pageSize
          ? `${formatExact(first)}–${formatExact(last)} of ${plural(total, noun, nouns)}`
          : plural(total, noun, nouns)}
      </span>
      {pages > 1 && (
        <>
          <Button
            size="sm"
            variant="secondary"
            fill="outline"
            icon="angle-left"
            disabled={page <= 1}
            onClick={() => onPage(page - 1)}
          >
            Previous
          </Button>
          <Button
            size="sm"
            variant="secondary"
            fill="outline"
            disabled={page >= pages}
            onClick={() => onPage(page + 1)}
          >
            Next
          </Button>
        </>
      )}
    </nav>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  pager: css({
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'flex-end',
    gap: theme.spacing(1),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    fontVariantNumeric: 'tabular-nums',
  }),
});
