/** What the two actions that drop an index share. */
import { indexNamed, sizeOf } from './facts.ts';
import type { Facts } from './facts.ts';
import { LEFTOVER_TITLE } from './index_words.ts';
import type { Figure, ActionSession, Subject, Verdict } from './types.ts';

export interface IndexState {
  readonly valid: boolean;
  readonly definition: string;
  /** `constraint c of t`, when one needs the index; a foreign key may need a plain unique one. */
  readonly neededBy: string | null;
  readonly replicaIdentity: boolean;
  /** It keeps rows distinct, without being a constraint. */
  readonly unique: boolean;
  /** Attached to the index of a partitioned table. */
  readonly attached: boolean;
  readonly scans: number | null;
  readonly since: string | null;
}

const STATE_SQL = `
  select x.indisvalid as valid, pg_get_indexdef(x.indexrelid) as definition, x.indisreplident as "replicaIdentity", x.indisunique as unique,
         exists (select from pg_inherits i where i.inhrelid = x.indexrelid) as attached,
         (select format('constraint %I of %s', o.conname, o.conrelid::regclass) from pg_constraint o
           where o.conindid = x.indexrelid order by o.contype = 'f' limit 1) as "neededBy",
         pg_stat_get_numscans(x.indexrelid)::float8 as scans,
         (select to_char(d.stats_reset at time zone 'UTC', 'YYYY-MM-DD') from pg_stat_database d
           where d.datname = current_database()) as since
    from pg_index x where x.indexrelid = $1`;

export const indexState = async (session: ActionSession, { oid }: Facts): Promise<IndexState> =>
  (await session.query<IndexState>(STATE_SQL, [oid]))[0];

export const dropSubject = (facts: Facts, bytes: number | null): Subject => ({
  lockOid: facts.tableOid,
  oid: facts.oid,
  name: facts.printed,
  table: facts.tablePrinted,
  bytes,
  index: { schema: facts.schema, name: facts.name },
});

export async function measureDrop(session: ActionSession, { lockOid }: Subject): Promise<Figure[]> {
  return [
    {
      title: 'Size of all indexes of the table',
      unit: 'bytes',
      value: await sizeOf(session, lockOid, 'pg_indexes_size'),
    },
  ];
}

export async function verifyDrop(session: ActionSession, subject: Subject): Promise<Verdict> {
  const found = await indexNamed(session, subject.index!);
  if (found === undefined) {
    return { checks: [{ title: 'Dropped', state: 'ok', message: `${subject.name} is gone`, cure: '' }], hint: '' };
  }
  const hint = found.valid ? '' : `${subject.name} is invalid now: drop it with “${LEFTOVER_TITLE}”.`;
  const left = found.valid ? undefined : [found.oid];
  return {
    checks: [{ title: 'Dropped', state: 'missing', message: `${subject.name} is still there`, cure: hint, left }],
    hint,
  };
}
