import type { Job } from '@pgvigil/exporter/contract';
import { hasEnded, JOB_LOOKS } from '../job_state';

/** "2 × Vacuum and 1 × Rebuild index", in the order of their first; "7 actions" where a button has no room for their kinds. */
export function countsOf(titles: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const title of titles) counts.set(title, (counts.get(title) ?? 0) + 1);
  if (counts.size > 2) return `${titles.length} actions`;
  return Array.from(counts, ([title, count]) => `${count} × ${title}`).join(' and ');
}

/** "2 of 3 ended: 1 done, 1 failed. 1 running." */
export function progressOf(jobs: ReadonlyArray<Pick<Job, 'state'>>): string {
  const ended = jobs.filter(hasEnded);
  const words = (of: ReadonlyArray<Pick<Job, 'state'>>): string =>
    Array.from(new Set(of.map(({ state }) => state)), (state) => {
      const count = of.filter((job) => job.state === state).length;
      return `${count} ${JOB_LOOKS[state].word}`;
    }).join(', ');
  const going = words(jobs.filter((job) => !hasEnded(job)));
  return [
    ended.length === 0 ? '' : `${ended.length} of ${jobs.length} ended: ${words(ended)}.`,
    going === '' ? '' : `${going[0].toUpperCase()}${going.slice(1)}.`,
  ]
    .filter(Boolean)
    .join(' ');
}
