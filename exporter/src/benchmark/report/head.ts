/** What a report begins with. */
import type { Sheet } from '../../contract/benchmarks.ts';
import { percent } from '../compare/percent.ts';
import { milliseconds, moment, number } from './format.ts';

export interface Head {
  readonly title: string;
  readonly subtitle: string;
  /** One sentence. */
  readonly verdict: string;
  readonly notes: readonly string[];
}

const KINDS = { run: 'a run', ab: 'before and after, by turns', aa: 'the same twice, by turns' } as const;

export function headOf(sheet: Sheet): Head {
  const { benchmarks, verdict, drift } = sheet;
  const [{ workload, target, kind, startedAt, state, message, description }] = benchmarks;
  const sequential = benchmarks.length === 2;
  return {
    title: `${workload.title} on ${target}`,
    subtitle: `${sequential ? 'two runs, one after the other' : KINDS[kind]}, ${benchmarks.map(({ startedAt }) => moment(startedAt)).join(' and ') || moment(startedAt)}`,
    verdict: verdict?.sentence ?? outcome(sheet),
    notes: [
      description.trim(),
      ...(state === 'done' ? [] : [`It is ${state}${message && `: ${message}`}.`]),
      ...(verdict?.notes ?? []),
      ...(sequential
        ? [
            drift === null
              ? 'How far two runs of the same lie apart here was not measured; a cautious guess is in the interval.'
              : `Two runs of the same lie ${percent(drift)} apart here, as the last A/A run found; that is in the interval.`,
          ]
        : []),
    ],
  };
}

/** Where nothing was compared. */
function outcome({ sides, aa }: Sheet): string {
  if (aa !== null) return `${aa.paired.alarms} false alarms in ${aa.paired.of} comparisons of the same with the same.`;
  if (sides.length === 0) return 'Nothing was measured.';
  const [{ figures, thresholds }] = sides;
  const missed = thresholds.filter(({ met }) => met === false).length;
  const wants =
    thresholds.length === 0
      ? ''
      : missed === 0
        ? ' Everything that the workload wants was reached or not known.'
        : ` ${missed} of ${thresholds.length} of what the workload wants was missed.`;
  return `p50 ${milliseconds(figures.p50)}, p99 ${milliseconds(figures.p99)}, ${number(figures.throughput)} answers per second.${wants}`;
}
