import type { ReactNode } from 'react';
import { type Quantity, type Scale, scaleOfColumn } from '../../lib/format';

/** How a list is ordered: the server's name of the column, and the direction. */
export interface Sort {
  by: string;
  order: 'asc' | 'desc';
}

interface AnyColumn {
  id: string;
  title: string;
  /** What it means and where it comes from; on hover of the title. */
  help?: string;
  /** The server's name for ordering by it. Absent: it cannot be ordered. */
  sort?: string;
  /** The direction of the first press; numbers begin with the largest. */
  firstOrder?: 'asc' | 'desc';
  /** Not in the column chooser. */
  always?: boolean;
  /** Shown only when chosen. */
  hidden?: boolean;
  /** In a narrower list, in pixels, shown only when chosen: the text that it is about keeps its room. */
  from?: number;
  /** CSS length. The columns without share what is left. */
  width?: number | string;
  /** Takes what is left and cuts its text there: for text of any length. */
  grow?: boolean;
}

export interface TextColumn<Row> extends AnyColumn {
  quantity?: undefined;
  cell: (row: Row) => ReactNode;
  align?: 'left' | 'right';
}

export interface NumberColumn<Row> extends AnyColumn {
  quantity: Quantity;
  /** Stands after the unit in the title: "/call". */
  per?: string;
  value: (row: Row) => number | null;
  /** Why a value is null: unknown, with this reason. Null or absent: it does not apply. */
  unknown?: (row: Row) => string | null;
  /** Marked ≈. */
  estimate?: boolean;
  /** In place of the number alone. `scale` is the column's unit. */
  cell?: (row: Row, scale: Scale) => ReactNode;
}

/** Text of any kind, or a number with one unit for the whole column. */
export type Column<Row> = TextColumn<Row> | NumberColumn<Row>;

export const isNumber = <Row>(column: Column<Row>): column is NumberColumn<Row> => column.quantity !== undefined;

/** The unit of each number column, from the rows shown. */
export function scalesOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Map<string, Scale> {
  return new Map(
    columns.filter(isNumber).map((column) => [column.id, scaleOfColumn(column.quantity, rows.map(column.value))]),
  );
}

/** What a press on a column's title asks for. */
export function nextSort<Row>(column: Column<Row>, now: Sort | undefined): Sort {
  const by = column.sort!;
  if (now?.by === by) {
    return { by, order: now.order === 'asc' ? 'desc' : 'asc' };
  }
  return { by, order: column.firstOrder ?? (isNumber(column) ? 'desc' : 'asc') };
}

/** With those hidden that the list has no room for. @param width in pixels; 0: not known, and nothing is hidden for it. */
export const fitting = <Row>(columns: readonly Column<Row>[], width: number): Column<Row>[] =>
  columns.map((column) =>
    width > 0 && column.from !== undefined && width < column.from ? { ...column, hidden: true } : column,
  );

/** Ids shown: `chosen` from the address ("a,b,c"; empty: the default ones), always in the columns' own order. */
export function visibleColumns<Row>(columns: readonly Column<Row>[], chosen: string): Column<Row>[] {
  const ids = new Set(chosen.split(',').filter(Boolean));
  return columns.filter((column) => column.always || (ids.size > 0 ? ids.has(column.id) : !column.hidden));
}

/** What the address holds after one was switched on or off; empty when that is the default. */
export function toggleColumn<Row>(columns: readonly Column<Row>[], chosen: string, id: string): string {
  const shown = new Set(visibleColumns(columns, chosen).map((column) => column.id));
  if (!shown.delete(id)) {
    shown.add(id);
  }
  const optional = columns.filter((column) => !column.always);
  const ids = optional.filter((column) => shown.has(column.id)).map((column) => column.id);
  const usual = optional.filter((column) => !column.hidden).map((column) => column.id);
  // None chosen would read as "the default": the list of the ones always shown says it instead.
  return ids.join() === usual.join() ? '' : ids.join() || columns.filter((column) => column.always)[0]?.id || '';
}
