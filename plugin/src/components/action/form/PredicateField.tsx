import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Combobox, Input, useStyles2 } from '@grafana/ui';
import type { Columns } from '@pgvigil/exporter/contract';
import React from 'react';
import { type Predicate, takesValue } from './form_values';

export interface PredicateFieldProps {
  id: string;
  columns: Columns['columns'];
  value: Predicate | undefined;
  onChange: (predicate: Predicate | undefined) => void;
}

const OPERATORS: ReadonlyArray<Predicate['operator']> = [
  '=',
  '<>',
  '<',
  '<=',
  '>',
  '>=',
  'is null',
  'is not null',
  'is true',
  'is false',
];

/** Column, operator, value: never an expression. The value goes to the server as it is and is read as the column's type. */
export function PredicateField({ id, columns, value, onChange }: PredicateFieldProps) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.row}>
      <Combobox
        id={id}
        width={24}
        options={columns.map(({ name, type }) => ({ value: name, label: name, description: type }))}
        value={value?.column ?? null}
        placeholder="All rows"
        onChange={({ value: column }) => onChange({ operator: 'is not null', ...value, column })}
      />
      {value && (
        <>
          <Combobox
            aria-labelledby={id}
            width={16}
            options={OPERATORS.map((operator) => ({ value: operator, label: operator }))}
            value={value.operator}
            onChange={({ value: operator }) =>
              onChange({ column: value.column, operator, ...(takesValue(operator) ? { value: value.value } : {}) })
            }
          />
          {takesValue(value.operator) && (
            <Input
              aria-label="Value"
              width={24}
              value={value.value === undefined ? '' : String(value.value)}
              onChange={(event) => onChange({ ...value, value: event.currentTarget.value })}
            />
          )}
          <Button variant="secondary" fill="text" onClick={() => onChange(undefined)}>
            All rows
          </Button>
        </>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1) }),
});
