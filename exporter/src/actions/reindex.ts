import { accessTo, GRANTS } from './access.ts';
import { indexNamed, invalidIndexes, readFacts, relationOf, sizeOf } from './facts.ts';
import { CONCURRENT_LOCK, dropHint, MIB, newlyInvalid, waitsFor } from './index_words.ts';
import { INDEX } from './params.ts';
import { diskSpace, lookAround } from './surroundings.ts';
import { ActionRefusal, type Check, type MaintenanceAction, type Precondition } from './types.ts';
import { bytesInWords, expectedDuration } from './words.ts';

/** Builds of these releases could leave rows out of the index; nothing in the catalogue tells. */
const corrupting = (versionNum: number): boolean => versionNum >= 140_000 && versionNum < 140_004;
export const corruptionRefusal = (versionNum: number): Precondition[] =>
  corrupting(versionNum)
    ? [
        {
          title: 'Release',
          state: 'missing',
          message: 'PostgreSQL 14.0 to 14.3 can leave rows out of an index that is built CONCURRENTLY',
          cure: 'Update the server to the newest 14.x.',
        },
      ]
    : [];

export const reindex: MaintenanceAction = {
  kind: 'maintenance',
  id: 'reindex',
  title: 'Rebuild index',
  description: 'Builds an index anew beside the old one, then swaps them: the cure for a bloated index.',
  role: 'Admin',
  heavy: true,
  affectsStatements: true,
  lock: CONCURRENT_LOCK,
  grants: GRANTS.maintain,
  params: [INDEX],

  async plan(session, params, context) {
    const facts = await readFacts(session, params.index, 'index', 'iI');
    const [{ exclusion }] = await session.query<{ exclusion: boolean }>(
      'select indisexclusion as exclusion from pg_index where indexrelid = $1',
      [facts.oid],
    );
    if (exclusion) {
      throw new ActionRefusal(
        `params.index: ${facts.printed} backs an exclusion constraint, which cannot be rebuilt CONCURRENTLY`,
        'Rebuild it in a downtime with REINDEX INDEX, which blocks writers.',
      );
    }
    const access = accessTo(facts, 'maintain');
    const around = await lookAround(session, facts);
    const bytes = await sizeOf(session, facts.oid, 'pg_relation_size');
    const tableBytes = await sizeOf(session, facts.tableOid, 'pg_table_size');
    const read = bytes === null || tableBytes === null ? null : bytes + tableBytes;
    return {
      title: `Rebuild index ${facts.printed}`,
      relation: relationOf(facts),
      steps: [...access.steps, { sql: `reindex index concurrently ${facts.printed}`, waits: 'transactions' }],
      lock: { level: 'SHARE UPDATE EXCLUSIVE', words: CONCURRENT_LOCK },
      expected: expectedDuration(read, context.rate, 40 * MIB),
      waitsFor: waitsFor(around.oldTransactions),
      preconditions: [
        access.precondition,
        ...around.preconditions,
        ...corruptionRefusal(facts.versionNum),
        ...diskSpace(bytes, bytesInWords),
      ],
      predicted: [],
      subject: {
        lockOid: facts.tableOid,
        oid: facts.oid,
        name: facts.printed,
        table: facts.tablePrinted,
        bytes: read,
        index: { schema: facts.schema, name: facts.name },
        invalidBefore: (await invalidIndexes(session, facts.tableOid)).map(({ name }) => name),
      },
    };
  },

  async measure(session, { index }) {
    const found = await indexNamed(session, index!);
    return [
      {
        title: 'Size of the index',
        unit: 'bytes',
        value: found === undefined ? null : await sizeOf(session, found.oid, 'pg_relation_size'),
      },
    ];
  },

  async verify(session, subject) {
    const found = await indexNamed(session, subject.index!);
    const left = await newlyInvalid(session, subject);
    const rebuilt = found !== undefined && (found.relkind === 'I' || found.oid !== subject.oid);
    const checks: Check[] = [
      {
        title: 'Valid',
        state: found?.valid ? 'ok' : 'missing',
        message:
          found === undefined ? `${subject.name} is gone` : `${subject.name} is ${found.valid ? '' : 'not '}valid`,
        cure: '',
      },
      {
        title: 'Rebuilt',
        state: rebuilt ? 'ok' : 'missing',
        message: rebuilt ? `${subject.name} is the new one` : `${subject.name} is still the old one`,
        cure: '',
      },
      {
        title: 'Nothing left behind',
        state: left.length === 0 ? 'ok' : 'missing',
        message:
          left.length === 0 ? 'no invalid index was left' : `left behind: ${left.map(({ name }) => name).join(', ')}`,
        cure: dropHint(left),
        left: left.map(({ oid }) => oid),
      },
    ];
    return { checks, hint: dropHint(left) };
  },
};
