/** From one arm to the other. Taking all back is `takeBack`'s matter, whoever has set it. */
import { type Switches, texts } from '../workload/schema.ts';
import type { Baseline } from './baseline.ts';
import type { Control } from './control.ts';
import { createIndex, dropIndex } from './indexes.ts';
import { setValues } from './settings.ts';

export class Switcher {
  readonly #control: Control;
  readonly #arms: Readonly<Record<string, Switches>>;
  readonly #baseline: Baseline;
  #arm: Switches | undefined;
  #settings: Readonly<Record<string, string | null>>;
  #pooler: Readonly<Record<string, string>>;

  constructor(control: Control, arms: Readonly<Record<string, Switches>>, baseline: Baseline) {
    this.#control = control;
    this.#arms = arms;
    this.#baseline = baseline;
    this.#settings = baseline.settings;
    this.#pooler = baseline.pooler;
  }

  /** In force when it returns. @throws BadValue, DatabaseFailure: then neither arm is, until all is taken back. */
  async to(name: string): Promise<void> {
    const arm = this.#arms[name];
    if (arm === this.#arm) return;
    for (const { unset } of this.#arm?.scripts.toReversed() ?? []) await this.#control.long(unset);
    for (const index of this.#arm?.indexes ?? []) await dropIndex(this.#control, index.name);
    this.#arm = undefined;
    await this.#set({ ...this.#baseline.settings, ...texts(arm.settings) });
    await this.#setPooler({ ...this.#baseline.pooler, ...texts(arm.pooler) });
    for (const index of arm.indexes) await createIndex(this.#control, index);
    for (const { set } of arm.scripts) await this.#control.long(set);
    this.#arm = arm;
  }

  async #set(wanted: Readonly<Record<string, string | null>>): Promise<void> {
    const changed = Object.entries(wanted).filter(([name, value]) => this.#settings[name] !== value);
    if (changed.length > 0) await setValues(this.#control, Object.fromEntries(changed));
    this.#settings = wanted;
  }

  async #setPooler(wanted: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, value] of Object.entries(wanted)) {
      if (this.#pooler[name] !== value) await this.#control.console((session) => session.set(name, value));
    }
    this.#pooler = wanted;
  }
}
