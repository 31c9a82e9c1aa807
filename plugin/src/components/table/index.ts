export {
  type Column,
  fitting,
  type NumberColumn,
  type Sort,
  type TextColumn,
  toggleColumn,
  visibleColumns,
} from './columns';
export { ColumnChooser, type ColumnChooserProps } from './ColumnChooser';
export { DataTable, type DataTableProps } from './DataTable';
export { Pager, type PagerProps } from './Pager';
export { SearchBox, type SearchBoxProps } from './SearchBox';
