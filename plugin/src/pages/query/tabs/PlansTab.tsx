import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { SeenPlan } from '@pgvigil/exporter/contract';
import { useCall } from '../../../api/useCall';
import { PlanDiff } from '../../../components/plan/PlanDiff';
import { PlanTree } from '../../../components/plan/PlanTree';
import { Empty, ErrorState, Skeleton } from '../../../components/states';
import { type Column, DataTable } from '../../../components/table';
import { Time } from '../../../components/value/Time';
import { chosenPlans } from '../plans';
import type { StatementRef } from '../state';

export interface PlansTabProps {
  statement: StatementRef;
  a: string;
  b: string;
  onChoose: (a: string, b: string) => void;
}

/** Plans it had over time; two of them beside each other. */
export function PlansTab({ statement, a, b, onChoose }: PlansTabProps) {
  const styles = useStyles2(getStyles);
  const { queryId, ...query } = statement;
  const { data, error, at, refresh } = useCall('GET /api/v1/queries/:queryId/plans', { params: { queryId }, query });
  const items = data?.items ?? [];
  const chosen = chosenPlans(items, a, b);
  const choice = (side: 'a' | 'b', row: SeenPlan) => (
    <input
      type="radio"
      name={`plan-${side}`}
      aria-label={`Plan ${row.fingerprint.slice(0, 8)} as ${side.toUpperCase()}`}
      checked={chosen?.[side].fingerprint === row.fingerprint}
      onChange={() =>
        chosen &&
        onChoose(
          side === 'a' ? row.fingerprint : chosen.a.fingerprint,
          side === 'b' ? row.fingerprint : chosen.b.fingerprint,
        )
      }
    />
  );
  const columns: Column<SeenPlan>[] = [
    { id: 'plan', title: 'Plan', cell: (row) => <code className={styles.code}>{row.fingerprint.slice(0, 8)}</code> },
    { id: 'shape', title: 'Begins with', width: '40%', cell: (row) => row.root.type },
    { id: 'first', title: 'First seen', cell: (row) => <Time iso={row.firstSeen} now={at} /> },
    { id: 'last', title: 'Last seen', cell: (row) => <Time iso={row.lastSeen} now={at} /> },
    {
      id: 'cost',
      title: 'Cost',
      help: "The planner's, in its own unit.",
      quantity: 'count',
      value: (row) => row.totalCost,
    },
    { id: 'a', title: 'A', cell: (row) => choice('a', row) },
    { id: 'b', title: 'B', cell: (row) => choice('b', row) },
  ];
  if (error && !data) {
    return <ErrorState part="Plans seen" error={error} onRetry={refresh} />;
  }
  return (
    <div className={styles.tab}>
      <DataTable
        label="Plans seen"
        columns={items.length > 1 ? columns : columns.slice(0, 5)}
        rows={data?.items}
        rowKey={(row) => row.fingerprint}
        skeletonRows={2}
        empty={
          <Empty title="No plan was seen yet">
            Here stand the different plans that the statement had, with when. One is recorded each time the plan is
            looked at here, and in the background for the costliest statements.
          </Empty>
        }
      />
      {chosen && chosen.a.fingerprint !== chosen.b.fingerprint && (
        <Difference statement={statement} a={chosen.a.fingerprint} b={chosen.b.fingerprint} />
      )}
      {chosen && chosen.a.fingerprint === chosen.b.fingerprint && (
        <>
          <p className={styles.line}>
            {items.length === 1
              ? 'It always had this plan, as far as was seen.'
              : 'Choose two different plans to compare them.'}
          </p>
          <PlanTree root={chosen.a.root} label={`Plan ${chosen.a.fingerprint.slice(0, 8)}`} />
        </>
      )}
    </div>
  );
}

function Difference({ statement, a, b }: { statement: StatementRef; a: string; b: string }) {
  const styles = useStyles2(getStyles);
  const { queryId, ...query } = statement;
  const { data, error, refresh } = useCall('GET /api/v1/queries/:queryId/plan-diff', {
    params: { queryId },
    query: { ...query, a, b },
  });
  if (error) {
    return <ErrorState part="Differences" error={error} onRetry={refresh} />;
  }
  if (!data) {
    return <Skeleton height={160} />;
  }
  return (
    <>
      <p className={styles.line}>{data.summary}</p>
      <PlanDiff diff={data} />
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  tab: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
  code: css({ padding: 0, border: 0, background: 'none' }),
  line: css({ margin: 0 }),
});
