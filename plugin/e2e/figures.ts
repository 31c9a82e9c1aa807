/** Figures as pages write them, back in their base unit. */

const UNITS: Readonly<Record<string, number>> = { µs: 1e-6, ms: 1e-3, s: 1, k: 1e3, M: 1e6, '': 1 };

/** @param unit of the column, where the title has it. */
export function read(text: string, unit = text.replace(/^[≈±\d.,\s]+/, '')): number {
  expect(Object.keys(UNITS)).toContain(unit);
  return Number.parseFloat(text.replace(/[≈±,\s]/g, '')) * UNITS[unit];
}

/** Pages write three significant digits. */
export const ROUNDING = 0.0051;

export function expectSame(shown: number, real: number): void {
  expect(Math.abs(shown - real)).toBeLessThanOrEqual(ROUNDING * real);
}
