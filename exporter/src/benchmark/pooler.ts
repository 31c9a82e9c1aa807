/** PgBouncer's settings, as its console says them. */
import type { Dsn } from '../config/types.ts';
import { ConsoleSession } from '../db/pgbouncer.ts';

export interface PoolerSetting {
  readonly value: string;
  /** By SET in the console; others need a restart. */
  readonly changeable: boolean;
}

/** In a session of its own. @throws DatabaseFailure */
export async function readSettings(console: Dsn): Promise<Map<string, PoolerSetting>> {
  const session = await ConsoleSession.open(console);
  try {
    return await settingsOf(session);
  } finally {
    await session.close();
  }
}

/** @throws DatabaseFailure */
export async function settingsOf(session: ConsoleSession): Promise<Map<string, PoolerSetting>> {
  let names: string[] = [];
  const found = new Map<string, PoolerSetting>();
  await session.show('SHOW CONFIG', {
    describe: (columns) => (names = columns.map(({ name }) => name)),
    row: (values) => {
      const of = (column: string): string => values[names.indexOf(column)] ?? '';
      found.set(of('key'), { value: of('value'), changeable: of('changeable') === 'yes' });
    },
  });
  return found;
}
