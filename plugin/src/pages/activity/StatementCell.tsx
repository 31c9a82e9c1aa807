import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React from 'react';
import { StatementLine } from '../../components/sql/StatementLine';

/** A statement on one line; says so where there is none to see. */
export function StatementCell({ query }: { query: string | null }) {
  const styles = useStyles2(getStyles);
  return query === null || query === '' ? (
    <span className={styles.none}>{query === null ? 'statement not visible' : 'no statement yet'}</span>
  ) : (
    <StatementLine text={query} tables={NONE} />
  );
}

const NONE: readonly string[] = [];
const getStyles = (theme: GrafanaTheme2) => ({ none: css({ color: theme.colors.text.secondary }) });
