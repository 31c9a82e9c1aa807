import { accessTo, GRANTS } from './access.ts';
import { type Facts, readFacts, relationOf, sizeOf } from './facts.ts';
import { CONCURRENTLY, VIEW } from './params.ts';
import { remembered } from './remembered.ts';
import { lookAround } from './surroundings.ts';
import { ActionRefusal, type ActionSession, type MaintenanceAction, type Precondition } from './types.ts';
import { expectedDuration } from './words.ts';

/** A unique index on plain columns over all rows is what CONCURRENTLY compares by. */
const VIEW_SQL = `
  select c.relispopulated as populated,
         exists (select from pg_index x where x.indrelid = c.oid and x.indisunique and x.indisvalid and x.indimmediate
                    and x.indpred is null and x.indexprs is null) as comparable,
         nullif(c.reltuples, -1)::float8 as rows,
         has_schema_privilege(c.relowner, c.relnamespace, 'USAGE') as usage,
         has_database_privilege(c.relowner, current_database(), 'TEMPORARY') as temporary,
         format('grant temporary on database %I to %s;', current_database(), c.relowner::regrole) as cure
    from pg_class c where c.oid = $1`;

interface View {
  readonly populated: boolean;
  readonly comparable: boolean;
  readonly rows: number | null;
  /** Rights of the owner, on the schema and the database. */
  readonly usage: boolean;
  readonly temporary: boolean;
  /** For the second of them. */
  readonly cure: string;
}

const look = async (session: ActionSession, oid: number): Promise<View | undefined> =>
  (await session.query<View>(VIEW_SQL, [oid]))[0];

const WORDS = {
  concurrently: 'Readers go on; nobody else refreshes the view meanwhile.',
  plain: 'Blocks everybody who reads the view for as long as it takes.',
};

export const refresh_matview: MaintenanceAction = {
  kind: 'maintenance',
  id: 'refresh_matview',
  title: 'Refresh',
  description: 'Computes a materialized view anew, concurrently where it has a unique index.',
  role: 'Editor',
  heavy: true,
  affectsStatements: false,
  lock: `EXCLUSIVE on the view with CONCURRENTLY: ${WORDS.concurrently} ACCESS EXCLUSIVE without: ${WORDS.plain}`,
  grants: GRANTS.refresh,
  params: [VIEW, CONCURRENTLY],

  async plan(session, params, context) {
    const facts = await readFacts(session, params.view, 'view', 'm');
    const view = await look(session, facts.oid);
    const possible = view?.populated === true && view.comparable;
    if (params.concurrently === true && !possible) {
      throw new ActionRefusal(
        `params.concurrently: ${facts.printed} ${view?.populated ? 'has no unique index on plain columns over all rows' : 'was never filled'}`,
        'Leave it out for a plain refresh, or create such an index first.',
      );
    }
    const concurrently = params.concurrently ?? possible;
    const access = accessTo(facts, 'maintain');
    const run = await remembered(session, facts, access.steps, {
      sql: `refresh materialized view ${concurrently ? 'concurrently ' : ''}${facts.printed}`,
      method: concurrently ? 'concurrently' : 'plain',
    });
    const around = await lookAround(session, facts);
    const bytes = await sizeOf(session, facts.oid, 'pg_total_relation_size');
    const expected = expectedDuration(bytes, context.rate, (concurrently ? 5 : 15) * 1024 ** 2);
    return {
      title: `Refresh ${facts.printed}`,
      relation: relationOf(facts),
      steps: run.steps,
      lock: concurrently
        ? { level: 'EXCLUSIVE', words: WORDS.concurrently }
        : { level: 'ACCESS EXCLUSIVE', words: WORDS.plain },
      expected: { ...expected, basis: `${expected.basis}; what its query takes is not in its size` },
      waitsFor: [],
      preconditions: [
        access.precondition,
        ...(concurrently && view !== undefined ? ownersRights(facts, view) : []),
        run.precondition,
        ...around.preconditions,
      ],
      predicted: [],
      subject: { lockOid: facts.oid, oid: facts.oid, name: facts.printed, table: facts.printed, bytes },
    };
  },

  async measure(session, { oid }) {
    return [
      { title: 'Rows, estimated', unit: 'rows', value: (await look(session, oid))?.rows ?? null },
      { title: 'Size with indexes', unit: 'bytes', value: await sizeOf(session, oid, 'pg_total_relation_size') },
    ];
  },

  async verify(session, { oid, name }) {
    const view = await look(session, oid);
    const filled = view?.populated === true;
    const message = view === undefined ? `${name} is gone` : filled ? `${name} holds rows` : `${name} was never filled`;
    return { checks: [{ title: 'It is filled', state: filled ? 'ok' : 'missing', message, cure: '' }], hint: '' };
  },
};

/** As the owner CONCURRENTLY compares the new rows, in a temporary table, with those of the view by its name. */
function ownersRights({ owner, ownerQuoted, schemaQuoted }: Facts, { usage, temporary, cure }: View): Precondition[] {
  const title = 'Rights of the owner';
  if (!usage) {
    const message = `the owner ${owner} has no USAGE on the schema`;
    return [{ title, state: 'missing', message, cure: `grant usage on schema ${schemaQuoted} to ${ownerQuoted};` }];
  }
  if (temporary) return [];
  const message = `the owner ${owner} may make no temporary tables in this database`;
  return [{ title, state: 'missing', message, cure }];
}
