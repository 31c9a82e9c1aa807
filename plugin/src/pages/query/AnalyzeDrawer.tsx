import React, { type FormEvent, useEffect, useRef, useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, useStyles2 } from '@grafana/ui';
import type { Explained } from '@pgvigil/exporter/contract';
import { call } from '../../api/client';
import { toFailure } from '../../api/failure';
import { useCall } from '../../api/useCall';
import { SideDrawer } from '../../components/drawer/SideDrawer';
import { ErrorState, type Failure, Skeleton } from '../../components/states';
import { ParameterField } from './ParameterField';
import { valueOf, type Entry } from './parameters';
import type { StatementRef } from './state';

export interface AnalyzeDrawerProps {
  statement: StatementRef;
  onClose: () => void;
  onDone: (plan: Explained) => void;
}

/** Asks for the statement's parameters by their types, then runs it once with them. */
export function AnalyzeDrawer({ statement, onClose, onDone }: AnalyzeDrawerProps) {
  const styles = useStyles2(getStyles);
  const { queryId, ...query } = statement;
  const { data, error, refresh } = useCall('GET /api/v1/queries/:queryId/parameters', { params: { queryId }, query });
  const [entries, setEntries] = useState<Record<number, Entry>>({});
  const [running, setRunning] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const abort = useRef<AbortController>(undefined);
  // Closed while it runs: its answer is no longer wanted.
  useEffect(() => () => abort.current?.abort(), []);

  const run = async (event: FormEvent) => {
    event.preventDefault();
    if (!data) {
      return;
    }
    setRunning(true);
    setFailure(undefined);
    const control = new AbortController();
    abort.current = control;
    try {
      const parameters = data.parameters.map(({ number, type }) => valueOf(type, entries[number]));
      const body = { ...query, parameters };
      const plan = await call('POST /api/v1/queries/:queryId/analyze', { params: { queryId }, body }, control.signal);
      onDone(plan);
    } catch (reason) {
      if (!control.signal.aborted) {
        setFailure(toFailure(reason));
        setRunning(false);
      }
    }
  };

  return (
    <SideDrawer title="Run with parameters" subtitle="EXPLAIN (ANALYZE, BUFFERS)" size="sm" onClose={onClose}>
      <form className={styles.form} onSubmit={run}>
        <Alert severity="info" title="The statement runs once, for real">
          In a read-only transaction that is rolled back, with a timeout. Statements that write or call volatile
          functions are refused. It reads what it reads: on a large table that is load.
        </Alert>
        {error && <ErrorState part="Parameters" error={error} onRetry={refresh} />}
        {!data && !error && <Skeleton height={64} />}
        {data?.parameters.length === 0 && <p>It has no parameters.</p>}
        {data?.parameters.map(({ number, type }) => (
          <ParameterField
            key={number}
            number={number}
            type={type}
            entry={entries[number]}
            onChange={(entry) => setEntries((all) => ({ ...all, [number]: entry }))}
          />
        ))}
        {failure && <ErrorState part="Run" error={failure} />}
        <div className={styles.buttons}>
          <Button type="submit" disabled={!data || running} icon={running ? 'sync' : undefined}>
            {running ? 'Running…' : 'Run the statement'}
          </Button>
          <Button variant="secondary" fill="outline" onClick={onClose}>
            Close
          </Button>
        </div>
      </form>
    </SideDrawer>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  form: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  buttons: css({ display: 'flex', gap: theme.spacing(1), marginTop: theme.spacing(1) }),
});
