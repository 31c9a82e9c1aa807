import type { SlowQueries } from '@pgvigil/exporter/contract';
import { format, formatChange, formatExact, plural } from '../../lib/format';
import { formatDuration } from '../../lib/time';

/** What the page is about, in one or two sentences: which cost most, which changed. */
export function answer({ items, totals, window }: SlowQueries): string {
  const [first] = [...items].sort((a, b) => b.figures.share - a.figures.share);
  if (!first) {
    return '';
  }
  const seconds = (Date.parse(window.to) - Date.parse(window.from)) / 1000 - window.gapSeconds;
  const busy =
    seconds > 0 ? `On average ${format('count', totals.seconds / seconds)} statements ran at a time` : 'Statements ran';
  const of = (kind: string) => items.filter((item) => item.change.kind === kind);
  const slower = of('slower').sort((a, b) => (b.change.meanRatio ?? 0) - (a.change.meanRatio ?? 0));
  const worst = slower[0]?.change.meanRatio;
  const changes = [
    slower.length > 0 &&
      `${formatExact(slower.length)} slower than before${worst ? ` (up to ${formatChange(worst)})` : ''}`,
    of('faster').length > 0 && `${formatExact(of('faster').length)} faster`,
    of('new').length > 0 && `${formatExact(of('new').length)} new`,
    of('gone').length > 0 && `${formatExact(of('gone').length)} gone`,
  ].filter((part) => part !== false);
  const unknown = items.every((item) => item.change.kind === 'unknown');
  const change = unknown
    ? 'There is no history before this window to compare with.'
    : changes.length > 0
      ? `Of those listed, ${list(changes)}.`
      : 'None of those listed changed beyond noise.';
  return `${busy}; the costliest listed is ${format('ratio', first.figures.share)} of that. ${change}`;
}

/** "These 50 are 93 % of the load of all databases; the rest: 4,950 statements.": with those that a filter leaves out. */
export function totalsSentence({ items, totals }: SlowQueries): string {
  const rest = totals.statements - items.length;
  const one = items.length === 1;
  if (rest <= 0) {
    return one
      ? 'This one is all there is in this window.'
      : `These ${formatExact(items.length)} are all statements of this window.`;
  }
  const these = one ? 'This one is' : `These ${formatExact(items.length)} are`;
  return `${these} ${format('ratio', totals.pageShare)} of the load of all databases; the rest: ${plural(rest, 'statement')}.`;
}

/** What the figures stand on, where that is less than the window asked for. */
export function coverage({ window }: Pick<SlowQueries, 'window'>): string[] {
  const gap =
    window.gapSeconds >= 1 ? [`Nothing was recorded for ${formatDuration(window.gapSeconds)} of this window.`] : [];
  return [...gap, ...window.notes];
}

const list = (parts: readonly string[]) =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
