import { Checkbox, Combobox, Field, MultiCombobox } from '@grafana/ui';
import type { Columns, Relation } from '@pgvigil/exporter/contract';
import React, { useId } from 'react';
import { ColumnsField } from './ColumnsField';
import type { FormValues, ParamInfo } from './form_values';
import { ObjectPicker } from './ObjectPicker';
import { PredicateField } from './PredicateField';

export interface ParamFieldProps {
  param: ParamInfo;
  values: FormValues;
  target: string;
  database: string;
  /** Of the chosen table; empty before. */
  columns: Columns['columns'];
  /** The chosen table's name, where known. */
  relation: Relation | undefined;
  onChange: (value: unknown) => void;
}

/** One parameter as its type says. What belongs to a table is not asked before there is one. */
export function ParamField({ param, values, target, database, columns, relation, onChange }: ParamFieldProps) {
  const id = useId();
  const value = (values as Record<string, unknown>)[param.name];
  const needsTable = ['columns', 'column names', 'predicate'].includes(param.type);
  if (param.type === 'session' || (needsTable && columns.length === 0)) return null;
  if (param.type === 'boolean') {
    return (
      <Field description={param.help} noMargin>
        <Checkbox
          id={id}
          label={param.label}
          value={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      </Field>
    );
  }
  return (
    <Field label={param.label} description={param.help} htmlFor={id} required={param.required} noMargin>
      {control()}
    </Field>
  );

  function control() {
    const names = columns.map(({ name, type }) => ({ value: name, label: name, description: type }));
    switch (param.type) {
      case 'columns':
        return (
          <ColumnsField
            id={id}
            label={param.label}
            columns={columns}
            value={values.columns ?? []}
            onChange={onChange}
          />
        );
      case 'column names':
        return (
          <MultiCombobox
            id={id}
            placeholder="None"
            options={names}
            value={(value as string[] | undefined) ?? []}
            onChange={(chosen) => onChange(chosen.map((option) => option.value))}
          />
        );
      case 'choice':
        return (
          <Combobox
            id={id}
            options={param.options.map((option) => ({ value: option, label: option }))}
            value={(value as string | undefined) ?? null}
            placeholder={param.options[0]}
            onChange={({ value: option }) => onChange(option)}
          />
        );
      case 'predicate':
        return <PredicateField id={id} columns={columns} value={values.predicate} onChange={onChange} />;
      default:
        return (
          <ObjectPicker
            id={id}
            kind={param.type as 'table'}
            {...{ target, database, relation }}
            value={value as number | undefined}
            onChange={onChange}
          />
        );
    }
  }
}
