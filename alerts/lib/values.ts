/**
 * Samples of one series, one for each scrape, in promtool's notation: `1x3` is 1 four times, `0+2x3` rises by 2 three
 * times, `stale` and `_` are a scrape without the series.
 */

/** null: the scrape did not have the series. */
export type Sample = number | null;

/** Only runs of equal values and gaps are shortened, so that nothing is lost. */
export function encode(samples: readonly Sample[], before: Sample = null): string {
  const words: string[] = [];
  let previous = before;
  for (let at = 0; at < samples.length; ) {
    const value = samples[at];
    let end = at;
    while (end < samples.length && Object.is(samples[end], value)) end++;
    words.push(...run(value, end - at, previous));
    previous = value;
    at = end;
  }
  return words.join(' ');
}

function run(value: Sample, count: number, previous: Sample): string[] {
  if (value !== null) return [repeated(text(value), count)];
  // Without the marker, Prometheus would go on showing the last value for five minutes.
  if (previous === null) return [repeated('_', count)];
  return count === 1 ? ['stale'] : ['stale', repeated('_', count - 1)];
}

/** promtool counts what comes after the first, except for gaps. */
function repeated(word: string, count: number): string {
  if (word === '_') return count === 1 ? word : `${word}x${count}`;
  return count === 1 ? word : `${word}x${count - 1}`;
}

const text = (value: number): string =>
  Number.isNaN(value) ? 'NaN' : Number.isFinite(value) ? String(value) : value > 0 ? 'Inf' : '-Inf';

/** What rises by `slope` each scrape, from `first` on. */
export function ramp(first: number, slope: number, count: number): string {
  if (count === 0) return '';
  if (slope === 0 || !Number.isFinite(first)) return encode(Array<number>(count).fill(first), first);
  if (count === 1) return text(first);
  return `${text(first)}${slope < 0 ? '-' : '+'}${text(Math.abs(slope))}x${count - 1}`;
}

/** The reverse of `encode`. @throws Error for other notations */
export function decode(words: string): Sample[] {
  if (words === '') return [];
  return words.split(' ').flatMap((word) => {
    const [, value, count] = /^(.+?)(?:x(\d+))?$/.exec(word)!;
    if (value === '_') return Array<Sample>(Number(count ?? 1)).fill(null);
    if (value === 'stale') return [null];
    const number = value === 'Inf' ? Infinity : value === '-Inf' ? -Infinity : Number(value);
    if (Number.isNaN(number) && value !== 'NaN') throw new Error(`not a sample: "${word}"`);
    return Array<Sample>(Number(count ?? 0) + 1).fill(number);
  });
}
