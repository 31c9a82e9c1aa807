import React, { type MouseEvent, type ReactNode } from 'react';
import { cx } from '@emotion/css';
import { locationService } from '@grafana/runtime';
import { useStyles2 } from '@grafana/ui';
import { formatIn, type Scale } from '../../lib/format';
import { AppLink, isModified } from '../link/AppLink';
import { NotApplicable, Unknown } from '../value/Unknown';
import { type Column, isNumber } from './columns';
import { getTableStyles } from './styles';
import { ROW_OPENER } from './useRowKeys';

interface RowProps<Row> {
  row: Row;
  columns: readonly Column<Row>[];
  scales: Map<string, Scale>;
  href: string | undefined;
  onOpen: (() => void) | undefined;
  actions: ReactNode;
}

const INTERACTIVE = 'a, button, input, label, select, textarea';

/** A row is a link as a whole; the link itself stands in its first cell. */
export function Row<R>({ row, columns, scales, href, onOpen, actions }: RowProps<R>) {
  const styles = useStyles2(getTableStyles);
  const open = (event: MouseEvent<HTMLElement>) => {
    const inner = (event.target as HTMLElement).closest(INTERACTIVE);
    // Marking text to copy it is no click on the row.
    if (inner || isModified(event) || String(window.getSelection()) !== '') {
      return;
    }
    if (onOpen) {
      onOpen();
    } else if (href !== undefined) {
      locationService.push(href);
    }
  };
  const opens = href !== undefined || onOpen !== undefined;
  return (
    <tr className={cx(styles.row, opens && styles.link)} onClick={opens ? open : undefined}>
      {columns.map((column, at) => {
        const content = contentOf(column, row, scales);
        const right = isNumber(column) || column.align === 'right';
        return (
          <td key={column.id} className={cx(styles.cell, right && styles.number, column.grow && styles.grow)}>
            {at > 0 || !opens ? (
              content
            ) : href !== undefined ? (
              <AppLink href={href} className={styles.open} {...{ [ROW_OPENER]: '' }}>
                {content}
              </AppLink>
            ) : (
              <button type="button" className={styles.open} onClick={onOpen} {...{ [ROW_OPENER]: '' }}>
                {content}
              </button>
            )}
          </td>
        );
      })}
      {actions !== undefined && <td className={cx(styles.cell, styles.actions)}>{actions}</td>}
    </tr>
  );
}

function contentOf<R>(column: Column<R>, row: R, scales: Map<string, Scale>): ReactNode {
  if (!isNumber(column)) {
    return column.cell(row);
  }
  const scale = scales.get(column.id)!;
  const value = column.value(row);
  if (value === null) {
    const reason = column.unknown?.(row) ?? null;
    return reason === null ? <NotApplicable /> : <Unknown reason={reason} />;
  }
  if (column.cell) {
    return column.cell(row, scale);
  }
  return (column.estimate ? '≈ ' : '') + formatIn(scale, value);
}
