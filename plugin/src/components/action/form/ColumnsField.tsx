import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Combobox, IconButton, useStyles2 } from '@grafana/ui';
import type { Columns } from '@pgvigil/exporter/contract';
import React from 'react';
import type { IndexColumn } from './form_values';

export interface ColumnsFieldProps {
  id: string;
  label: string;
  columns: Columns['columns'];
  value: readonly IndexColumn[];
  onChange: (columns: IndexColumn[]) => void;
}

const ORDERS = [
  { value: 'asc', label: 'ascending' },
  { value: 'desc', label: 'descending' },
] as const;

/** Columns in the index's order, each with its direction; the first counts most. */
export function ColumnsField({ id, label, columns, value, onChange }: ColumnsFieldProps) {
  const styles = useStyles2(getStyles);
  const left = columns.filter(({ name }) => !value.some((column) => column.name === name));
  const replace = (at: number, column: IndexColumn) =>
    onChange(value.map((old, index) => (index === at ? column : old)));
  const move = (at: number) => {
    const next = [...value];
    next.splice(at - 1, 2, next[at], next[at - 1]);
    onChange(next);
  };
  return (
    <div>
      {value.length > 0 && (
        <ol className={styles.list} aria-label={label}>
          {value.map((column, at) => (
            <li key={column.name} className={styles.item}>
              <span className={styles.name}>{column.name}</span>
              <Combobox
                aria-labelledby={id}
                width={16}
                options={[...ORDERS]}
                value={column.order ?? 'asc'}
                onChange={({ value: order }) => replace(at, { ...column, order })}
              />
              <IconButton
                name="arrow-up"
                tooltip={`Move ${column.name} up`}
                disabled={at === 0}
                onClick={() => move(at)}
              />
              <IconButton
                name="trash-alt"
                tooltip={`Leave ${column.name} out`}
                onClick={() => onChange(value.filter((_, index) => index !== at))}
              />
            </li>
          ))}
        </ol>
      )}
      <Combobox
        id={id}
        options={left.map(({ name, type }) => ({ value: name, label: name, description: type }))}
        value={null}
        placeholder={value.length === 0 ? 'Choose the first column' : 'Add a column'}
        onChange={({ value: name }) => onChange([...value, { name, order: 'asc' }])}
      />
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ margin: theme.spacing(0, 0, 0.5), padding: 0, listStylePosition: 'inside' }),
  item: css({
    display: 'grid',
    gridTemplateColumns: `1fr auto ${theme.spacing(3)} ${theme.spacing(3)}`,
    alignItems: 'center',
    gap: theme.spacing(1),
    padding: theme.spacing(0.25, 0),
  }),
  name: css({ overflowWrap: 'anywhere', fontFamily: theme.typography.fontFamilyMonospace }),
});
