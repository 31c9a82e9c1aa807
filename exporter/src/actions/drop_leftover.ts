import { accessTo, GRANTS } from './access.ts';
import { readFacts, relationOf, sizeOf } from './facts.ts';
import { dropSubject, indexState, measureDrop, verifyDrop } from './index_drops.ts';
import { CONCURRENT_LOCK, LEFTOVER_TITLE, waitsFor } from './index_words.ts';
import { INVALID_INDEX } from './params.ts';
import { lookAround } from './surroundings.ts';
import { ActionRefusal, type MaintenanceAction, type Precondition } from './types.ts';
import { bytesInWords } from './words.ts';

const PARTITIONED_LOCK = 'Blocks readers and writers of the table and all its partitions for a moment.';

export const drop_leftover: MaintenanceAction = {
  kind: 'maintenance',
  id: 'drop_leftover',
  title: LEFTOVER_TITLE,
  description: 'Drops an invalid index that a cancelled or killed build left: it is kept up to date and never read.',
  role: 'Admin',
  heavy: false,
  affectsStatements: false,
  lock: CONCURRENT_LOCK,
  grants: GRANTS.own,
  params: [INVALID_INDEX],

  async plan(session, params) {
    const facts = await readFacts(session, params.index, 'index', 'iI');
    const state = await indexState(session, facts);
    if (state.valid) {
      throw new ActionRefusal(
        `params.index: ${facts.printed} is valid, so it is no leftover`,
        'To drop it all the same: “Drop index”.',
      );
    }
    if (state.neededBy !== null) {
      throw new ActionRefusal(`params.index: ${facts.printed} is needed by ${state.neededBy}`, 'Rebuild it instead.');
    }
    if (state.attached) {
      throw new ActionRefusal(
        `params.index: ${facts.printed} is attached to the index of a partitioned table`,
        'Drop that index: this one goes with it.',
      );
    }
    const access = accessTo(facts, 'own');
    const around = await lookAround(session, facts);
    const bytes = await sizeOf(session, facts.oid, 'pg_relation_size');
    // PostgreSQL drops the index of a partitioned table, with those attached to it, in no other way.
    const partitioned = facts.relkind === 'I';
    const freed: Precondition = {
      title: 'Invalid',
      state: 'ok',
      message: `no query can use it; ${bytes === null ? 'its size is unknown' : bytesInWords(bytes)}`,
      cure: '',
    };
    return {
      title: `${LEFTOVER_TITLE} ${facts.printed}`,
      relation: relationOf(facts),
      steps: [
        ...access.steps,
        partitioned
          ? { sql: `drop index ${facts.printed}`, waits: 'lock' }
          : { sql: `drop index concurrently ${facts.printed}`, waits: 'transactions' },
      ],
      lock: partitioned
        ? { level: 'ACCESS EXCLUSIVE', words: PARTITIONED_LOCK }
        : { level: 'SHARE UPDATE EXCLUSIVE', words: CONCURRENT_LOCK },
      expected: { seconds: 1, basis: 'nothing is read; it only waits' },
      waitsFor: partitioned ? [] : waitsFor(around.oldTransactions),
      preconditions: [access.precondition, ...around.preconditions, freed],
      predicted: [],
      subject: dropSubject(facts, null),
    };
  },
  measure: measureDrop,
  verify: verifyDrop,
};
