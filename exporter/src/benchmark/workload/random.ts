/** Random numbers from a seed: the same seed, the same numbers, on every machine. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export interface Random {
  /** 0 ≤ x < 1. */
  fraction(): number;
  /** A whole number, both ends included, all alike. */
  whole(from: number, to: number): number;
  /** 32 bits. */
  bits(): number;
}

/**
 * @param seed a whole number.
 * @param stream numbers for another purpose from the same seed, so that drawing more for one changes nothing in the other.
 */
export function randomFrom(seed: number, stream = 0): Random {
  const generator = xoroshiro128plus(scatter(scatter(seed) ^ scatter(stream + 0x9e3779b9)));
  return {
    fraction: () => uniformFloat64(generator),
    whole: (from, to) => uniformInt(generator, from, to),
    bits: () => generator.next() >>> 0,
  };
}

/** Blocks have the seeds 1, 2, 3, …, and neighbouring seeds begin alike: every bit must change half of the others. */
function scatter(seed: number): number {
  let x = (seed ^ Math.floor(seed / 0x1_0000_0000)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
