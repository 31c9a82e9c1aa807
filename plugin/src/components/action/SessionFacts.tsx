import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { Session } from '@pgvigil/exporter/contract';
import React from 'react';
import { formatDuration } from '../../lib/time';

const lasting = (seconds: number | null) => (seconds === null ? '' : ` for ${formatDuration(seconds)}`);

/** Enough to be sure that it is the right one; `statement` false where it is shown apart. */
export function SessionFacts({ session, statement = true }: { session: Session; statement?: boolean }) {
  const styles = useStyles2(getStyles);
  return (
    <dl className={styles.facts}>
      <dt>User</dt>
      <dd>
        {session.user ?? (session.background ? 'none' : 'unknown')}
        {session.database !== null && ` in ${session.database}`}
      </dd>
      <dt>Application</dt>
      <dd>
        {session.application || 'not named'}
        {session.client !== null && `, ${session.client}`}
      </dd>
      <dt>State</dt>
      <dd>
        {session.state ?? session.backendType}
        {lasting(session.stateSeconds)}
      </dd>
      <dt>Transaction</dt>
      <dd>{session.transactionSeconds === null ? 'none open' : `open${lasting(session.transactionSeconds)}`}</dd>
      {statement && (
        <>
          <dt>Statement</dt>
          <dd>{session.query === null ? 'not visible' : <pre className={styles.sql}>{session.query}</pre>}</dd>
        </>
      )}
    </dl>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  facts: css({
    display: 'grid',
    gridTemplateColumns: `${theme.spacing(11)} 1fr`,
    rowGap: theme.spacing(0.5),
    margin: theme.spacing(0, 0, 1),
    overflowWrap: 'anywhere',
    dt: { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular },
    dd: { margin: 0 },
  }),
  sql: css({
    ...theme.typography.code,
    margin: 0,
    padding: 0,
    border: 'none',
    background: 'none',
    color: 'inherit',
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
    maxHeight: theme.spacing(24),
    overflowY: 'auto',
  }),
});
