import React, { type ReactNode, useMemo } from 'react';
import { cx } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import { Skeleton } from '../states/Skeleton';
import { type Column, scalesOf, type Sort } from './columns';
import { HeaderCell } from './HeaderCell';
import { Row } from './Row';
import { getTableStyles } from './styles';
import { moveBetweenRows } from './useRowKeys';

export interface DataTableProps<R> {
  /** What it lists, for screen readers. */
  label: string;
  /** Those shown, in order. The first holds the row's link. */
  columns: readonly Column<R>[];
  /** Undefined while the first answer is awaited: the layout stays, rows are skeletons. */
  rows: readonly R[] | undefined;
  rowKey: (row: R) => string;
  /** A row is a link to here; … */
  rowHref?: (row: R) => string;
  /** … or does this. */
  onOpen?: (row: R) => void;
  /** Buttons at the row's end, each with its verb. */
  rowActions?: (row: R) => ReactNode;
  /** Of rows that stand together already: each group has its head above it. */
  groups?: { of: (row: R) => string; head: (group: string) => ReactNode };
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  /** The rows answer an earlier question: shown greyed. */
  stale?: boolean;
  /** In place of rows when there are none. */
  empty?: ReactNode;
  /** A sentence below the rows: "these 50 are 93 % of the load". */
  totals?: ReactNode;
  skeletonRows?: number;
  /** Without a border of its own: what holds it has one. */
  frameless?: boolean;
}

const NONE: readonly never[] = [];

/** A list that the server orders, searches and pages; here it is only drawn. */
export function DataTable<R>(props: DataTableProps<R>) {
  const { label, columns, rows, rowKey, rowHref, onOpen, rowActions, sort, onSort, stale, empty, totals } = props;
  const styles = useStyles2(getTableStyles);
  const scales = useMemo(() => scalesOf(columns, rows ?? NONE), [columns, rows]);
  const width = columns.length + (rowActions ? 1 : 0);
  return (
    <div className={props.frameless ? styles.frameless : styles.frame}>
      {/* Keys are those of the links inside; the table itself takes no focus. */}
      <table
        className={styles.table}
        aria-label={label}
        aria-busy={rows === undefined || stale}
        onKeyDown={moveBetweenRows}
      >
        <thead>
          <tr>
            {columns.map((column) => (
              <HeaderCell
                key={column.id}
                column={column}
                scale={rows?.length ? scales.get(column.id) : undefined}
                sort={sort}
                onSort={onSort}
              />
            ))}
            {rowActions && (
              <th scope="col" className={styles.head}>
                <span className="sr-only">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        {groupsOf(rows ?? NONE, props.groups?.of).map(([group, members]) => (
          <tbody key={group} className={cx(stale && styles.stale)}>
            {props.groups && (
              <tr>
                <th scope="rowgroup" colSpan={width} className={cx(styles.cell, styles.group)}>
                  {props.groups.head(group)}
                </th>
              </tr>
            )}
            {members.map((row) => (
              <Row
                key={rowKey(row)}
                row={row}
                columns={columns}
                scales={scales}
                href={rowHref?.(row)}
                onOpen={onOpen && (() => onOpen(row))}
                actions={rowActions?.(row)}
              />
            ))}
          </tbody>
        ))}
        {!rows?.length && (
          <tbody>
            {rows === undefined ? (
              <SkeletonRows rows={props.skeletonRows ?? 10} columns={width} />
            ) : (
              <tr>
                <td colSpan={width}>{empty}</td>
              </tr>
            )}
          </tbody>
        )}
        {totals && rows && rows.length > 0 && (
          <tfoot>
            <tr>
              <td colSpan={width} className={styles.totals}>
                {totals}
              </td>
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

/** In the order of their first rows; without a grouping all are one. */
function groupsOf<R>(rows: readonly R[], of: (row: R) => string = () => ''): Array<[string, R[]]> {
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    const group = of(row);
    const members = groups.get(group);
    if (members) members.push(row);
    else groups.set(group, [row]);
  }
  return [...groups];
}

function SkeletonRows({ rows, columns }: { rows: number; columns: number }) {
  const styles = useStyles2(getTableStyles);
  return (
    <>
      {Array.from({ length: rows }, (_, at) => (
        <tr key={at} className={styles.row} aria-hidden="true">
          {Array.from({ length: columns }, (_, column) => (
            <td key={column} className={styles.cell}>
              {/* Uneven, as text is. */}
              <Skeleton width={column === 0 ? `${90 - ((at * 17) % 40)}%` : '60%'} height={12} />
            </td>
          ))}
        </tr>
      ))}
    </>
  );
}
