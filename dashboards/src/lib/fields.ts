/** Grafana's words for how fields look. */
import type { Step } from './thresholds.ts';
import type { Mapping } from './types.ts';

export type Json = Record<string, unknown>;

/** What the type of a panel decides. */
export interface Content extends Json {
  readonly fieldConfig: { readonly defaults: Json; readonly overrides: readonly Json[] };
}

/** Whichever Prometheus the board's variable names. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** `A`, `B`, …: names of the queries within a panel. */
export const refId = (i: number): string => String.fromCharCode('A'.charCodeAt(0) + i);

export const thresholdsOf = (steps: readonly Step[]): Json => ({ mode: 'absolute', steps });

export function mappingsOf(mappings: readonly Mapping[]): Json[] {
  if (mappings.length === 0) return [];
  const options = mappings.map(({ value, text, color }, index) => [String(value), { text, color, index }] as const);
  return [{ type: 'value', options: Object.fromEntries(options) }];
}

/** For the series or column of this name; `custom` holds what is the panel's own, not every field's. */
export function override(name: string, { custom = {}, ...field }: Json & { custom?: Json }): Json {
  const own = Object.entries(custom).map(([id, value]) => ({ id: `custom.${id}`, value }));
  return {
    matcher: { id: 'byName', options: name },
    properties: [...Object.entries(field).map(([id, value]) => ({ id, value })), ...own],
  };
}
