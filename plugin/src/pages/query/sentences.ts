import type { QueryDetail } from '@pgvigil/exporter/contract';
import { format, formatChange, formatExact } from '../../lib/format';
import { waitTitle } from '../../lib/waits';

/** "1st of 212 by load". */
export function rankSentence({ rank, of }: Pick<QueryDetail, 'rank' | 'of'>): string {
  return `${ordinal(rank)} of ${formatExact(of)} by load`;
}

/** Why it costs that: share, how often times how long, what changed, what it waits for. */
export function answer({ figures, change, waits }: QueryDetail): string {
  if (figures.calls === 0 || figures.meanSeconds === null) {
    return 'It was not called in this window.';
  }
  const parts = [
    `${format('ratio', figures.share)} of the load: ${format('count', figures.callsPerSecond)} calls/s of ${format('seconds', figures.meanSeconds)} each.`,
    changeSentence(change),
    waitSentence(waits),
  ];
  return parts.filter(Boolean).join(' ');
}

const before = 'the window before';

function changeSentence({ kind, meanRatio, callsRatio }: QueryDetail['change']): string {
  const calls =
    callsRatio !== null && (callsRatio >= 1.2 || callsRatio <= 0.8) ? `, with ${formatChange(callsRatio)} calls` : '';
  switch (kind) {
    case 'new':
      return `New: it did not run in ${before}.`;
    case 'gone':
      return '';
    case 'slower':
    case 'faster':
      return meanRatio === null ? '' : `Each is ${kind} than in ${before}: ${formatChange(meanRatio)}${calls}.`;
    case 'same':
      return `Each as fast as in ${before}, within noise${calls}.`;
    case 'unknown':
      return `There is no history of ${before}.`;
  }
}

function waitSentence(waits: QueryDetail['waits']): string {
  const [main] = [...waits].sort((a, b) => b.share - a.share);
  if (!main) {
    return '';
  }
  return main.type === 'CPU'
    ? `It was seen running, not waiting, ${format('ratio', main.share)} of the time.`
    : `It waits mostly for ${waitTitle(main.type, main.event)}: ${format('ratio', main.share)} of the time it was seen.`;
}

function ordinal(rank: number): string {
  const tens = rank % 100;
  const ending = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][rank % 10] ?? 'th');
  return formatExact(rank) + ending;
}
