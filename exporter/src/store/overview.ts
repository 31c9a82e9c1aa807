/** What the state database holds, for `pgvigil state status`. */
import type pg from 'pg';

export interface TableSize {
  readonly table: string;
  readonly bytes: number;
  readonly partitions: number;
}

export interface TargetHistory {
  readonly target: string;
  readonly from: Date | null;
  readonly to: Date | null;
  readonly statements: number;
  /** Of the last day. */
  readonly gapSeconds: number;
  /** Session that records it just now; null when nobody does. */
  readonly leader: string | null;
}

export interface Overview {
  readonly sizes: readonly TableSize[];
  /** First and last day (UTC) that there is a partition for. */
  readonly days: { readonly first: string | null; readonly last: string | null };
  readonly targets: readonly TargetHistory[];
}

/** Half of the key of every leader's advisory lock; the other half is the target's id. `pgvh` in ASCII. */
export const LEADER_LOCK = 0x70677668;

export async function readOverview(client: pg.Client): Promise<Overview> {
  const sizes = await client.query<TableSize>(SIZES_SQL);
  const days = await client.query<Overview['days']>(DAYS_SQL);
  const targets = await client.query<TargetHistory>(TARGETS_SQL, [LEADER_LOCK]);
  return { sizes: sizes.rows, days: days.rows[0], targets: targets.rows };
}

const SIZES_SQL = `
  select c.relname::text as table,
         (pg_catalog.pg_total_relation_size(c.oid)
           + coalesce(sum(pg_catalog.pg_total_relation_size(i.inhrelid)), 0))::float8 as bytes,
         count(i.inhrelid)::integer as partitions
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_inherits i on i.inhparent = c.oid
   where n.nspname = 'pgvigil_state' and c.relkind in ('r', 'p') and not c.relispartition
   group by c.oid, c.relname
   order by 2 desc, 1`;

const DAYS_SQL = `
  select min(right(c.relname, 8)) as first, max(right(c.relname, 8)) as last
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    join pg_catalog.pg_class p on p.oid = i.inhparent
    join pg_catalog.pg_namespace n on n.oid = p.relnamespace
   where n.nspname = 'pgvigil_state' and p.relname = 'point'`;

const TARGETS_SQL = `
  select t.name as target,
         (select min(p.at) from pgvigil_state.point p where p.target = t.id and p.stream = 'statement') as "from",
         (select max(p.at) from pgvigil_state.point p where p.target = t.id and p.stream = 'statement') as "to",
         (select count(*)::integer from pgvigil_state.statement s where s.target = t.id) as statements,
         (select coalesce(extract(epoch from sum(p.at - p.previous)), 0)::float8 from pgvigil_state.point p
           where p.target = t.id and p.stream = 'statement' and p.gap and p.at > now() - interval '1 day') as "gapSeconds",
         (select pg_catalog.format('%s (pid %s)', a.application_name, a.pid)
            from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid
           where l.locktype = 'advisory' and l.granted and l.objsubid = 2
             and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
             and l.classid::bigint = $1::bigint and l.objid::bigint = t.id
           limit 1) as leader
    from pgvigil_state.target t
   order by t.name`;
