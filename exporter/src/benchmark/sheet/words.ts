/** What a workload does, and what came of it, in words. */
import type { Change } from '../../contract/benchmarks.ts';
import { changeInWords, rangeInWords } from '../compare/percent.ts';
import type { Switches, Workload } from '../workload/schema.ts';

export function loadInWords({ clients, load, through }: Pick<Workload, 'clients' | 'load' | 'through'>): string {
  const who = `${clients} client${clients === 1 ? '' : 's'}${through === 'pgbouncer' ? ' through PgBouncer' : ''}`;
  if (load.kind === 'open') return `${load.rate} statements a second, from ${who}`;
  const pause = load.thinkMs === 0 ? '' : `, ${load.thinkMs} ms after the answer to the last`;
  return `${who}, each with one statement after the other${pause}`;
}

/** What an arm sets, each in a line; of none: nothing. */
export function switchesInWords({ session, settings, indexes, pooler, scripts }: Switches): string[] {
  return [
    ...Object.entries(session).map(([name, value]) => `${name} = ${value} in its sessions`),
    ...Object.entries(settings).map(([name, value]) => `${name} = ${value} on the server`),
    ...Object.entries(pooler).map(([name, value]) => `${name} = ${value} in PgBouncer`),
    ...indexes.map(({ create }) => create),
    ...scripts.map(({ set }) => set),
  ];
}

/** `11.8 % faster (8.9 … 14.6 %)`; where nothing can be told, between what it lies. */
export function differenceInWords({ figure, ratio, low, high, finding }: Change): string {
  if (ratio === null || low === null || high === null) return 'not known';
  if (finding === 'faster' || finding === 'slower') return changeInWords(figure, ratio, low, high);
  return `${finding === 'same' ? 'no change that matters' : "can't tell"}: ${rangeInWords(figure, low, high)}`;
}
