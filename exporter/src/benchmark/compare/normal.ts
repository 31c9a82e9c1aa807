/** The standard normal distribution. */

const TERMS = 100;

/** From ±9 down to the last bit of a double. */
const HALVINGS = 60;

/** Share above z; right to about 14 digits, in the far tail as well. */
export function above(z: number): number {
  if (z < 0) return 1 - above(-z);
  const density = Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z > 4) {
    let rest = z;
    for (let term = TERMS; term > 0; term--) rest = z + term / rest;
    return density / rest;
  }
  let term = z;
  let sum = z;
  for (let odd = 3; term > sum * Number.EPSILON; odd += 2) sum += term *= (z * z) / odd;
  return 0.5 - density * sum;
}

/** The z that a share lies above; shares from 1e-18 on. */
export function exceededBy(share: number): number {
  let low = -9;
  let high = 9;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (above(middle) > share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** 95 % of a normal distribution lie within this many standard deviations. */
export const Z95 = exceededBy(0.025);
