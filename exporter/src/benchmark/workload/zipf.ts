/**
 * Ranks 1…count, rank r with a probability in proportion to r^-exponent: exact, without a table, whatever the count.
 *
 * Rejection-inversion (Hörmann and Derflinger, "Rejection-inversion to generate variates from monotone discrete
 * distributions", 1996): a point is drawn under the curve x^-exponent by inverting its integral, and rounded to the
 * nearest rank. The curve is convex, so over r ± ½ it has no less area than the rank's own r^-exponent; what is too much
 * is rejected. Rarely more than one point in ten.
 */
import type { Random } from './random.ts';

export function zipf(count: number, exponent: number): (random: Random) => number {
  const weight = (x: number): number => Math.exp(-exponent * Math.log(x));
  // From 1 to x: (x^(1-s) - 1) / (1-s), and log x where s is 1. So written that values of s near 1 lose no digits.
  const area = (x: number): number => Math.log(x) * growth((1 - exponent) * Math.log(x));
  const inverse = (a: number): number => {
    // Below -1 only by rounding.
    const t = Math.max(-1, a * (1 - exponent));
    return Math.exp(a * logGrowth(t));
  };
  // The first rank gets exactly its weight, and not the area left of 1.5, which may have no end.
  const least = area(1.5) - 1;
  const most = area(count + 0.5);
  // Points this near below their rank need no test: it would be met for all ranks from 2 on.
  const near = 2 - inverse(area(2.5) - weight(2));
  return (random) => {
    for (;;) {
      const a = most + random.fraction() * (least - most);
      const x = inverse(a);
      const rank = Math.min(count, Math.max(1, Math.round(x)));
      if (rank - x <= near || a >= area(rank + 0.5) - weight(rank)) return rank;
    }
  };
}

/** (e^t - 1) / t, and log(1 + t) / t; both are 1 at 0. */
const growth = (t: number): number => (t === 0 ? 1 : Math.expm1(t) / t);
const logGrowth = (t: number): number => (t === 0 ? 1 : Math.log1p(t) / t);
