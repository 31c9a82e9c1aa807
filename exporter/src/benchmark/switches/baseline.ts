/** What arms will change, as it was before: kept before anything is changed, so that anybody can take it back. */
import { BadValue, suggest } from '../../config/problems.ts';
import { readPooler } from '../pooler.ts';
import { type Switches, texts } from '../workload/schema.ts';
import type { Control } from './control.ts';
import { indexNamed } from './indexes.ts';
import { readValues, type Values } from './settings.ts';

export interface Baseline {
  readonly settings: Values;
  readonly pooler: Readonly<Record<string, string>>;
  /** That were not there. */
  readonly indexes: readonly string[];
  /** SQL of the scripts that takes back; harmless where there is nothing to take back. */
  readonly unset: readonly string[];
  /** What the arms set, by name: what is found to be another value was set by somebody else. */
  readonly ours: Readonly<Record<'settings' | 'pooler', Readonly<Record<string, readonly string[]>>>>;
}

/** @param arms by name. @throws BadValue for what can't be switched, DatabaseFailure; nothing is changed. */
export async function readBaseline(control: Control, arms: Readonly<Record<string, Switches>>): Promise<Baseline> {
  const ours = { settings: valuesOf(arms, 'settings'), pooler: valuesOf(arms, 'pooler') };
  const indexes = [...new Set(Object.values(arms).flatMap((arm) => arm.indexes.map(({ name }) => name)))];
  const unset = Object.values(arms).flatMap(({ scripts }) => scripts.map((script) => script.unset));
  for (const name of indexes) await refuseIndex(control, name);
  const settings = await readValues(control, Object.keys(ours.settings), (name) => `arms: settings.${name}`);
  return { settings, pooler: await poolerBefore(control, ours.pooler), indexes, unset: [...new Set(unset)], ours };
}

function valuesOf(arms: Readonly<Record<string, Switches>>, kind: 'settings' | 'pooler'): Record<string, string[]> {
  const values: Record<string, string[]> = {};
  for (const arm of Object.values(arms)) {
    for (const [name, value] of Object.entries(texts(arm[kind]))) values[name] = [...(values[name] ?? []), value];
  }
  return values;
}

async function refuseIndex(control: Control, name: string): Promise<void> {
  if (!/^[^.]+\.[^.]+$/.test(name))
    throw new BadValue(
      `arms: index ${name} has no schema`,
      'Write its name as schema.name: no search_path is looked at.',
    );
  if ((await indexNamed(control, name)) === undefined) return;
  throw new BadValue(`arms: index ${name} is there already`, 'Drop it, or give the one of the arm another name.');
}

async function poolerBefore(
  control: Control,
  wanted: Readonly<Record<string, string[]>>,
): Promise<Record<string, string>> {
  if (Object.keys(wanted).length === 0) return {};
  const found = await control.console(readPooler);
  return Object.fromEntries(
    Object.entries(wanted).map(([name, values]) => {
      const setting = found.get(name);
      const refuse = (why: string, cure: string): never => {
        throw new BadValue(`arms: pooler.${name}: ${why}`, cure);
      };
      if (setting === undefined) return refuse('this PgBouncer has no such setting', suggest(name, [...found.keys()]));
      if (!setting.changeable)
        refuse('it needs a restart of PgBouncer', 'Choose one that SHOW CONFIG calls changeable.');
      if (!values.every((value) => /^[\w.:,*/ -]*$/.test(value))) refuse('its value has signs that no setting has', 'Correct it.'); // prettier-ignore
      return [name, setting.value];
    }),
  );
}
