import type { SeenPlan } from '@pgvigil/exporter/contract';

/**
 * Which two are compared: those of the address, else the newest (B) with the one before it (A).
 * @param items newest first.
 */
export function chosenPlans(
  items: readonly SeenPlan[],
  a: string,
  b: string,
): { a: SeenPlan; b: SeenPlan } | undefined {
  const find = (fingerprint: string) => items.find((item) => item.fingerprint === fingerprint);
  const newest = find(b) ?? items[0];
  const older = find(a) ?? items.find((item) => item !== newest) ?? newest;
  return newest && older && { a: older, b: newest };
}
