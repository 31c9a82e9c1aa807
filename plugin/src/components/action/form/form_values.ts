import type { ActionInfo, ParamValues } from '@pgvigil/exporter/contract';

export type ParamInfo = ActionInfo['params'][number];
/** What the form holds: fields as the user left them. Sent as `params` once complete. */
export type FormValues = Partial<ParamValues>;
export type IndexColumn = NonNullable<ParamValues['columns']>[number];
export type Predicate = NonNullable<ParamValues['predicate']>;

/** Parameters that are of the chosen table: another table makes them meaningless. */
const OF_TABLE: readonly ParamInfo['type'][] = ['columns', 'column names', 'predicate'];

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

/** The values with one changed; what hung on the table goes when the table does. */
export function changed(params: readonly ParamInfo[], values: FormValues, name: string, value: unknown): FormValues {
  const type = params.find((param) => param.name === name)?.type;
  const gone = type === 'table' ? params.filter((param) => OF_TABLE.includes(param.type)).map(({ name }) => name) : [];
  const kept = Object.entries(values).filter(([key]) => !gone.includes(key) && key !== name);
  return Object.fromEntries(isEmpty(value) ? kept : [...kept, [name, value]]) as FormValues;
}

/** Labels of required parameters that are not given yet. */
export function missing(params: readonly ParamInfo[], values: FormValues): string[] {
  const held = values as Record<string, unknown>;
  const required = params.filter(({ required, name }) => required && isEmpty(held[name])).map(({ label }) => label);
  const predicate = params.find(({ type }) => type === 'predicate');
  return predicate && !isComplete(values.predicate) ? [...required, `value of ${predicate.label}`] : required;
}

const ALONE: readonly Predicate['operator'][] = ['is null', 'is not null', 'is true', 'is false'];
export const takesValue = (operator: Predicate['operator']): boolean => !ALONE.includes(operator);

const isComplete = (predicate: Predicate | undefined): boolean =>
  predicate === undefined || !takesValue(predicate.operator) || !isEmpty(predicate.value);
