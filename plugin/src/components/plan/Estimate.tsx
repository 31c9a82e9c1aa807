import React from 'react';
import { cx } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import type { PlanNode } from '@pgvigil/exporter/contract';
import { formatNumber } from '../../lib/format';
import { BAD_ERROR, estimateDirection, NOTABLE_ERROR } from '../../lib/plan';
import { getPlanStyles } from './styles';

/** Rows estimated → real, with how far off where that matters. Rows are per loop. */
export function Estimate({ node, worst }: { node: PlanNode; worst: boolean }) {
  const styles = useStyles2(getPlanStyles);
  const { planRows, actualRows, estimateError } = node;
  if (actualRows === null) {
    return <>{formatNumber(planRows)}</>;
  }
  const notable = estimateError !== null && estimateError >= NOTABLE_ERROR;
  return (
    <>
      {formatNumber(planRows)} → {formatNumber(actualRows)}
      {notable && (
        <span className={cx(styles.error, estimateError >= BAD_ERROR ? styles.bad : styles.notable)}>
          ×{formatNumber(estimateError)} {estimateDirection(node)}
          {worst && ', the worst'}
        </span>
      )}
    </>
  );
}
