/** What a comparison says, in words. */
import type { Change, Comparison, Figure, ChangeFinding, Verdict } from '../../contract/benchmarks.ts';
import { ALPHA, failuresDiffer, FEWEST } from './judge.ts';
import { changeInWords, percent, rangeInWords } from './percent.ts';
import { blocksToDecide, fewestBlocks } from './plan.ts';

export function verdict(comparison: Comparison): Verdict {
  const change = comparison.changes.find(({ figure }) => figure === comparison.primary);
  const told = sentenceOf(comparison, change);
  return { ...told, notes: notesOf(comparison, change, told.finding) };
}

function sentenceOf(comparison: Comparison, change: Change | undefined): Omit<Verdict, 'notes'> {
  const { design, second, margin, failures, family } = comparison;
  const open = (why: string, needs: number | null = null): Omit<Verdict, 'notes'> => ({
    finding: 'unknown',
    sentence: `Can't tell: ${why}.`,
    needs,
  });
  if (failuresDiffer(failures)) return open(failedInWords(comparison));
  if (!change) return open(`arrivals come at a rate, so ${comparison.primary} is what was asked for`);
  const { figure, ratio, low, high, blocks, finding } = change;
  const basis = `${figure} of ${basisOf(comparison, blocks)}`;
  if (ratio === null || low === null || high === null) {
    const fewest = design === 'paired' ? fewestBlocks() : FEWEST;
    return open(`${basis}; at least ${fewest} are needed`, fewest);
  }
  const range = rangeInWords(figure, low, high);
  switch (finding) {
    case 'faster':
    case 'slower':
      return {
        finding,
        sentence: `${second} ${verbOf(figure)} ${changeInWords(figure, ratio, low, high)}, ${basis}.`,
        needs: null,
      };
    case 'same':
      return { finding, sentence: `No change larger than ${percent(margin)}: ${range}, ${basis}.`, needs: null };
    case 'unknown': {
      if (design === 'sequential') return open(`${range}, ${basis}; more of the same does not help, taking turns does`);
      const needs = blocksToDecide(blocks, low, high, margin, family);
      return open(`${range}, ${basis}; about ${roughly(needs)} are needed`, roughly(needs));
    }
  }
}

const verbOf = (figure: Figure): string => (figure === 'throughput' ? 'has' : 'is');

const basisOf = ({ design }: Comparison, blocks: number): string =>
  design === 'paired' ? `${blocks} paired block${blocks === 1 ? '' : 's'}` : 'two runs one after the other';

/** Nobody knows the third digit. */
const roughly = (count: number): number => (count < 100 ? count : Number(count.toPrecision(2)));

const failedInWords = ({ first, second, failures }: Comparison): string =>
  `${percent(failures.second!)} of what ${second} was asked failed or was not sent in time, ` +
  `of what ${first} was asked ${percent(failures.first!)}`;

function notesOf(comparison: Comparison, primary: Change | undefined, finding: ChangeFinding): string[] {
  const { design, changes, failures, second, first } = comparison;
  const others = changes.filter(
    (change) =>
      change !== primary && (change.finding === 'faster' || change.finding === 'slower') && change.finding !== finding,
  );
  return [
    ...(design === 'sequential'
      ? ['One run after the other: what the machine does by itself is in the interval, as far as it has been measured.']
      : []),
    // Of an arm that gave up early, its own sentence says enough.
    ...(failuresDiffer(failures)
      ? []
      : others.map(
          ({ figure, ratio, low, high }) =>
            `${second} ${verbOf(figure)} ${changeInWords(figure, ratio!, low!, high!)} in ${figure}.`,
        )),
    ...(failures.p !== null && failures.p <= ALPHA && !failuresDiffer(failures)
      ? [
          `Failed or not sent in time: ${percent(failures.first!)} of ${first}, ${percent(failures.second!)} of ${second}.`,
        ]
      : []),
    ...(primary && primary.leftOut > 0
      ? [`Left out: ${primary.leftOut} without ${primary.figure} on both sides.`]
      : []),
  ];
}
