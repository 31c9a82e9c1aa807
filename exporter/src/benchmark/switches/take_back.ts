/** All that arms may have set, as it was: after the last block, or after whoever has set it was killed. */
import { describeFailure } from '../../db/errors.ts';
import { settingsOf } from '../pooler.ts';
import type { Baseline } from './baseline.ts';
import type { Control } from './control.ts';
import { dropIndex } from './indexes.ts';
import { currentValues, setValues } from './settings.ts';

/**
 * Harmless when repeated. Each is tried, whatever happens to the others, and looked at again afterwards.
 * @returns what is not as it was, in words: with somebody else's value, which is left alone, or because the server refuses.
 */
export async function takeBack(control: Control, baseline: Baseline): Promise<string[]> {
  const problems: string[] = [];
  const attempt = async (what: string, work: () => Promise<string[] | void>): Promise<void> => {
    try {
      problems.push(...((await work()) ?? []));
    } catch (error) {
      problems.push(`${what}: ${describeFailure(error).message}`);
    }
  };
  for (const sql of baseline.unset.toReversed()) {
    await attempt('scripts', async () => void (await (await control.server()).query(sql)));
  }
  for (const name of baseline.indexes) await attempt(`index ${name}`, () => dropIndex(control, name));
  if (Object.keys(baseline.settings).length > 0) await attempt('settings', () => takeBackSettings(control, baseline));
  if (Object.keys(baseline.pooler).length > 0) await attempt('pooler', () => takeBackPooler(control, baseline));
  return problems;
}

async function takeBackSettings(control: Control, { settings, ours }: Baseline): Promise<string[]> {
  const client = await control.server();
  const names = Object.keys(settings);
  const found = await currentValues(client, names);
  const [back, left] = sorted(found, settings, ours.settings);
  await setValues(client, Object.fromEntries(back.map((name) => [name, settings[name]])));
  const now = await currentValues(client, names);
  return names.flatMap((name) => unlike(`setting ${name}`, settings[name], now[name], left.includes(name)));
}

async function takeBackPooler(control: Control, { pooler, ours }: Baseline): Promise<string[]> {
  const console = await control.console();
  const values = async (): Promise<Record<string, string | null>> => {
    const all = await settingsOf(console);
    return Object.fromEntries(Object.keys(pooler).map((name) => [name, all.get(name)?.value ?? null]));
  };
  const [back, left] = sorted(await values(), pooler, ours.pooler);
  for (const name of back) await console.set(name, pooler[name]);
  const now = await values();
  return Object.keys(pooler).flatMap((name) =>
    unlike(`PgBouncer's ${name}`, pooler[name], now[name], left.includes(name)),
  );
}

type Found = Readonly<Record<string, string | null>>;

/** @returns names that have one of our values, or none; and names that somebody else has set meanwhile. */
function sorted(found: Found, before: Found, ours: Readonly<Record<string, readonly string[]>>): [string[], string[]] {
  const changed = Object.keys(before).filter((name) => found[name] !== before[name]);
  const isOurs = (name: string): boolean => found[name] === null || ours[name].includes(found[name]);
  return [changed.filter(isOurs), changed.filter((name) => !isOurs(name))];
}

function unlike(what: string, before: string | null, now: string | null, foreign: boolean): string[] {
  if (before === now) return [];
  const words = `${what} is ${now ?? 'not set'}, and was ${before ?? 'not set'}`;
  return [foreign ? `${words}: somebody else has set it meanwhile` : words];
}
