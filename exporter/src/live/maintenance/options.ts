/** Of pg_class `c`. */
const OF_TABLE = 'pg_catalog.pg_options_to_table(c.reloptions)';

/**
 * In a statement, `option('name')` becomes what counts for the table: its own storage parameter, else the server's setting;
 * `options` becomes all that are its own.
 */
export const withOptions = (sql: string): string =>
  sql
    .replace(
      /option\('(\w+)'\)/g,
      `coalesce((select v.option_value::float8 from options v where v.option_name = '$1'), pg_catalog.current_setting('$1')::float8)`,
    )
    .replaceAll('from options v', `from ${OF_TABLE} v`);
