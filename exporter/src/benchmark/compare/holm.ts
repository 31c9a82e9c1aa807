/**
 * Several figures are looked at, and one of them looks odd by chance more often than one alone would. Holm's adjusted p:
 * called different where it is at most α, the chance of any false alarm is at most α, however the figures hang together.
 * In the order given.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((a, b) => ps[a] - ps[b]);
  const adjusted = new Array<number>(ps.length);
  let floor = 0;
  order.forEach((at, rank) => {
    floor = Math.max(floor, Math.min(1, ps[at] * (ps.length - rank)));
    adjusted[at] = floor;
  });
  return adjusted;
}
