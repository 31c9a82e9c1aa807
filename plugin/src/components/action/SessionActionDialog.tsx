import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Modal, useStyles2 } from '@grafana/ui';
import type { ActionInfo, Session, SessionActionResult } from '@pgvigil/exporter/contract';
import React, { useState } from 'react';
import { call } from '../../api/client';
import { type Failure, toFailure } from '../../api/failure';
import { ErrorState } from '../states/ErrorState';
import { SessionFacts } from './SessionFacts';
import { SessionResult } from './SessionResult';

export interface SessionActionDialogProps {
  /** Of kind `session`: cancel or terminate. */
  info: ActionInfo;
  session: Session;
  target: string;
  database: string | undefined;
  onClose: () => void;
}

interface State {
  busy: boolean;
  error?: Failure;
  result?: SessionActionResult;
}

/** Who is meant, what is lost, and afterwards what became of it. */
export function SessionActionDialog({ info, session, target, database, onClose }: SessionActionDialogProps) {
  const styles = useStyles2(getStyles);
  const [state, setState] = useState<State>({ busy: false });
  const { pid, backendStart } = session;
  const act = () => {
    setState({ busy: true });
    call('POST /api/v1/actions/:action/session', {
      params: { action: info.id },
      body: { target, database, params: { session: { pid, backendStart } } },
    }).then(
      (result) => setState({ busy: false, result }),
      (error: unknown) => setState({ busy: false, error: toFailure(error) }),
    );
  };
  return (
    <Modal isOpen title={`${info.title} (pid ${pid})`} onDismiss={onClose}>
      <p className={styles.words}>{info.description}</p>
      <SessionFacts session={session} />
      {state.error && <ErrorState part={info.title} error={state.error} />}
      {state.result && <SessionResult result={state.result} />}
      <Modal.ButtonRow>
        <Button variant="secondary" fill="outline" onClick={onClose}>
          {state.result ? 'Close' : 'Keep the session'}
        </Button>
        {!state.result && (
          <Button variant="destructive" onClick={act} disabled={state.busy}>
            {info.title} (pid {pid})
          </Button>
        )}
      </Modal.ButtonRow>
    </Modal>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  words: css({ margin: theme.spacing(0, 0, 1) }),
});
