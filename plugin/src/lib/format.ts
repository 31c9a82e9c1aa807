/**
 * Numbers as people read them: three significant digits, thousands separated, one unit per column.
 * Sources are base units (seconds, bytes, plain counts, ratios 0…1), as the API gives them.
 */

export type Quantity = 'seconds' | 'bytes' | 'count' | 'perSecond' | 'ratio';

/** A unit and what one of it is worth in the base unit. */
export interface Scale {
  unit: string;
  size: number;
}

const KIB = 1024;
const SCALES: Record<Quantity, readonly Scale[]> = {
  seconds: [
    { unit: 'µs', size: 1e-6 },
    { unit: 'ms', size: 1e-3 },
    { unit: 's', size: 1 },
    { unit: 'min', size: 60 },
    { unit: 'h', size: 3600 },
    { unit: 'd', size: 86_400 },
  ],
  bytes: [
    { unit: 'B', size: 1 },
    { unit: 'KiB', size: KIB },
    { unit: 'MiB', size: KIB ** 2 },
    { unit: 'GiB', size: KIB ** 3 },
    { unit: 'TiB', size: KIB ** 4 },
  ],
  count: [
    { unit: '', size: 1 },
    { unit: 'k', size: 1e3 },
    { unit: 'M', size: 1e6 },
    { unit: 'G', size: 1e9 },
  ],
  perSecond: [
    { unit: '/s', size: 1 },
    { unit: 'k/s', size: 1e3 },
    { unit: 'M/s', size: 1e6 },
  ],
  ratio: [{ unit: '%', size: 0.01 }],
};

/** Counts stay plain until here: 4,950 is read faster than 4.95 k. */
const PLAIN_BELOW = 10_000;

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** The unit in which `value` has one to four digits before the point. */
export function scaleOf(quantity: Quantity, value: number): Scale {
  const scales = SCALES[quantity];
  const size = Math.abs(value);
  if ((quantity === 'count' || quantity === 'perSecond') && size < PLAIN_BELOW) {
    return scales[0];
  }
  const fits = scales.filter((scale) => size >= scale.size);
  return fits[fits.length - 1] ?? (size === 0 ? baseOf(quantity) : scales[0]);
}

/** One unit for a column: that of its median, so that one outlier does not push all others to 0.00. */
export function scaleOfColumn(quantity: Quantity, values: readonly (number | null | undefined)[]): Scale {
  const known = values.filter((value): value is number => typeof value === 'number' && value !== 0);
  if (known.length === 0) {
    return baseOf(quantity);
  }
  known.sort((a, b) => Math.abs(a) - Math.abs(b));
  return scaleOf(quantity, known[Math.floor((known.length - 1) / 2)]);
}

function baseOf(quantity: Quantity): Scale {
  return SCALES[quantity].find((scale) => scale.size === 1) ?? SCALES[quantity][0];
}

/** The number without its unit. Three significant digits; below a thousandth "<0.001". */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  const minus = value < 0 ? '−' : '';
  if (size === 0) {
    return '0';
  }
  if (size < 0.0005) {
    return `${minus}<0.001`;
  }
  if (size >= 999.5) {
    return minus + whole.format(Number(size.toPrecision(3)));
  }
  if (Number.isInteger(size)) {
    return minus + String(size);
  }
  const rounded = Number(size.toPrecision(3));
  // Beyond three decimals a column's points no longer line up and nobody reads the digits.
  const digits = Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(rounded))));
  return minus + rounded.toFixed(digits);
}

/** In a column's unit, without naming it. */
export function formatIn(scale: Scale, value: number): string {
  return formatNumber(value / scale.size);
}

/** With its own unit: `1.24 ms`, `38 %`, `2.1 GiB`, `12.5/s`. */
export function format(quantity: Quantity, value: number): string {
  const scale = scaleOf(quantity, value);
  return joinUnit(formatIn(scale, value), scale.unit);
}

export function joinUnit(number: string, unit: string): string {
  if (unit === '') {
    return number;
  }
  return unit.startsWith('/') ? number + unit : `${number} ${unit}`;
}

/** A count to the last digit: "4,950 statements". */
export function formatExact(value: number): string {
  return (value < 0 ? '−' : '') + whole.format(Math.abs(Math.round(value)));
}

/** "1 statement", "4,950 statements". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatExact(count)} ${count === 1 ? one : many}`;
}

/** A change as a factor from ×1.5 up or ÷1.5 down, between them in percent; "±0 %" for none. */
export function formatChange(ratio: number): string {
  if (ratio >= 1.5) {
    return `×${formatNumber(ratio)}`;
  }
  const percent = Math.round((ratio - 1) * 100);
  if (percent === 0) {
    return '±0 %';
  }
  return percent > 0 ? `+${percent} %` : `−${-percent} %`;
}
