/** `pgvigil partitions create`: one transaction per table, so that one that is locked holds up no other. */
import { type Patience, runPatiently } from './patience.ts';
import type { Sessions } from './sessions.ts';
import { reasonOf, type Undone } from './undone.ts';

/** A row of pgvigil.create_partitions_ahead; bounds as PostgreSQL prints them. */
export interface CreatedPartition {
  readonly parent: string;
  readonly partition: string;
  readonly range_start: string;
  readonly range_end: string;
  readonly rows_moved: number;
  readonly action: string;
}

/** By its oid: to look up a name takes the right to use its schema, which a role that maintains may not have. */
export interface Table {
  readonly oid: number;
  /** As the server prints it: with its schema, quoted where it must be. */
  readonly name: string;
}

export interface CreateResult {
  readonly created: readonly CreatedPartition[];
  readonly undone: readonly Undone[];
}

/** @param only undefined: every table with a policy. */
export async function createPartitions(
  sessions: Sessions,
  patience: Patience,
  only: Table | undefined,
): Promise<CreateResult> {
  const tables = only === undefined ? await tablesWithPolicy(sessions) : [only];
  const created: CreatedPartition[] = [];
  const undone: Undone[] = [];
  for (const { oid, name } of tables) {
    try {
      const report = (line: string): void => patience.report(`${name}: ${line}`);
      const outcome = await runPatiently(sessions, { ...patience, report }, async (acting) => {
        const { rows } = await acting.query<{ row: CreatedPartition }>(
          'select to_jsonb(c) as row from pgvigil.create_partitions_ahead($1::oid, make_interval(secs => $2)) c',
          [oid, patience.lockTimeoutMs / 1000],
        );
        return rows.map(({ row }) => row);
      });
      if (outcome.done) created.push(...outcome.value);
      else if (outcome.why === 'interrupted') undone.push({ name, why: 'interrupted: nothing was changed' });
      else undone.push({ name, why: `no lock after ${patience.attempts} attempts: nothing was changed` });
    } catch (error) {
      undone.push({ name, why: reasonOf(error) });
    }
    if (patience.signal.aborted) break;
  }
  return { created, undone };
}

async function tablesWithPolicy({ watching }: Sessions): Promise<Table[]> {
  const { rows } = await watching.query<Table>(
    'select c.oid, p.parent::text as name from pgvigil.partition_policy p join pg_class c on c.oid = p.parent order by name',
  );
  return rows;
}
