import React, { useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, ClipboardButton, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import type { Explained } from '@pgvigil/exporter/contract';
import { useCall } from '../../../api/useCall';
import { PlanTree } from '../../../components/plan/PlanTree';
import { ErrorState, NoPermission, Skeleton } from '../../../components/states';
import { Time } from '../../../components/value/Time';
import { format } from '../../../lib/format';
import { useScope } from '../../../lib/scope';
import { AnalyzeDrawer } from '../AnalyzeDrawer';
import type { StatementRef } from '../state';

type Shown = 'generic' | 'analyze';

/** The plan for any parameters, and on an admin's wish the one of a run with given ones. */
export function PlanTab({ statement }: { statement: StatementRef }) {
  const styles = useStyles2(getStyles);
  const { queryId, ...query } = statement;
  const { data, error, refresh } = useCall('GET /api/v1/queries/:queryId/plan', { params: { queryId }, query });
  const { status } = useScope();
  const [run, setRun] = useState<Explained>();
  const [shown, setShown] = useState<Shown>('generic');
  const [asking, setAsking] = useState(false);
  const plan = shown === 'analyze' && run ? run : data;
  return (
    <div className={styles.tab}>
      <div className={styles.tools}>
        {run && (
          <RadioButtonGroup<Shown>
            size="sm"
            aria-label="Which plan"
            options={[
              { value: 'generic', label: 'For any parameters' },
              { value: 'analyze', label: 'Run with parameters' },
            ]}
            value={shown}
            onChange={setShown}
          />
        )}
        {plan && <p className={styles.basis}>{basisOf(plan)}</p>}
        <span className={styles.push} />
        {plan && (
          <ClipboardButton size="sm" variant="secondary" fill="text" icon="copy" getText={() => plan.text}>
            Copy EXPLAIN text
          </ClipboardButton>
        )}
        {status?.you.role === 'Admin' ? (
          <Button size="sm" variant="secondary" onClick={() => setAsking(true)}>
            Run with parameters…
          </Button>
        ) : (
          status && <NoPermission role="Admin" deed="run it with parameters (EXPLAIN ANALYZE)" />
        )}
      </div>
      {error && shown === 'generic' && <ErrorState part="Plan" error={error} onRetry={refresh} />}
      {!plan && !error && <Skeleton height={200} />}
      {plan && (
        <>
          {plan.remarks.length > 0 && (
            <ul className={styles.remarks}>
              {plan.remarks.map((remark) => (
                <li key={remark}>{remark}</li>
              ))}
            </ul>
          )}
          <PlanTree root={plan.root} label={shown === 'analyze' ? 'Plan as it ran' : 'Plan for any parameters'} />
        </>
      )}
      {asking && (
        <AnalyzeDrawer
          statement={statement}
          onClose={() => setAsking(false)}
          onDone={(result) => {
            setRun(result);
            setShown('analyze');
            setAsking(false);
          }}
        />
      )}
    </div>
  );
}

function basisOf(plan: Explained) {
  if (plan.mode === 'generic') {
    return (
      <>
        Plan for any parameters, made <Time iso={plan.at} />; nothing was run.
      </>
    );
  }
  const times = [
    plan.planningSeconds !== null && `planned in ${format('seconds', plan.planningSeconds)}`,
    plan.executionSeconds !== null && `ran ${format('seconds', plan.executionSeconds)}`,
  ].filter(Boolean);
  return (
    <>
      Run <Time iso={plan.at} />: {times.join(', ')}.
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  tab: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  tools: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1),
    minHeight: theme.spacing(4),
  }),
  basis: css({ margin: 0, color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  push: css({ flex: 1 }),
  remarks: css({ margin: 0, paddingLeft: theme.spacing(2.5) }),
});
