/** Latencies of several statements and segments, added up. */
import { decodeFromCompressedBase64, type JsHistogram } from 'hdr-histogram-js';

/** @param histograms as recorded: HDR, V2, compressed, base64. @throws Error where one is not. */
export function addUp(histograms: readonly string[]): JsHistogram | null {
  let sum: JsHistogram | null = null;
  for (const histogram of histograms) {
    // Pure JavaScript: the WebAssembly one is not asked for.
    const next = decodeFromCompressedBase64(histogram) as JsHistogram;
    if (sum) sum.add(next);
    else sum = next;
    // Their ranges may be different: without this, a longer latency than the first one's range throws.
    sum.autoResize = true;
  }
  return sum;
}

/**
 * Microseconds. Read within its bucket in a straight line: at 100 µs a bucket is 1 % wide, and a change of half a per
 * cent would be seen as none or as twice its size.
 *
 * @param share 0…1
 * @returns null where so few were recorded that none would lie above: no 99th percentile of 50 answers.
 */
export function percentile(histogram: JsHistogram, share: number): number | null {
  // 1 - 0.9 is a little less than 0.1.
  if (histogram.totalCount * (1 - share) < 1 - 1e-9) return null;
  const rank = share * histogram.totalCount;
  let below = 0;
  for (let bucket = 0; bucket < histogram.countsArrayLength; bucket++) {
    const count = histogram.getCountAtIndex(bucket);
    if (count > 0 && below + count >= rank) {
      const from = histogram.valueFromIndex(bucket);
      return from + (histogram.sizeOfEquivalentValueRange(from) * (rank - below)) / count;
    }
    below += count;
  }
  return null;
}
