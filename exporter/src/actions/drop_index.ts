import { accessTo, GRANTS } from './access.ts';
import { readFacts, relationOf, sizeOf } from './facts.ts';
import { dropSubject, indexState, measureDrop, verifyDrop } from './index_drops.ts';
import { CONCURRENT_LOCK, waitsFor } from './index_words.ts';
import { INDEX } from './params.ts';
import { lookAround } from './surroundings.ts';
import { ActionRefusal, type MaintenanceAction, type Precondition } from './types.ts';

export const drop_index: MaintenanceAction = {
  kind: 'maintenance',
  id: 'drop_index',
  title: 'Drop index',
  description: 'Drops an index that nothing needs. The statement that brings it back is shown and kept.',
  role: 'Admin',
  heavy: true,
  affectsStatements: true,
  lock: CONCURRENT_LOCK,
  grants: GRANTS.own,
  params: [INDEX],

  async plan(session, params) {
    const facts = await readFacts(session, params.index, 'index', 'iI');
    const state = await indexState(session, facts);
    const refuse = (why: string, cure: string): never => {
      throw new ActionRefusal(`params.index: ${facts.printed} ${why}`, cure);
    };
    if (facts.relkind === 'I') {
      refuse(
        'is on a partitioned table, where an index cannot be dropped CONCURRENTLY',
        'Drop it in a quiet hour with DROP INDEX.',
      );
    }
    if (state.neededBy !== null)
      refuse(`is needed by ${state.neededBy}`, 'Drop the constraint instead, if it is not wanted.');
    if (state.attached) {
      refuse(
        'is part of the index of a partitioned table',
        'It goes with that index, or when its partition is detached.',
      );
    }
    if (state.replicaIdentity) refuse('is the replica identity of its table', 'Choose another replica identity first.');
    const access = accessTo(facts, 'own');
    const around = await lookAround(session, facts);
    const bytes = await sizeOf(session, facts.oid, 'pg_relation_size');
    const indexes = await sizeOf(session, facts.tableOid, 'pg_indexes_size');
    return {
      title: `Drop index ${facts.printed}`,
      relation: relationOf(facts),
      steps: [...access.steps, { sql: `drop index concurrently ${facts.printed}`, waits: 'transactions' }],
      lock: { level: 'SHARE UPDATE EXCLUSIVE', words: CONCURRENT_LOCK },
      expected: { seconds: 1, basis: 'nothing is read; it only waits' },
      waitsFor: waitsFor(around.oldTransactions),
      preconditions: [
        access.precondition,
        ...around.preconditions,
        use(state.scans, state.since),
        ...keepsDistinct(state.unique),
        wayBack(state.definition),
      ],
      predicted: [
        {
          title: 'Size of all indexes of the table',
          unit: 'bytes',
          before: indexes,
          after: indexes === null || bytes === null ? null : indexes - bytes,
        },
      ],
      subject: dropSubject(facts, null),
    };
  },
  measure: measureDrop,
  verify: verifyDrop,
};

function use(scans: number | null, since: string | null): Precondition {
  const known = `since ${since ?? 'the statistics were last reset'}, on this server; standbys count for themselves`;
  return scans === 0
    ? { title: 'Unused', state: 'ok', message: `no scan ${known}`, cure: '' }
    : { title: 'Unused', state: 'warn', message: `${scans ?? 'an unknown number of'} scans ${known}`, cure: '' };
}

/** A unique index works for its living with every INSERT, though no scan is ever counted. */
function keepsDistinct(unique: boolean): Precondition[] {
  if (!unique) return [];
  const message =
    'it is unique: without it, rows that are equal in its columns are let in, and ON CONFLICT does not find it';
  return [{ title: 'Uniqueness', state: 'warn', message, cure: 'Be sure that nothing relies on it.' }];
}

const wayBack = (definition: string): Precondition => ({
  title: 'Way back',
  state: 'ok',
  message: definition.replace(/^(CREATE (?:UNIQUE )?INDEX) /, '$1 CONCURRENTLY '),
  cure: '',
});
