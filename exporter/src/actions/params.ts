/** What forms ask for. */
import type { ActionInfo } from '../contract/index.ts';

type Param = ActionInfo['params'][number];

const param = (name: string, label: string, type: Param['type'], help: string, more: Partial<Param> = {}): Param => ({
  name,
  label,
  type,
  required: true,
  options: [],
  help,
  ...more,
});

export const TABLE = param('table', 'Table', 'table', 'A table, with all its partitions.');
export const INDEX = param('index', 'Index', 'index', 'A valid index.');
export const INVALID_INDEX = param(
  'index',
  'Invalid index',
  'invalid index',
  'Left behind by a build that did not end.',
);
export const VIEW = param('view', 'Materialized view', 'materialized view', 'The view to compute again.');
export const SESSION = param('session', 'Session', 'session', 'Its pid and start, as Activity shows them.');

export const INDEX_FORM: readonly Param[] = [
  TABLE,
  param(
    'columns',
    'Columns',
    'columns',
    'In this order: first those compared with =, then the one with a range or ORDER BY.',
  ),
  param('method', 'Method', 'choice', 'btree for =, <, > and ORDER BY; gin for arrays, jsonb and full text.', {
    required: false,
    options: ['btree', 'hash', 'gin', 'gist', 'brin', 'spgist'],
  }),
  param('include', 'Include', 'column names', 'Kept in the index to be read from it, not searched by.', {
    required: false,
  }),
  param('unique', 'Unique', 'boolean', 'Fails when two rows are equal in these columns.', { required: false }),
  param('predicate', 'Only rows where', 'predicate', 'A smaller index for the rows that queries ask for.', {
    required: false,
  }),
];
export const CONCURRENTLY = param(
  'concurrently',
  'Concurrently',
  'boolean',
  'Readers go on meanwhile. It takes longer and needs a unique index; without a choice it is used where possible.',
  { required: false },
);
