import { collectors } from '../collectors/index.ts';

/** What postgres_exporter called a collector before: 0.11 without the prefix, 0.13 to 0.19 in the singular. */
const RENAMED = new Map([
  ['bgwriter', 'stat_bgwriter'],
  ['replication_slot', 'replication_slots'],
]);

export const builtInNames = (): string[] => collectors.map((collector) => collector.name);

/** Today's name of a collector, whatever generation it was written in. */
export const currentName = (name: string): string => RENAMED.get(name) ?? name;

/** The built-in collector that declares each metric family. */
export const builtInByMetric = (): ReadonlyMap<string, string> => {
  const owners = new Map<string, string>();
  for (const { name, columns } of collectors)
    for (const metric of Object.values(columns).flat()) owners.set(metric.name, name);
  return owners;
};
