/** Indexes of an arm. */
import { BadValue } from '../../config/problems.ts';
import type { Switches } from '../workload/schema.ts';
import type { Control } from './control.ts';

/** Also in a schema that the login may not look into, where to_regclass would fail. $1 is the name as one writes it. */
const FROM_NAMED = `
  from pg_catalog.parse_ident($1) as part
  join pg_catalog.pg_class c on c.relname = part[pg_catalog.cardinality(part)]
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = part[pg_catalog.cardinality(part) - 1]
    or pg_catalog.cardinality(part) = 1 and pg_catalog.pg_table_is_visible(c.oid)`;

/** Quoted, with its schema; an invalid one too. @throws DatabaseFailure */
export async function indexNamed(control: Control, name: string): Promise<string | undefined> {
  const rows = await control.query<{ name: string }>(
    `select pg_catalog.format('%I.%I', n.nspname, c.relname) as name ${FROM_NAMED}`,
    [name],
  );
  return rows[0]?.name;
}

/** @throws BadValue where the statement makes another index; DatabaseFailure */
export async function createIndex(control: Control, { name, create }: Switches['indexes'][number]): Promise<void> {
  await asOwner(control, TABLE.exec(create)?.[1], () => control.long(create));
  if ((await indexNamed(control, name)) === undefined)
    throw new BadValue(
      `arms: the statement of index ${name} has not made it`,
      'Use the same name in both; its schema is that of its table.',
    );
}

/** Harmless when it is not there. @throws DatabaseFailure */
export async function dropIndex(control: Control, name: string): Promise<void> {
  const found = await indexNamed(control, name);
  if (found !== undefined) await asOwner(control, found, () => control.long(`drop index ${found}`));
}

const NAME = '(?:"(?:[^"]|"")+"|[\\w$]+)';
/** The first thing that an index is said to be on. Where it is something else, the server says what is missing. */
const TABLE = new RegExp(`\\bon\\s+(?:only\\s+)?(${NAME}(?:\\.${NAME})?)`, 'i');

/** Only an owner may: the login itself, or a role that it can be for a while. */
async function asOwner(control: Control, relation: string | undefined, work: () => Promise<void>): Promise<void> {
  const [owner] =
    relation === undefined
      ? []
      : await control.query<{ name: string; canBe: boolean }>(
          `select pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner)) as name,
                  not pg_catalog.pg_has_role(c.relowner, 'usage') and pg_catalog.pg_has_role(c.relowner, 'member') as "canBe"
                  ${FROM_NAMED}`,
          [relation],
        );
  if (!owner?.canBe) return work();
  await control.query(`set role ${owner.name}`);
  try {
    await work();
  } finally {
    // A session that was lost has forgotten it.
    await control.query('reset role').catch(() => undefined);
  }
}
