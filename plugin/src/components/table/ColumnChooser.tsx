import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Checkbox, Toggletip, useStyles2 } from '@grafana/ui';
import { type Column, toggleColumn, visibleColumns } from './columns';

export interface ColumnChooserProps<Row> {
  columns: readonly Column<Row>[];
  /** As the address has it: ids joined by commas, empty for the default. */
  chosen: string;
  onChoose: (chosen: string) => void;
}

export function ColumnChooser<Row>({ columns, chosen, onChoose }: ColumnChooserProps<Row>) {
  const styles = useStyles2(getStyles);
  const shown = new Set(visibleColumns(columns, chosen).map((column) => column.id));
  const list = (
    <fieldset className={styles.list}>
      <legend className={styles.legend}>Columns</legend>
      {columns
        .filter((column) => !column.always)
        .map((column) => (
          <Checkbox
            key={column.id}
            label={column.title}
            value={shown.has(column.id)}
            onChange={() => onChoose(toggleColumn(columns, chosen, column.id))}
          />
        ))}
      {chosen !== '' && (
        <Button size="sm" variant="secondary" fill="text" onClick={() => onChoose('')}>
          Default columns
        </Button>
      )}
    </fieldset>
  );
  return (
    <Toggletip content={list} placement="bottom-end" closeButton={false} fitContent>
      <Button variant="secondary" fill="outline" icon="columns">
        Columns
      </Button>
    </Toggletip>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), border: 0, margin: 0, padding: 0 }),
  legend: css({ ...theme.typography.h6, margin: `0 0 ${theme.spacing(1)}` }),
});
