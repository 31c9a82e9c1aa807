/** PgBouncer's settings, as its console says and takes them. */
import type { Dsn } from '../config/types.ts';
import { ConsoleSession } from '../db/pgbouncer.ts';
import { within } from '../db/within.ts';

export interface PoolerSetting {
  readonly value: string;
  /** By SET in the console; others need a restart. */
  readonly changeable: boolean;
}

const ANSWER_SECONDS = 10;

/** In a session of its own: it is asked a few times in a run. @throws DatabaseFailure, also when it is silent */
export async function withConsole<T>(dsn: Dsn, work: (session: ConsoleSession) => Promise<T>): Promise<T> {
  const session = await ConsoleSession.open(dsn);
  try {
    return await within(ANSWER_SECONDS, work(session), () => session.destroy());
  } finally {
    await session.close();
  }
}

/** @throws DatabaseFailure */
export async function readPooler(session: ConsoleSession): Promise<Map<string, PoolerSetting>> {
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

const SWITCH = new Map([
  ['on', '1'],
  ['yes', '1'],
  ['true', '1'],
  ['off', '0'],
  ['no', '0'],
  ['false', '0'],
]);

/** It says 1.5 after `SET … = '1.50'`, and 1 after 'on'. */
export function isSameSetting(a: string, b: string): boolean {
  const [one, other] = [a, b].map((value) => SWITCH.get(value.toLowerCase()) ?? value);
  return one === other || (one !== '' && other !== '' && Number(one) === Number(other));
}
