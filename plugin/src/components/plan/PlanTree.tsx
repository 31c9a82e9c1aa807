import React, { useMemo } from 'react';
import { cx } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import type { PlanNode } from '@pgvigil/exporter/contract';
import { formatIn, formatNumber, joinUnit, type Scale, scaleOfColumn } from '../../lib/format';
import { planRows, type PlanRow, standouts, wasRun } from '../../lib/plan';
import { Buffers } from './Buffers';
import { Estimate } from './Estimate';
import { getPlanStyles } from './styles';

/** A plan as a table whose first column is the tree: what each node does, costs, and how wrong its estimate was. */
export function PlanTree({ root, label }: { root: PlanNode; label: string }) {
  const styles = useStyles2(getPlanStyles);
  const rows = useMemo(() => planRows(root), [root]);
  const marks = useMemo(() => standouts(rows), [rows]);
  const timed = wasRun(root);
  const buffers = rows.some(({ node }) => node.sharedHitBlocks !== null || node.sharedReadBlocks !== null);
  const scale = useMemo(
    () =>
      scaleOfColumn(
        'seconds',
        rows.map(({ node }) => node.selfSeconds),
      ),
    [rows],
  );
  return (
    <div className={styles.frame}>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            <th scope="col" className={styles.head}>
              Node
            </th>
            <th scope="col" className={cx(styles.head, styles.number)}>
              {timed ? joinUnit('Own time', scale.unit) : 'Own cost'}
            </th>
            <th scope="col" className={cx(styles.head, styles.number)}>
              {timed ? 'Rows estimated → real' : 'Rows estimated'}
            </th>
            {timed && (
              <th scope="col" className={cx(styles.head, styles.number)}>
                Loops
              </th>
            )}
            {buffers && (
              <th scope="col" className={cx(styles.head, styles.number)}>
                Buffers
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <NodeRow
              key={row.path}
              row={row}
              scale={timed ? scale : undefined}
              buffers={buffers}
              costliest={marks.costliest === row.path}
              worst={marks.worst === row.path}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface NodeRowProps {
  row: PlanRow;
  /** Of the column of times; absent where the plan was not run. */
  scale: Scale | undefined;
  buffers: boolean;
  costliest: boolean;
  worst: boolean;
}

function NodeRow({ row, scale, buffers, costliest, worst }: NodeRowProps) {
  const styles = useStyles2(getPlanStyles);
  const { node, part } = row;
  // Never executed: below a node that had nothing to give it.
  const idle = scale !== undefined && node.loops === 0;
  const own = scale ? node.selfSeconds : node.selfCost;
  return (
    <tr className={cx(styles.row, idle && styles.idle)}>
      <th scope="row" className={styles.node}>
        <span className={styles.branch}>
          {row.lines.map((goesOn, at) => (
            <span
              key={at}
              aria-hidden="true"
              className={cx(styles.line, goesOn && styles.through, at === row.lines.length - 1 && styles.elbow)}
            />
          ))}
          <span className={styles.what}>
            <span className="sr-only">Level {row.depth + 1}: </span>
            <strong>{node.type}</strong>
            {node.relation !== null && (
              <>
                {' on '}
                <span className={styles.object}>{node.relation}</span>
              </>
            )}
            {node.index !== null && (
              <>
                {' using '}
                <span className={styles.object}>{node.index}</span>
              </>
            )}
            {costliest && <span className={styles.mark}>costliest</span>}
            {idle && <span className={styles.mark}>never executed</span>}
            {Object.entries(node.conditions).map(([name, text]) => (
              <span key={name} className={styles.condition}>
                {name}: <code>{text}</code>
              </span>
            ))}
            {node.rowsRemovedByFilter !== null && node.rowsRemovedByFilter > 0 && (
              <span className={styles.condition}>{formatNumber(node.rowsRemovedByFilter)} rows removed by filter</span>
            )}
          </span>
        </span>
      </th>
      <td className={styles.weight}>
        <span className={styles.track} aria-hidden="true">
          <span className={cx(styles.bar, costliest && styles.barMost)} style={{ width: `${part * 100}%` }} />
        </span>
        <span className={styles.own}>
          {own === null ? 'unknown' : scale ? formatIn(scale, own) : formatNumber(own)}
        </span>
        <span className={styles.part}>{formatNumber(Math.round(part * 100))} %</span>
      </td>
      <td className={cx(styles.cell, styles.number)}>
        <Estimate node={node} worst={worst} />
      </td>
      {scale && (
        <td className={cx(styles.cell, styles.number)}>{node.loops === null ? 'unknown' : formatNumber(node.loops)}</td>
      )}
      {buffers && (
        <td className={cx(styles.cell, styles.number)}>
          <Buffers node={node} />
        </td>
      )}
    </tr>
  );
}
