/** Indexes of an arm. */
import { BadValue } from '../../config/problems.ts';
import type { Switches } from '../workload/schema.ts';
import type { Control } from './control.ts';

/** Quoted, with its schema; an invalid one too. @throws DatabaseFailure */
export async function indexNamed(control: Control, name: string): Promise<string | undefined> {
  const rows = await control.query<{ name: string }>(
    `select pg_catalog.format('%I.%I', n.nspname, c.relname) as name
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.oid = pg_catalog.to_regclass($1)`,
    [name],
  );
  return rows[0]?.name;
}

/** @throws BadValue where the statement makes another index; DatabaseFailure */
export async function createIndex(control: Control, { name, create }: Switches['indexes'][number]): Promise<void> {
  await control.long(create);
  if ((await indexNamed(control, name)) === undefined)
    throw new BadValue(
      `arms: the statement of index ${name} has not made it`,
      'Use the same name in both; its schema is that of its table.',
    );
}

/** Harmless when it is not there. @throws DatabaseFailure */
export async function dropIndex(control: Control, name: string): Promise<void> {
  const found = await indexNamed(control, name);
  if (found !== undefined) await control.long(`drop index ${found}`);
}
