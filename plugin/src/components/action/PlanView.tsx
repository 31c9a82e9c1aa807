import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { ActionPlan } from '@pgvigil/exporter/contract';
import React from 'react';
import { formatDuration } from '../../lib/time';
import { Checks } from './Checks';
import { Measures } from './Measures';
import { Section } from './Section';
import { Statements } from './Statements';

/** What will run, on what, whom it blocks, for how long, and what has to hold before. */
export function PlanView({ plan }: { plan: ActionPlan }) {
  const styles = useStyles2(getStyles);
  const { expected, lock, window } = plan;
  return (
    <>
      <dl className={styles.facts}>
        <dt>On</dt>
        <dd>
          {plan.relation && (
            <>
              {plan.relation.kind} <strong>{`${plan.relation.schema}.${plan.relation.name}`}</strong>
              {' in '}
            </>
          )}
          database <strong>{plan.database}</strong> of {plan.target}
        </dd>
        <dt>Lock</dt>
        <dd>
          {lock.words} <span className={styles.secondary}>({lock.level})</span>
        </dd>
        <dt>Expected</dt>
        <dd>
          {expectedWords(expected.seconds)} <span className={styles.secondary}>{expected.basis}</span>
        </dd>
        <dt>Waits</dt>
        <dd>
          {plan.lockBudgetSeconds > 0
            ? `at most ${formatDuration(plan.lockBudgetSeconds)} for its lock, then gives up`
            : 'for no lock'}
        </dd>
        <dt>Window</dt>
        <dd>
          {!window.open && <Icon name="times" className={styles.missing} title="closed" />} {window.words}
        </dd>
      </dl>
      <Statements title="Runs exactly this" statements={plan.statements} />
      {plan.waitsFor.length > 0 && (
        <Section title="Waits for">
          <ul className={styles.list}>
            {plan.waitsFor.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </Section>
      )}
      {plan.preconditions.length > 0 && (
        <Section title="Preconditions">
          <Checks checks={plan.preconditions} />
        </Section>
      )}
      {plan.predicted.length > 0 && (
        <Section title="Expected effect">
          <Measures measures={plan.predicted} expected />
        </Section>
      )}
    </>
  );
}

export const expectedWords = (seconds: number | null) =>
  seconds === null ? 'unknown' : seconds < 1 ? 'less than a second' : `about ${formatDuration(seconds)}`;

/** Why the button is off, in one sentence; empty when it may run. */
export function whyNot(plan: ActionPlan): string {
  if (plan.runnable) {
    return '';
  }
  const missing = plan.preconditions.filter((check) => check.state === 'missing').map((check) => check.title);
  if (missing.length > 0) {
    return `Can't run yet: ${missing.join('; ')}.`;
  }
  return plan.window.open ? "Can't run now." : `Can't run now: ${plan.window.words}`;
}

const getStyles = (theme: GrafanaTheme2) => ({
  facts: css({
    display: 'grid',
    gridTemplateColumns: `${theme.spacing(10)} 1fr`,
    rowGap: theme.spacing(0.5),
    margin: theme.spacing(0, 0, 1.5),
    overflowWrap: 'anywhere',
    dt: { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular },
    dd: { margin: 0 },
  }),
  secondary: css({ color: theme.colors.text.secondary }),
  missing: css({ color: theme.colors.error.text }),
  list: css({ margin: 0, paddingLeft: theme.spacing(2) }),
});
