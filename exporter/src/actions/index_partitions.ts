/** An index on a partitioned table without blocking it: noted there, built per partition, then attached. */
import type { BuiltIndex } from './create_index.ts';
import { type Facts, indexNamed, type InvalidIndex } from './facts.ts';
import type { IndexDefinition } from './index_definition.ts';
import { IndexNames } from './index_names.ts';
import { dropHint } from './index_words.ts';
import {
  ActionRefusal,
  type Check,
  type ActionSession,
  type IndexName,
  type Precondition,
  type Step,
  type Subject,
  type Verdict,
} from './types.ts';

/** Parents before their partitions. */
const TREE_SQL = `
  select t.relid::oid as oid, t.relid::text as printed, t.parentrelid::oid as parent, t.isleaf as leaf, c.relkind,
         c.relowner = p.relowner as "sameOwner", has_schema_privilege(p.relowner, n.oid, 'CREATE') as create,
         quote_ident(n.nspname) as "schemaQuoted", n.nspname as schema, c.relname as name
    from pg_partition_tree($1::oid::regclass) t
    join pg_class c on c.oid = t.relid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_class p on p.oid = $1
   order by t.level, t.relid`;

interface Partition {
  readonly oid: number;
  readonly printed: string;
  readonly parent: number | null;
  readonly leaf: boolean;
  readonly relkind: string;
  readonly sameOwner: boolean;
  /** Its owner may create something beside it. */
  readonly create: boolean;
  readonly schemaQuoted: string;
  readonly schema: string;
  readonly name: string;
}

/** A unique index over partitions must contain the key that distributes the rows; expressions there rule it out. */
const KEY_SQL = `
  select array_agg(coalesce(a.attname, 'an expression') order by k.o)::text[] as key
    from pg_partitioned_table p
   cross join unnest(p.partattrs) with ordinality k (attnum, o)
    left join pg_attribute a on a.attrelid = p.partrelid and a.attnum = k.attnum and k.attnum > 0
   where p.partrelid = any ($1::oid[])`;

export async function partitionedIndex(
  session: ActionSession,
  facts: Facts,
  definition: IndexDefinition,
): Promise<BuiltIndex> {
  const tree = await session.query<Partition>(TREE_SQL, [facts.oid]);
  const foreign = tree.find(({ relkind }) => relkind === 'f');
  if (foreign !== undefined) {
    throw new ActionRefusal(
      `params.table: the partition ${foreign.printed} is a foreign table, which can have no index here`,
      'Create the index on each partition by itself.',
    );
  }
  if (definition.unique) await requireKey(session, tree, definition.columns);
  const names = new IndexNames(session);
  const indexes = new Map<number, IndexName & { readonly quoted: string; readonly printed: string }>();
  const unique = definition.unique ? 'unique ' : '';
  const builds: Step[] = [];
  const attaches: Step[] = [];
  const parts: { index: IndexName; parent: IndexName | null; sql: string }[] = [];
  for (const table of tree) {
    const name = await names.next(table.schema, table.name, definition.columns);
    const [quoted] = await session.query<{ quoted: string; printed: string }>(
      "select quote_ident($1) as quoted, format('%I.%I', $2::text, $1::text) as printed",
      [name, table.schema],
    );
    const index = { schema: table.schema, name };
    indexes.set(table.oid, { ...index, ...quoted });
    const step: Step = table.leaf
      ? {
          sql: `create ${unique}index concurrently ${quoted.quoted} on ${table.printed} ${definition.sql}`,
          waits: 'transactions',
        }
      : { sql: `create ${unique}index ${quoted.quoted} on only ${table.printed} ${definition.sql}`, waits: 'lock' };
    builds.push(step);
    const parent = table.oid === facts.oid ? undefined : indexes.get(table.parent!);
    if (parent !== undefined) {
      // From the leaves up: an index becomes valid with the last of its parts.
      attaches.unshift({ sql: `alter index ${parent.printed} attach partition ${quoted.printed}`, waits: 'lock' });
    }
    parts.push({
      index,
      parent: parent === undefined ? null : { schema: parent.schema, name: parent.name },
      sql: step.sql,
    });
  }
  const others = tree.filter(({ sameOwner }) => !sameOwner).map(({ printed }) => printed);
  const preconditions: Precondition[] =
    others.length === 0
      ? []
      : [
          {
            title: 'One owner',
            state: 'missing',
            message: `${others.slice(0, 5).join(', ')} belong to another role than ${facts.printed}`,
            cure: `alter table … owner to ${facts.ownerQuoted};`,
          },
        ];
  const closed = [...new Set(tree.filter(({ create }) => !create).map(({ schemaQuoted }) => schemaQuoted))];
  if (closed.length > 0) {
    const cure = `grant create on schema ${closed.join(', ')} to ${facts.ownerQuoted};`;
    const message = `${facts.owner} may create nothing in ${closed.join(', ')}, where partitions are`;
    preconditions.push({ title: 'Schemas of partitions', state: 'missing', message, cure });
  }
  return { index: parts[0].index, parts, steps: [...builds, ...attaches], preconditions };
}

async function requireKey(
  session: ActionSession,
  tree: readonly Partition[],
  columns: readonly string[],
): Promise<void> {
  const [{ key }] = await session.query<{ key: string[] | null }>(KEY_SQL, [tree.map(({ oid }) => oid)]);
  const lacking = (key ?? []).filter((column) => !columns.includes(column));
  if (lacking.length === 0) return;
  throw new ActionRefusal(
    `params.unique: a unique index on a partitioned table must contain its partition key: ${lacking.join(', ')}`,
    'Add these columns, or leave unique out.',
  );
}

/** What is built, what is not, what is attached. */
export async function verifyParts(session: ActionSession, { parts = [] }: Subject): Promise<Verdict> {
  const checks: Check[] = [];
  const leftovers: InvalidIndex[] = [];
  const loose: string[] = [];
  for (const { index, parent, sql } of parts) {
    const found = await indexNamed(session, index);
    const printed = `${index.schema}.${index.name}`;
    if (found === undefined) {
      checks.push({ title: 'Built', state: 'missing', message: `${printed} is not there`, cure: `${sql};` });
      continue;
    }
    const [{ attached }] = await session.query<{ attached: boolean }>(
      'select exists (select from pg_inherits where inhrelid = $1) as attached',
      [found.oid],
    );
    if (parent === null || !found.valid || !attached) {
      const valid = found.valid ? 'valid' : 'not valid';
      const words = parent === null ? valid : `${valid} and ${attached ? 'attached' : 'not attached'}`;
      const good = found.valid && (parent === null || attached);
      const left = found.valid ? undefined : [found.oid];
      checks.push({
        title: 'Complete',
        state: good ? 'ok' : 'missing',
        message: `${printed} is ${words}`,
        cure: '',
        left,
      });
    }
    if (!found.valid) leftovers.push({ oid: found.oid, name: printed });
    else if (parent !== null && !attached) loose.push(printed);
  }
  const complete = checks.every(({ state }) => state === 'ok');
  if (complete) {
    const message = `${parts.length - 1} partitions have the index, and it is attached`;
    return { checks: [...checks, { title: 'Partitions', state: 'ok', message, cure: '' }], hint: '' };
  }
  const missing = checks.filter(({ title }) => title === 'Built').length;
  const words = [`Not complete: ${missing} of ${parts.length} indexes are not built.`, dropHint(leftovers)];
  if (loose.length > 0)
    words.push(`Built and not attached, of use to their partitions: ${loose.join(', ')}; drop them with “Drop index”.`);
  return { checks, hint: words.filter(Boolean).join(' ') };
}
