import { changed, missing, type ParamInfo } from './form_values';

const param = (name: string, type: ParamInfo['type'], required = false): ParamInfo => ({
  name,
  label: name,
  type,
  required,
  options: [],
  help: '',
});
const PARAMS = [
  param('table', 'table', true),
  param('columns', 'columns', true),
  param('include', 'column names'),
  param('method', 'choice'),
  param('unique', 'boolean'),
  param('predicate', 'predicate'),
];
const id = [{ name: 'id', order: 'asc' as const }];

it('names what is still to choose', () => {
  expect(missing(PARAMS, {})).toEqual(['table', 'columns']);
  expect(missing(PARAMS, { table: 1, columns: [] })).toEqual(['columns']);
  expect(missing(PARAMS, { table: 1, columns: id })).toEqual([]);
});

it('wants a value where the operator takes one', () => {
  const values = { table: 1, columns: id };
  expect(missing(PARAMS, { ...values, predicate: { column: 'a', operator: '=' } })).toEqual(['value of predicate']);
  expect(missing(PARAMS, { ...values, predicate: { column: 'a', operator: '=', value: '0' } })).toEqual([]);
  expect(missing(PARAMS, { ...values, predicate: { column: 'a', operator: 'is null' } })).toEqual([]);
});

it('forgets what hung on another table, and keeps the rest', () => {
  const values = {
    table: 1,
    columns: id,
    include: ['x'],
    method: 'gin' as const,
    predicate: { column: 'a', operator: 'is null' as const },
  };
  expect(changed(PARAMS, values, 'table', 2)).toEqual({ table: 2, method: 'gin' });
  expect(changed(PARAMS, values, 'method', 'btree')).toEqual({ ...values, method: 'btree' });
});

it('sends no empty field', () => {
  expect(changed(PARAMS, { table: 1, include: ['x'] }, 'include', [])).toEqual({ table: 1 });
  expect(changed(PARAMS, { table: 1, method: 'gin' }, 'method', undefined)).toEqual({ table: 1 });
});
