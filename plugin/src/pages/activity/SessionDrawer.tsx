import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { Session } from '@pgvigil/exporter/contract';
import React from 'react';
import { AppLink } from '../../components/link/AppLink';
import { Empty } from '../../components/states/Empty';
import { SideDrawer } from '../../components/drawer/SideDrawer';
import { SessionFacts } from '../../components/action/SessionFacts';
import { StatementBlock } from '../../components/sql/StatementBlock';
import { useLink } from '../../lib/scope';
import { SessionButtons } from './SessionActions';
import { holdsOf } from './holds';

export interface SessionDrawerProps {
  pid: string;
  /** Undefined: not in the snapshot. */
  session: Session | undefined;
  onClose: () => void;
}

/** One session whole: what it does, what it holds, its statement, and what can be done. */
export function SessionDrawer({ pid, session, onClose }: SessionDrawerProps) {
  const styles = useStyles2(getStyles);
  const link = useLink();
  return (
    <SideDrawer title={`Session ${pid}`} subtitle={session?.backendType} size="md" onClose={onClose}>
      {session ? (
        <>
          <SessionFacts session={session} statement={false} />
          {session.leaderPid !== null && (
            <p>It works for session {session.leaderPid}, and ends with the statement of that one.</p>
          )}
          {holdsOf(session).length > 0 && <p>It holds {holdsOf(session).join(' and ')}.</p>}
          {session.blockedBy.length > 0 && <p>It waits for session {session.blockedBy.join(', ')}.</p>}
          {session.query !== null && session.query !== '' && <StatementBlock text={session.query} lines={30} />}
          {session.queryId !== null && (
            <p>
              <AppLink
                className={styles.link}
                href={link(`queries/${session.queryId}`, {
                  database: session.database ?? undefined,
                  user: session.user ?? undefined,
                })}
              >
                What this statement costs in the window
              </AppLink>
            </p>
          )}
          <div className={styles.buttons}>
            <SessionButtons session={session} />
          </div>
        </>
      ) : (
        <Empty title="This session has ended">Its pid may be another’s later; pids are given again.</Empty>
      )}
    </SideDrawer>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  link: css({ color: theme.colors.text.link, textDecoration: 'underline' }),
  buttons: css({ display: 'flex', gap: theme.spacing(1) }),
});
