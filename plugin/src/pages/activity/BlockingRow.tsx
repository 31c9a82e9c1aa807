import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { Session } from '@pgvigil/exporter/contract';
import React from 'react';
import { formatDuration } from '../../lib/time';
import { holdsOf } from './holds';
import { SessionButtons } from './SessionActions';
import { SessionName } from './SessionName';
import { StatementCell } from './StatementCell';

export interface BlockingRowProps {
  pid: number;
  /** Undefined: it ended between two looks, or is a prepared transaction. */
  session: Session | undefined;
  /** "blocks 3 sessions"; empty at the end of a chain. */
  blocks: string;
  root: boolean;
  onOpen: (pid: number) => void;
}

/** State and how long: what decides whether to wait or to act. */
export function doing({
  background,
  state,
  stateSeconds,
  transactionSeconds,
  waitingSeconds,
  waitEvent,
}: Session): string {
  if (waitingSeconds !== null) {
    return `waits ${formatDuration(waitingSeconds)}${waitEvent === null ? '' : ` for ${waitEvent} lock`}`;
  }
  const parts = [
    `${background ? 'background' : (state ?? 'state not visible')}${stateSeconds === null ? '' : ` for ${formatDuration(stateSeconds)}`}`,
    transactionSeconds === null ? '' : `transaction ${formatDuration(transactionSeconds)} old`,
  ];
  return parts.filter(Boolean).join(', ');
}

export function BlockingRow({ pid, session, blocks, root, onOpen }: BlockingRowProps) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.row}>
      <Icon
        name={root ? 'lock' : 'clock-nine'}
        size="sm"
        className={root ? styles.crit : styles.warn}
        title={root ? 'root blocker' : 'waits'}
      />
      <div className={styles.text}>
        <div className={styles.head}>
          <SessionName pid={pid} session={session} onOpen={onOpen} />
          {session && <span>{[doing(session), ...(root ? holdsOf(session) : [])].join(', ')}</span>}
          {blocks !== '' && <strong>{blocks}</strong>}
        </div>
        {session ? (
          <StatementCell query={session.query} />
        ) : (
          <span className={styles.secondary}>
            {pid === 0 ? 'It ends with COMMIT PREPARED or ROLLBACK PREPARED only.' : 'It has ended meanwhile.'}
          </span>
        )}
      </div>
      {session && (
        <div className={styles.buttons}>
          <SessionButtons session={session} brief={!root} />
        </div>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({
    display: 'grid',
    gridTemplateColumns: `${theme.spacing(3)} minmax(0, 1fr) auto`,
    alignItems: 'center',
    padding: theme.spacing(0.5, 1),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
  }),
  text: css({ minWidth: 0 }),
  head: css({ display: 'flex', flexWrap: 'wrap', columnGap: theme.spacing(1.5), fontVariantNumeric: 'tabular-nums' }),
  buttons: css({ display: 'flex', gap: theme.spacing(1), marginLeft: theme.spacing(2) }),
  secondary: css({ color: theme.colors.text.secondary }),
  crit: css({ color: theme.colors.error.text }),
  warn: css({ color: theme.colors.warning.text }),
});
