import type { PanelOptionsEditorBuilder } from '@grafana/data';
import { statementColumns } from '../../components/statements/columns';

export interface Options {
  /** Variables allowed. Empty: the exporter's first. */
  target: string;
  /** Variables allowed. Empty: all of the target's. */
  database: string;
  limit: number;
  sort: string;
  /** Ids; empty: the usual ones. */
  columns: string[];
}

export const DEFAULTS: Options = { target: '', database: '', limit: 10, sort: 'load', columns: [] };

const COLUMNS = statementColumns([]).filter((column) => !column.always);
/** What the API orders by, in the words of the columns. */
const SORTS = new Map(COLUMNS.filter((column) => column.sort).map((column) => [column.sort!, column.title]));

export function addOptions(builder: PanelOptionsEditorBuilder<Options>): void {
  builder
    .addTextInput({
      path: 'target',
      name: 'Target',
      description: 'As the exporter names it; variables such as $target are filled in. Empty: its first.',
      defaultValue: DEFAULTS.target,
    })
    .addTextInput({
      path: 'database',
      name: 'Database',
      description: "Variables are filled in. Empty: all of the target's.",
      defaultValue: DEFAULTS.database,
    })
    .addNumberInput({
      path: 'limit',
      name: 'Statements',
      description: 'How many are listed.',
      defaultValue: DEFAULTS.limit,
      settings: { min: 1, max: 100, integer: true },
    })
    .addSelect({
      path: 'sort',
      name: 'Order by',
      defaultValue: DEFAULTS.sort,
      settings: { options: [...SORTS].map(([value, label]) => ({ value, label })) },
    })
    .addMultiSelect({
      path: 'columns',
      name: 'Columns',
      description: 'Empty: the usual ones.',
      defaultValue: DEFAULTS.columns,
      // The editor gives the chosen values; its type asks for lists of them.
      settings: { options: COLUMNS.map(({ id, title }) => ({ value: id as never, label: title })) },
    });
}
