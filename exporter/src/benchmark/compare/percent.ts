/**
 * Ratios in words. A per cent is always one of the first arm's figure: a latency of 0.9 times the first's is 10 % faster,
 * one of 1.1 times it 10 % slower. From twice on, and from half down, it is "times": 120 times as fast.
 */

const TIMES = 2;

/** Of the second arm: how its ratio compares. */
interface Words {
  readonly less: string;
  readonly more: string;
  readonly timesLess: string;
  readonly timesMore: string;
}

const LATENCY: Words = {
  less: 'faster',
  more: 'slower',
  timesLess: 'times as fast',
  timesMore: 'times as slow',
};
const THROUGHPUT: Words = {
  less: 'less throughput',
  more: 'more throughput',
  timesLess: 'times less throughput',
  timesMore: 'times the throughput',
};

const wordsOf = (figure: string): Words => (figure === 'throughput' ? THROUGHPUT : LATENCY);

/** `11.8 % faster (8.9 … 14.6 %)` */
export function changeInWords(figure: string, ratio: number, low: number, high: number): string {
  const words = wordsOf(figure);
  if (ratio >= TIMES || ratio <= 1 / TIMES) {
    const [name, ends] = ratio > 1 ? [words.timesMore, [low, high]] : [words.timesLess, [1 / high, 1 / low]];
    return `${plain(Math.max(ratio, 1 / ratio))} ${name} (${ends.map(plain).join(' … ')})`;
  }
  const ends = [low, high].map((end) => (ratio < 1 ? 1 - end : end - 1) * 100).sort((a, b) => a - b);
  return `${percent(Math.abs(ratio - 1))} ${ratio < 1 ? words.less : words.more} (${ends.map(plain).join(' … ')} %)`;
}

/** `between 2 % faster and 9 % slower` */
export function rangeInWords(figure: string, low: number, high: number): string {
  return `between ${sideInWords(figure, low)} and ${sideInWords(figure, high)}`;
}

function sideInWords(figure: string, ratio: number): string {
  const words = wordsOf(figure);
  if (ratio >= TIMES) return `${plain(ratio)} ${words.timesMore}`;
  if (ratio <= 1 / TIMES) return `${plain(1 / ratio)} ${words.timesLess}`;
  const size = percent(Math.abs(ratio - 1));
  return size === '0 %' ? 'equal' : `${size} ${ratio < 1 ? words.less : words.more}`;
}

/** Of a ratio's size: 0.1 is `10 %`. */
export const percent = (size: number): string => `${plain(size * 100)} %`;

/** Three digits, at most one after the point. */
function plain(value: number): string {
  const rounded = Math.abs(value) < 100 ? Math.round(value * 10) / 10 : Number(value.toPrecision(3));
  return String(rounded === 0 ? 0 : rounded).replace('-', '−');
}
