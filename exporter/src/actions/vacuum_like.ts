/** What VACUUM, VACUUM (FREEZE) and ANALYZE have in common: on a table with its partitions, all figures are sums. */
import type { ParamValues } from '../contract/index.ts';
import { accessTo, GRANTS } from './access.ts';
import { readFacts, relationOf, sizeOf } from './facts.ts';
import { TABLE } from './params.ts';
import { heldBack, lookAround } from './surroundings.ts';
import type { ActionSession, Draft, Figure, MaintenanceAction, PlanContext, Subject, Verdict } from './types.ts';
import { expectedDuration } from './words.ts';

interface Kind {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly role: MaintenanceAction['role'];
  readonly heavy: boolean;
  readonly lock: string;
  /** `%s` is the table. */
  readonly statement: string;
  /** How often it ran: pg_stat_all_tables says so, for each kind. */
  readonly counter: 'vacuum_count' | 'analyze_count';
  readonly bytesPerSecond: number;
  /** Pages that ANALYZE samples are bounded; VACUUM may read all. */
  readonly readsAtMost?: number;
  /** Deleted rows that a snapshot still sees stay: worth a warning. */
  readonly removesRows: boolean;
  figures(row: Stats): Figure[];
  predicted(row: Stats): Draft['predicted'];
}

export interface Stats {
  readonly deadRows: number | null;
  readonly changedRows: number | null;
  readonly freezeAge: number | null;
  readonly bytes: number | null;
}

const STATS_SQL = `
  select sum(s.n_dead_tup)::float8 as "deadRows", sum(s.n_mod_since_analyze)::float8 as "changedRows",
         max(age(nullif(c.relfrozenxid::text, '0')::xid))::float8 as "freezeAge",
         sum(s.vacuum_count)::float8 as vacuum_count, sum(s.analyze_count)::float8 as analyze_count
    from (select $1::oid as oid union select relid from pg_partition_tree($1::oid::regclass)) t
    join pg_class c on c.oid = t.oid
    left join pg_stat_all_tables s on s.relid = t.oid`;

type Counted = Omit<Stats, 'bytes'> & Record<'vacuum_count' | 'analyze_count', number | null>;

const counted = async (session: ActionSession, oid: number): Promise<Counted> =>
  (await session.query<Counted>(STATS_SQL, [oid]))[0];

export function vacuumLike(kind: Kind): MaintenanceAction {
  const { id, title, description, role, heavy, lock } = kind;

  async function plan(session: ActionSession, params: ParamValues, context: PlanContext): Promise<Draft> {
    const facts = await readFacts(session, params.table, 'table', 'rpm');
    const access = accessTo(facts, 'maintain');
    const around = await lookAround(session, facts);
    const bytes = await sizeOf(session, facts.oid, 'pg_total_relation_size');
    const counts = await counted(session, facts.oid);
    const read = bytes === null ? null : Math.min(bytes, kind.readsAtMost ?? bytes);
    return {
      title: `${title} ${facts.printed}`,
      relation: relationOf(facts),
      steps: [...access.steps, { sql: kind.statement.replace('%s', () => facts.printed), waits: 'lock' }],
      lock: { level: 'SHARE UPDATE EXCLUSIVE', words: lock },
      expected: expectedDuration(read, context.rate, kind.bytesPerSecond),
      waitsFor: [],
      preconditions: [
        access.precondition,
        ...around.preconditions,
        ...(kind.removesRows ? heldBack(around.oldTransactions) : []),
      ],
      predicted: kind.predicted({ ...counts, bytes }),
      subject: {
        lockOid: facts.oid,
        oid: facts.oid,
        name: facts.printed,
        table: facts.printed,
        bytes: read,
        before: { [kind.counter]: counts[kind.counter] },
      },
    };
  }

  async function measure(session: ActionSession, { oid }: Subject): Promise<Figure[]> {
    return kind.figures({
      ...(await counted(session, oid)),
      bytes: await sizeOf(session, oid, 'pg_total_relation_size'),
    });
  }

  async function verify(session: ActionSession, { oid, name, before }: Subject): Promise<Verdict> {
    const now = await counted(session, oid);
    const earlier = before?.[kind.counter] ?? null;
    const count = now[kind.counter];
    const ran = earlier === null || count === null ? null : count > earlier;
    const [state, message] =
      ran === null
        ? (['warn', `the server does not count how often ${name} was worked on (track_counts is off?)`] as const)
        : ran
          ? (['ok', `the server counts one more ${kind.counter.replace('_count', '')} of ${name}`] as const)
          : (['missing', `the server counts no further ${kind.counter.replace('_count', '')} of ${name}`] as const);
    return { checks: [{ title: 'It ran', state, message, cure: '' }], hint: '' };
  }

  return {
    kind: 'maintenance',
    id,
    title,
    description,
    role,
    heavy,
    lock,
    affectsStatements: false,
    grants: GRANTS.maintain,
    params: [TABLE],
    plan,
    measure,
    verify,
  };
}
