import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, useStyles2 } from '@grafana/ui';

/** What the API said, or what happened to the call. */
export interface Failure {
  code?: string;
  message: string;
  hint?: string;
}

export interface ErrorStateProps {
  /** The part of the page that is missing: "Statements". The rest stays. */
  part: string;
  error: Failure;
  onRetry?: () => void;
}

/** Not broken, but not set up: said calmly. */
const NOT_SET_UP = new Set(['state_missing', 'actions_off', 'forbidden']);
const PASSES_BY_ITSELF = new Set(['shutting_down', 'too_many_requests', 'deadline']);

export function ErrorState({ part, error, onRetry }: ErrorStateProps) {
  const styles = useStyles2(getStyles);
  const calm = error.code !== undefined && NOT_SET_UP.has(error.code);
  const passing = error.code !== undefined && PASSES_BY_ITSELF.has(error.code);
  return (
    <Alert severity={calm ? 'info' : passing ? 'warning' : 'error'} title={`${part}: ${firstLetterLow(error.message)}`}>
      {error.hint && <p className={styles.hint}>{error.hint}</p>}
      {onRetry && (
        <Button className={styles.retry} size="sm" variant="secondary" icon="sync" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

/** After a colon; names and abbreviations ("API", "PostgreSQL") keep their capitals. */
const firstLetterLow = (text: string) =>
  /^[A-Z][a-z]+\b(?![A-Z])/.test(text) && !/^PostgreSQL|^PgBouncer|^Grafana/.test(text)
    ? text[0].toLowerCase() + text.slice(1)
    : text;

const getStyles = (theme: GrafanaTheme2) => ({
  hint: css({ margin: 0, overflowWrap: 'anywhere' }),
  retry: css({ marginTop: theme.spacing(1) }),
});
