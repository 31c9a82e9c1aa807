/** All that arms may have set, as it was: after the last block, or after whoever has set it was killed. */
import { describeFailure } from '../../db/errors.ts';
import { isSameSetting, readPooler } from '../pooler.ts';
import type { Baseline } from './baseline.ts';
import type { Control } from './control.ts';
import { dropIndex } from './indexes.ts';
import { currentValues, setValues, type Values } from './settings.ts';

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
  for (const sql of baseline.unset.toReversed()) await attempt('scripts', () => control.long(sql));
  for (const name of baseline.indexes) await attempt(`index ${name}`, () => dropIndex(control, name));
  if (Object.keys(baseline.settings).length > 0) await attempt('settings', () => takeBackSettings(control, baseline));
  if (Object.keys(baseline.pooler).length > 0) await attempt('pooler', () => takeBackPooler(control, baseline));
  return problems;
}

const takeBackSettings = (control: Control, { settings, ours }: Baseline): Promise<string[]> =>
  takeBackValues('setting', settings, ours.settings, {
    read: () => currentValues(control, Object.keys(settings)),
    write: (values) => setValues(control, values),
    same: (a, b) => a === b,
  });

const takeBackPooler = (control: Control, { pooler, ours }: Baseline): Promise<string[]> =>
  takeBackValues("PgBouncer's", pooler, ours.pooler, {
    async read() {
      const found = await control.console(readPooler);
      return Object.fromEntries(Object.keys(pooler).map((name) => [name, found.get(name)?.value ?? null]));
    },
    async write(values) {
      for (const [name, value] of Object.entries(values)) await control.console((session) => session.set(name, value!));
    },
    same: (a, b) => a === b || (a !== null && b !== null && isSameSetting(a, b)),
  });

interface Place {
  readonly read: () => Promise<Values>;
  readonly write: (values: Values) => Promise<void>;
  readonly same: (a: string | null, b: string | null) => boolean;
}

/** Values that the arms have set are taken back; others that are not as before are somebody else's. */
async function takeBackValues(
  what: string,
  before: Values,
  ours: Readonly<Record<string, readonly string[]>>,
  { read, write, same }: Place,
): Promise<string[]> {
  const found = await read();
  const changed = Object.keys(before).filter((name) => !same(found[name], before[name]));
  const back = changed.filter((name) => ours[name].some((value) => same(value, found[name])));
  await write(Object.fromEntries(back.map((name) => [name, before[name]])));
  const now = await read();
  return changed.flatMap((name) => {
    if (same(now[name], before[name])) return [];
    const words = `${what} ${name} is ${now[name] ?? 'not set'}, and was ${before[name] ?? 'not set'}`;
    return [back.includes(name) ? words : `${words}: somebody else has set it meanwhile`];
  });
}
