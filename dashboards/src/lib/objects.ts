/** Words for tables and indexes that several boards use. */
import { m, sum } from './promql.ts';

export const DATABASE = '{{datname}} {{instance}} {{target}}';
export const TABLE = '{{schemaname}}.{{relname}} {{datname}} {{instance}}';

/** Columns of a table of tables, and of indexes. */
export const OF_TABLE = { instance: 'Instance', datname: 'Database', schemaname: 'Schema', relname: 'Table' };
export const OF_INDEX = { ...OF_TABLE, indexrelname: 'Index' };

export const perTable = (expr: string): string => sum(expr, 'datname', 'schemaname', 'relname');
export const perIndex = (expr: string): string => sum(expr, 'datname', 'schemaname', 'relname', 'indexrelname');

/** A second column, of the rows of the first only. */
export const ofThose = (expr: string, those: string): string => `${expr} and ${those}`;

/** Tables with their indexes and long values. */
export const tableSize = (...more: string[]): string =>
  `${m('pg_stat_user_tables_table_size_bytes', ...more)} + ${m('pg_stat_user_tables_index_size_bytes', ...more)}`;
