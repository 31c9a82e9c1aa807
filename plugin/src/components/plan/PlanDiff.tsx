import React from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { PlanDiff as Diff } from '@pgvigil/exporter/contract';
import { formatNumber } from '../../lib/format';
import { getPlanStyles } from './styles';

/** A sign and a word beside the colour. */
const STATES: Record<Diff['rows'][number]['state'], { sign: string; word: string }> = {
  same: { sign: ' ', word: 'same' },
  changed: { sign: '~', word: 'changed' },
  removed: { sign: '−', word: 'gone' },
  added: { sign: '+', word: 'new' },
  moved: { sign: '↕', word: 'moved' },
};

/** Two plans side by side, their nodes aligned; what differs in words. */
export function PlanDiff({ diff }: { diff: Diff }) {
  const plan = useStyles2(getPlanStyles);
  const styles = useStyles2(getStyles);
  return (
    <div className={plan.frame}>
      <table className={plan.table} aria-label="Differences of the two plans">
        <thead>
          <tr>
            <th scope="col" className={plan.head}>
              Change
            </th>
            <th scope="col" className={plan.head}>
              Plan A
            </th>
            <th scope="col" className={cx(plan.head, plan.number)}>
              Cost
            </th>
            <th scope="col" className={plan.head}>
              Plan B
            </th>
            <th scope="col" className={cx(plan.head, plan.number)}>
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {diff.rows.map((row, at) => {
            const { sign, word } = STATES[row.state];
            const indent = { paddingLeft: 8 + row.depth * 16 };
            return (
              <tr key={at} className={cx(plan.row, styles[row.state])}>
                <td className={cx(plan.cell, styles.state)}>
                  <span aria-hidden="true" className={styles.sign}>
                    {sign}
                  </span>
                  {word}
                </td>
                <td className={plan.cell} style={indent}>
                  {row.a}
                </td>
                <td className={cx(plan.cell, plan.number)}>{row.aCost !== null && formatNumber(row.aCost)}</td>
                <td className={plan.cell} style={indent}>
                  {row.b}
                  {row.changes.map((change) => (
                    <span key={change} className={styles.change}>
                      {change}
                    </span>
                  ))}
                </td>
                <td className={cx(plan.cell, plan.number)}>{row.bCost !== null && formatNumber(row.bCost)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  state: css({ whiteSpace: 'nowrap', width: 88 }),
  sign: css({ display: 'inline-block', width: 16, fontFamily: theme.typography.fontFamilyMonospace }),
  // Secondary text has too little contrast on the rows' grounds.
  change: css({ display: 'block', overflowWrap: 'anywhere' }),
  same: css({ color: theme.colors.text.secondary }),
  changed: css({ background: theme.colors.warning.transparent }),
  removed: css({ background: theme.colors.error.transparent }),
  added: css({ background: theme.colors.success.transparent }),
  moved: css({ background: theme.colors.info.transparent }),
});
