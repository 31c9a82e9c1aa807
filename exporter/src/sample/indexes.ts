/** Indexes are built faster after a load than kept while it lasts. */
import type pg from 'pg';

interface SetAside {
  readonly name: string;
  readonly drop: string;
  /** Creates it as it was, comment included. */
  readonly create: string;
}

/**
 * Those that enforce nothing; an invalid one is what a cancelled build left, and isn't worth building. One index of a
 * partitioned table has others below it: none of the tables here is one.
 */
const INDEXES_SQL = `
  select c.relname as name,
         format('drop index %I.%I', n.nspname, c.relname) as drop,
         pg_get_indexdef(i.indexrelid)
           || coalesce(format('; comment on index %I.%I is %L', n.nspname, c.relname, obj_description(c.oid, 'pg_class')), '')
           as create
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where i.indrelid = any ($1::regclass[])
     and i.indisvalid and not i.indisunique and not i.indisexclusion and not i.indisreplident
   order by i.indrelid, c.relname`;

/**
 * Runs `load` without the tables' indexes, then builds them as they were. Call it in a transaction: where anything
 * fails they are back with the rollback.
 */
export async function withoutIndexes(
  client: pg.Client,
  tables: readonly string[],
  load: () => Promise<void>,
  onStage: (stage: string) => void,
): Promise<void> {
  const { rows: indexes } = await client.query<SetAside>(INDEXES_SQL, [tables]);
  for (const { drop } of indexes) await client.query(drop);
  await load();
  for (const [place, { name, create }] of indexes.entries()) {
    onStage(`index ${place + 1} of ${indexes.length}: ${name}`);
    await client.query(create);
  }
}
