import { collectors } from '../collectors/index.ts';
import { declaredMetrics } from '../metrics/compile.ts';
import { profiles } from '../metrics/profiles/index.ts';
import { applyProfile } from '../metrics/select.ts';
import type { CompatProfile } from './types.ts';

/** What postgres_exporter called a collector before: 0.11 without the prefix, 0.13 to 0.19 in the singular. */
const RENAMED = new Map([
  ['bgwriter', 'stat_bgwriter'],
  ['replication_slot', 'replication_slots'],
]);

export const builtInNames = (): string[] => collectors.map((collector) => collector.name);

/** Today's name of a collector, whatever generation it was written in. */
export const currentName = (name: string): string => RENAMED.get(name) ?? name;

/** The built-in collector that serves each metric family, under the names of that profile. */
export const builtInByMetric = (compat: CompatProfile): ReadonlyMap<string, string> => {
  const owners = new Map<string, string>();
  for (const collector of collectors)
    for (const metric of declaredMetrics(applyProfile(collector, profiles[compat])))
      owners.set(metric.name, collector.name);
  return owners;
};
