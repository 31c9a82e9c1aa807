import { accessTo, GRANTS, type Access } from './access.ts';
import { type Facts, indexNamed, invalidIndexes, readFacts, relationOf, sizeOf } from './facts.ts';
import { type IndexDefinition, indexDefinition } from './index_definition.ts';
import { IndexNames } from './index_names.ts';
import { partitionedIndex, verifyParts } from './index_partitions.ts';
import { CONCURRENT_LOCK, dropHint, MIB, newlyInvalid, waitsFor } from './index_words.ts';
import { INDEX_FORM } from './params.ts';
import { corruptionRefusal } from './reindex.ts';
import { diskSpace, lookAround } from './surroundings.ts';
import type { ActionSession, Check, Draft, MaintenanceAction, Precondition, Step, Subject } from './types.ts';
import { bytesInWords, expectedDuration } from './words.ts';

const PARTITIONED_LOCK =
  'Per partition it blocks nobody who reads or writes. Noting the index at the table itself blocks writers for a ' +
  'moment (SHARE), attaching that of a partition everybody who uses the partition.';

export const create_index: MaintenanceAction = {
  kind: 'maintenance',
  id: 'create_index',
  title: 'Create index',
  description: 'Builds an index CONCURRENTLY; on a partitioned table for each partition, then attaches them.',
  role: 'Admin',
  heavy: true,
  affectsStatements: true,
  lock: CONCURRENT_LOCK,
  grants: GRANTS.create,
  params: INDEX_FORM as MaintenanceAction['params'],

  async plan(session, params, context) {
    const facts = await readFacts(session, params.table, 'table', 'rpm');
    const definition = await indexDefinition(session, facts, params);
    const access = accessTo(facts, 'create');
    const around = await lookAround(session, facts);
    const bytes = await sizeOf(session, facts.oid, 'pg_table_size');
    const built =
      facts.relkind === 'p'
        ? await partitionedIndex(session, facts, definition)
        : await plainIndex(session, facts, definition);
    const trial = await tryOut(session, facts, definition, access, around.preconditions);
    const indexes = await sizeOf(session, facts.oid, 'pg_indexes_size');
    return {
      title: `Create index on ${facts.printed} (${definition.columns.join(', ')})`,
      relation: relationOf(facts),
      steps: [...access.steps, ...built.steps],
      lock:
        facts.relkind === 'p'
          ? { level: 'ACCESS EXCLUSIVE', words: PARTITIONED_LOCK }
          : { level: 'SHARE UPDATE EXCLUSIVE', words: CONCURRENT_LOCK },
      expected: expectedDuration(bytes, context.rate, 40 * MIB),
      waitsFor: waitsFor(around.oldTransactions),
      preconditions: [
        access.precondition,
        ...around.preconditions,
        ...built.preconditions,
        ...trial,
        ...corruptionRefusal(facts.versionNum),
        ...diskSpace(bytes, bytesInWords),
      ],
      predicted: [{ title: 'Size of all indexes of the table', unit: 'bytes', before: indexes, after: null }],
      subject: {
        lockOid: facts.oid,
        oid: facts.oid,
        name: facts.printed,
        table: facts.printed,
        bytes,
        index: built.index,
        parts: built.parts,
        invalidBefore: (await invalidIndexes(session, facts.oid)).map(({ name }) => name),
      },
    };
  },

  async measure(session, { oid, index }) {
    const made = await indexNamed(session, index!);
    return [
      {
        title: 'Size of all indexes of the table',
        unit: 'bytes',
        value: await sizeOf(session, oid, 'pg_indexes_size'),
      },
      {
        title: 'Size of the new index',
        unit: 'bytes',
        value: made === undefined ? 0 : await sizeOf(session, made.oid, 'pg_relation_size'),
      },
    ];
  },

  async verify(session, subject) {
    if (subject.parts !== undefined) return verifyParts(session, subject);
    const found = await indexNamed(session, subject.index!);
    const left = await newlyInvalid(session, subject);
    const { name } = subject.index!;
    const message = found === undefined ? `${name} is not there` : `${name} is ${found.valid ? '' : 'not '}valid`;
    const hint = dropHint(left);
    const check: Check = { title: 'Valid', state: found?.valid ? 'ok' : 'missing', message, cure: hint };
    return { checks: [{ ...check, left: left.map(({ oid }) => oid) }], hint };
  },
};

export interface BuiltIndex {
  readonly index: NonNullable<Subject['index']>;
  readonly parts?: Subject['parts'];
  readonly steps: readonly Step[];
  readonly preconditions: Draft['preconditions'];
}

async function plainIndex(session: ActionSession, facts: Facts, definition: IndexDefinition): Promise<BuiltIndex> {
  const name = await new IndexNames(session).next(facts.schema, facts.name, definition.columns);
  const [{ quoted }] = await session.query<{ quoted: string }>('select quote_ident($1) as quoted', [name]);
  const unique = definition.unique ? 'unique ' : '';
  const sql = `create ${unique}index concurrently ${quoted} on ${facts.printed} ${definition.sql}`;
  return { index: { schema: facts.schema, name }, steps: [{ sql, waits: 'transactions' }], preconditions: [] };
}

/**
 * Has the server judge the definition on an empty copy, in a transaction that is rolled back: whether the method has an
 * operator class for the type, whether the predicate's operator exists.
 */
async function tryOut(
  session: ActionSession,
  facts: Facts,
  definition: IndexDefinition,
  access: Access,
  known: readonly Precondition[],
): Promise<Precondition[]> {
  if (
    access.precondition.state === 'missing' ||
    known.some(({ title, state }) => title === 'Primary' && state === 'missing')
  ) {
    return [];
  }
  const title = 'Definition';
  try {
    await session.query('begin');
    for (const { sql } of access.steps) await session.query(sql.replace(/^set role/, 'set local role'));
    await session.query(`create temporary table pgvigil_trial (like ${facts.printed}) on commit drop`);
    await session.query(`create ${definition.unique ? 'unique ' : ''}index on pg_temp.pgvigil_trial ${definition.sql}`);
    return [{ title, state: 'ok', message: 'the server accepts it', cure: '' }];
  } catch (error) {
    const { message, code = '', severity } = error as { message: string; code?: string; severity?: string };
    if (severity === undefined) throw error;
    // No right to make temporary tables, or somebody holds a lock on the table: then it was not tried.
    if (['42501', '55P03'].includes(code)) {
      return [{ title, state: 'warn', message: `it could not be tried out: ${message}`, cure: '' }];
    }
    return [{ title, state: 'missing', message: `the server refuses it: ${message}`, cure: 'Change the definition.' }];
  } finally {
    await session.query('rollback');
  }
}
