import { collectors } from '../collectors/index.ts';
import type { Collector } from '../metrics/types.ts';
import { currentName } from './collector_names.ts';
import type { ConfigFile } from './file.ts';
import type { Flags } from './flags.ts';
import { type Findings, suggest } from './problems.ts';
import type { Resolved } from './resolve.ts';
import { settings } from './settings.ts';
import type { CollectorSettings } from './types.ts';

export interface CollectorInput {
  readonly flags: Flags;
  readonly resolved: Resolved;
  readonly file: ConfigFile | undefined;
  /** The user's functions and queries. */
  readonly own: readonly Collector[];
  readonly findings: Findings;
}

/** What is set by collector name; later sources win field by field. */
export const collectorSettings = (input: CollectorInput): Record<string, CollectorSettings> => {
  const { flags, resolved, file, own, findings } = input;
  const known = [...collectors, ...own];
  const names = known.map(({ name }) => name);
  const merged: Record<string, CollectorSettings> = {};
  const add = (name: string, more: CollectorSettings): void => {
    const said = Object.entries(more).filter(([, value]) => value !== undefined);
    merged[name] = { ...merged[name], ...Object.fromEntries(said) };
  };

  const everyBudget = resolved.value('seriesBudget') as number | undefined;
  if (everyBudget !== undefined) for (const { name, budget } of known) if (budget) add(name, { budget: everyBudget });

  for (const [written, given] of Object.entries(file?.content.collectors ?? {})) {
    const name = currentName(written);
    if (!names.includes(name))
      findings.problem(
        file!.where(['collectors', written]),
        `there is no collector ${written}`,
        suggest(written, names),
      );
    const { enabled, budget, interval, timeout } = given ?? {};
    const collector = known.find((one) => one.name === name);
    if (interval !== undefined && collector?.source === 'pgbouncer')
      findings.problem(
        file!.where(['collectors', written, 'interval']),
        "PgBouncer's collectors run in every scrape",
        'Remove the interval.',
      );
    if (timeout !== undefined && interval === undefined && collector && !collector.background)
      findings.problem(
        file!.where(['collectors', written, 'timeout']),
        "a collector that runs in the scrape has the scrape's deadline",
        'Add an interval, so that it runs in the background, or remove the timeout.',
      );
    add(name, { enabled, budget, intervalSeconds: interval, timeoutSeconds: timeout });
  }

  // Settings of one collector that have a flag of their own: `collectors.<name>.<field>`.
  for (const { key } of settings) {
    const [, name, field] = /^collectors\.(\w+)\.(\w+)$/.exec(key) ?? [];
    const value = resolved.value(key);
    if (name !== undefined && value !== undefined) add(name, { [field]: value });
  }
  for (const [name, enabled] of flags.collectors) add(name, { enabled });
  return merged;
};
