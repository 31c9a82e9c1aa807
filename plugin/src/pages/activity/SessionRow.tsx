import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Badge, useStyles2 } from '@grafana/ui';
import type { Session } from '@pgvigil/exporter/contract';
import React, { memo, type MouseEvent } from 'react';
import { getTableStyles } from '../../components/table/styles';
import { ROW_OPENER } from '../../components/table/useRowKeys';
import { NotApplicable } from '../../components/value/Unknown';
import { formatDuration } from '../../lib/time';
import { waitTitle } from '../../lib/waits';
import { namesOf } from './groups';
import { holdsOf } from './holds';
import { SessionButtons } from './SessionActions';
import { StatementCell } from './StatementCell';

const lasts = (seconds: number | null) => (seconds === null ? <NotApplicable /> : formatDuration(seconds));

interface SessionRowProps {
  session: Session;
  onOpen: (pid: number) => void;
}

export const SessionRow = memo(function SessionRow({ session, onOpen }: SessionRowProps) {
  const table = useStyles2(getTableStyles);
  const styles = useStyles2(getStyles);
  const { pid, own, waitType, waitEvent, blockedBy } = session;
  const [name, more] = namesOf(session);
  const holds = holdsOf(session);
  const open = (event: MouseEvent<HTMLElement>) => {
    // Marking text to copy it is no click on the row.
    const inner = (event.target as HTMLElement).closest('a, button');
    if (!inner && String(window.getSelection()) === '') onOpen(pid);
  };
  return (
    <tr className={cx(table.row, table.link)} onClick={open}>
      <td className={table.cell}>
        <button
          type="button"
          className={table.open}
          aria-label={`Session ${pid}`}
          onClick={() => onOpen(pid)}
          {...{ [ROW_OPENER]: '' }}
        >
          {pid}
        </button>
      </td>
      <td className={cx(table.cell, styles.who)}>
        <div className={styles.cut} title={name}>
          {name} {own && <Badge text="pgvigil" color="blue" tooltip="This exporter's own session" />}
        </div>
        {more !== '' && (
          <div className={cx(styles.cut, styles.secondary)} title={more}>
            {more}
          </div>
        )}
      </td>
      <td className={cx(table.cell, table.number, styles.short)}>{lasts(session.stateSeconds)}</td>
      <td className={cx(table.cell, table.number, styles.short)}>{lasts(session.transactionSeconds)}</td>
      <td className={cx(table.cell, styles.waits)}>
        {waitType === null ? <NotApplicable /> : waitTitle(waitType, waitEvent ?? '')}
        {blockedBy.length > 0 && <div className={cx(styles.cut, styles.secondary)}>held by {blockedBy.join(', ')}</div>}
      </td>
      <td className={cx(table.cell, styles.short)}>
        {holds.length === 0 ? <NotApplicable /> : holds.map((part) => <div key={part}>{part}</div>)}
      </td>
      <td className={cx(table.cell, styles.statement)}>
        {session.background && session.query === null ? <NotApplicable /> : <StatementCell query={session.query} />}
      </td>
      <td className={cx(table.cell, table.actions)}>
        <SessionButtons session={session} brief />
      </td>
    </tr>
  );
});

const getStyles = (theme: GrafanaTheme2) => ({
  who: css({ minWidth: theme.spacing(18), maxWidth: theme.spacing(24) }),
  cut: css({ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }),
  short: css({ whiteSpace: 'nowrap' }),
  waits: css({ minWidth: theme.spacing(17), maxWidth: theme.spacing(20), overflowWrap: 'anywhere' }),
  // The only column that gives way: it takes what the others leave.
  statement: css({ width: '99%', maxWidth: 0 }),
  secondary: css({ color: theme.colors.text.secondary }),
});
