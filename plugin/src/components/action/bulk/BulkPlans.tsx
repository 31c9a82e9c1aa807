import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { ActionPlan } from '@pgvigil/exporter/contract';
import React from 'react';
import { plural } from '../../../lib/format';
import { ErrorState } from '../../states/ErrorState';
import { Skeleton } from '../../states/Skeleton';
import { Checks } from '../Checks';
import { expectedWords, whyNot } from '../PlanView';
import { Statements } from '../Statements';
import type { Step } from './usePlans';

/** What would run, one after the other: each with its statements, lock, and what has to hold before. */
export function BulkPlans({ steps }: { steps: readonly Step[] }) {
  const styles = useStyles2(getStyles);
  return (
    <ol className={styles.list}>
      {steps.map(({ request, plan, error }) => (
        <li key={JSON.stringify(request)} className={styles.item}>
          {plan ? (
            <OnePlan plan={plan} />
          ) : error ? (
            <ErrorState part="Not planned" error={error} />
          ) : (
            <div role="status" aria-label="Looking at the server" aria-busy="true">
              <Skeleton width="60%" height={16} />
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}

function OnePlan({ plan }: { plan: ActionPlan }) {
  const styles = useStyles2(getStyles);
  const { title, lock, expected, statements, waitsFor, preconditions } = plan;
  const reason = whyNot(plan);
  const noted = preconditions.filter(({ state }) => state !== 'ok');
  const met = preconditions.length - noted.length;
  return (
    <>
      <h4 className={styles.title}>{title}</h4>
      {reason !== '' && (
        <p className={styles.line}>
          <Icon name="times" className={styles.missing} title="left out" /> Left out. {reason}
        </p>
      )}
      <p className={styles.line}>
        {lock.words} <span className={styles.secondary}>({lock.level})</span>
      </p>
      <p className={styles.line}>
        Takes {expectedWords(expected.seconds)} <span className={styles.secondary}>{expected.basis}</span>
        {waitsFor.length > 0 && <> · waits for {waitsFor.join('; ')}</>}
      </p>
      <Statements title="Runs exactly this" statements={statements} />
      {noted.length > 0 && <Checks checks={noted} />}
      {met > 0 && (
        <p className={styles.line}>
          <Icon name="check" className={styles.ok} /> {plural(met, 'precondition')} met
        </p>
      )}
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
  item: css({
    padding: theme.spacing(1.5, 0),
    overflowWrap: 'anywhere',
    '&:not(:last-child)': { borderBottom: `1px solid ${theme.colors.border.medium}` },
  }),
  title: css({ ...theme.typography.body, fontWeight: theme.typography.fontWeightMedium, margin: 0 }),
  line: css({ margin: theme.spacing(0.5, 0) }),
  secondary: css({ color: theme.colors.text.secondary }),
  missing: css({ color: theme.colors.error.text }),
  ok: css({ color: theme.colors.success.text }),
});
