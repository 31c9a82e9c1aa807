/** Parses the texts of new statements: a few at a time, or the first 5,000 would keep scrapes waiting for seconds. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describeStatement, loadParser } from '../statements/parse.ts';
import type { RecordingSession } from './session.ts';

const AT_ONCE = 100;

export async function describeTexts(session: RecordingSession, target: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const rows = await session.query<{ id: number; query: string }>(
      'select id, query from pgvigil_state.statement where target = $1 and kind is null order by id limit $2',
      [target, AT_ONCE],
    );
    if (rows.length === 0 || signal.aborted) return;
    await loadParser();
    const described: { id: number; kind: string; tables: readonly string[] }[] = [];
    for (const { id, query } of rows) {
      described.push({ id, ...describeStatement(query) });
      await nextTurn();
    }
    await session.query('select pgvigil_state.describe_statements($1)', [JSON.stringify(described)]);
  }
}
