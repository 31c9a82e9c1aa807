/** `pgvigil partitions detach`: each detach is a statement of its own, because CONCURRENTLY commits in between. */
import type pg from 'pg';
import { DatabaseFailure } from '../db/errors.ts';
import type { Table } from './create.ts';
import { type Patience, runPatiently } from './patience.ts';
import type { Sessions } from './sessions.ts';
import { reasonOf, type Undone } from './undone.ts';

/** A row of pgvigil.expired_partitions; null is unknown, or a bound that is none. */
export interface ExpiredPartition {
  readonly oid: number;
  readonly parent: string;
  readonly partition: string;
  readonly range_start: string | null;
  readonly range_end: string | null;
  readonly detach_pending: boolean;
  readonly rows_estimate: number | null;
  readonly size_bytes: number | null;
  readonly concurrent: boolean;
  readonly reason: string | null;
  readonly referenced_by: readonly string[];
  readonly turn: number;
  readonly detach_statement: string;
  readonly drop_statement: string;
}

export interface Choice {
  /** Undefined: every table that is range-partitioned by time. */
  readonly parent?: Table;
  /** An interval as PostgreSQL reads it, instead of the policy's retention. */
  readonly olderThan?: string;
  /** Also drop the foreign keys by which a detached table would keep other candidates from being detached. */
  readonly releaseKeys?: boolean;
}

export interface DetachResult {
  readonly detached: readonly ExpiredPartition[];
  readonly undone: readonly Undone[];
  /** Statements that take away keys of detached tables which keep other partitions from being detached. */
  readonly keysInTheWay: readonly string[];
}

/** What is to be detached, in an order that foreign keys allow. */
export async function expiredPartitions(client: pg.Client, choice: Choice): Promise<ExpiredPartition[]> {
  const { rows } = await client.query<{ row: ExpiredPartition }>(
    `select to_jsonb(e) || jsonb_build_object('oid', e.partition::oid::bigint) as row
       from pgvigil.expired_partitions($1::oid, $2::interval) e`,
    [choice.parent?.oid ?? null, choice.olderThan ?? null],
  );
  return rows.map(({ row }) => row);
}

export async function detachPartitions(
  sessions: Sessions,
  patience: Patience,
  candidates: readonly ExpiredPartition[],
  { releaseKeys = false }: Pick<Choice, 'releaseKeys'> = {},
): Promise<DetachResult> {
  const { acting, watching } = sessions;
  const parents = [...new Set(candidates.map(({ parent }) => parent))];
  const detached: ExpiredPartition[] = [];
  const undone: Undone[] = [];
  await acting.query("select set_config('lock_timeout', $1, false)", [String(patience.lockTimeoutMs)]);
  for (const candidate of candidates) {
    const name = candidate.partition;
    if (patience.signal.aborted) {
      undone.push({ name, why: 'not begun' });
      continue;
    }
    try {
      await actAsOwner(acting, candidate);
      const report = (line: string): void => patience.report(`${name}: ${line}`);
      const outcome = await runPatiently(sessions, { ...patience, report }, async () => {
        // Asked each time: an attempt that got no further than its first half is to be finalised, not begun again.
        const statement = await detachStatement(watching, candidate);
        if (statement !== undefined) await acting.query(statement);
      });
      if (outcome.done) {
        detached.push(candidate);
        report('detached');
        if (!releaseKeys) continue;
        for (const statement of await foreignKeys(watching, [candidate], parents)) {
          const released = await runPatiently(sessions, { ...patience, report }, () => acting.query(statement));
          if (!released.done) undone.push({ name, why: `detached, but it still has a foreign key: ${statement};` });
        }
      } else undone.push({ name, why: await stateAfter(watching, candidate, outcome.why) });
    } catch (error) {
      undone.push({ name, why: reasonOf(error) });
    } finally {
      await acting.query('reset role').catch(() => undefined);
    }
  }
  return { detached, undone, keysInTheWay: await keysInTheWay(watching, detached, undone) };
}

async function actAsOwner(acting: pg.Client, { oid, parent }: ExpiredPartition): Promise<void> {
  const { rows } = await acting.query<{ owner: string; quoted: string }>(
    `select pg_get_userbyid(c.relowner) as owner, quote_ident(pg_get_userbyid(c.relowner)) as quoted
       from pg_class c join pg_inherits i on i.inhparent = c.oid where i.inhrelid = $1`,
    [oid],
  );
  const [{ owner, quoted }] = rows;
  try {
    await acting.query("select set_config('role', $1, false)", [owner]);
  } catch (error) {
    const message = `only its owner may detach from ${parent}, and this login may not become ${owner}: grant ${quoted} to pgvigil_owners, and pgvigil_maintain to this login`;
    throw new DatabaseFailure('permission_denied', message, { fatal: false, cause: error });
  }
}

/** @returns undefined when it is no partition any more. */
async function detachStatement(watching: pg.Client, candidate: ExpiredPartition): Promise<string | undefined> {
  const { rows } = await watching.query<{ statement: string | null }>(
    'select pgvigil.detach_statement($1::oid) as statement',
    [candidate.oid],
  );
  return rows[0].statement ?? undefined;
}

async function stateAfter(watching: pg.Client, candidate: ExpiredPartition, why: string): Promise<string> {
  const statement = await detachStatement(watching, candidate);
  const state =
    statement === undefined
      ? 'it is detached all the same'
      : statement.endsWith(' finalize')
        ? 'the detach is pending: queries no longer see its rows, and the next run finalises it'
        : 'nothing was changed';
  return `${why === 'locked' ? 'no lock' : 'interrupted'}: ${state}`;
}

async function keysInTheWay(
  watching: pg.Client,
  detached: readonly ExpiredPartition[],
  undone: readonly Undone[],
): Promise<string[]> {
  return undone.length === 0 ? [] : foreignKeys(watching, detached);
}

/**
 * A table that is detached keeps its own foreign keys, and so goes on to hold what it references.
 * @param parents only the keys that refer to one of these tables.
 * @returns the statements that drop them.
 */
async function foreignKeys(
  watching: pg.Client,
  detached: readonly ExpiredPartition[],
  parents?: readonly string[],
): Promise<string[]> {
  const { rows } = await watching.query<{ statement: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as statement
       from pg_constraint
      where contype = 'f' and conparentid = 0 and conrelid = any ($1::oid[])
        and ($2::text[] is null or confrelid::regclass::text = any ($2)) order by 1`,
    [detached.map(({ oid }) => oid), parents ?? null],
  );
  return rows.map(({ statement }) => statement);
}
