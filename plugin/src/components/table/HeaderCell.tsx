import React from 'react';
import { cx } from '@emotion/css';
import { Icon, Tooltip, useStyles2 } from '@grafana/ui';
import type { Scale } from '../../lib/format';
import { type Column, isNumber, nextSort, type Sort } from './columns';
import { getTableStyles } from './styles';

interface HeaderCellProps<Row> {
  column: Column<Row>;
  scale: Scale | undefined;
  sort: Sort | undefined;
  onSort: ((sort: Sort) => void) | undefined;
}

const DIRECTIONS = { asc: 'ascending', desc: 'descending' } as const;

/** A column's title with its unit; a button where the server can order by it. */
export function HeaderCell<Row>({ column, scale, sort, onSort }: HeaderCellProps<Row>) {
  const styles = useStyles2(getTableStyles);
  const sorted = column.sort !== undefined && sort?.by === column.sort ? sort.order : undefined;
  const right = isNumber(column) || column.align === 'right';
  const unit = (scale?.unit ?? '') + ((isNumber(column) && column.per) || '');
  const title = (
    <span>
      {column.title}
      {sorted && <Icon name={sorted === 'desc' ? 'arrow-down' : 'arrow-up'} size="sm" />}
      {unit !== '' && <span className={styles.unit}>{unit}</span>}
    </span>
  );
  const content =
    column.sort !== undefined && onSort ? (
      <button
        type="button"
        className={cx(styles.sort, sorted && styles.sorted)}
        onClick={() => onSort(nextSort(column, sort))}
      >
        {title}
      </button>
    ) : (
      title
    );
  return (
    <th
      scope="col"
      className={cx(styles.head, right && styles.number)}
      style={{ width: column.grow ? '100%' : column.width }}
      aria-sort={sorted ? DIRECTIONS[sorted] : undefined}
    >
      {column.help ? (
        <Tooltip content={column.help} placement="top">
          {content}
        </Tooltip>
      ) : (
        content
      )}
    </th>
  );
}
