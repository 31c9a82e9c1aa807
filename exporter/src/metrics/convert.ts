/** From PostgreSQL's text to Prometheus' number, decided once per result column from its type. */
import type { Metric } from './types.ts';
import { numberText } from './text.ts';

/** @returns undefined where the text is not a number. */
export type Convert = (text: string) => string | undefined;

const BOOL = 16;
const DATE = 1082;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
/** int2, int4, int8, oid, xid8: digits, good as they are. */
const INTEGERS = new Set([20, 21, 23, 26, 5069]);

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export function converterFor(typeOid: number, metric: Metric): Convert {
  const { scale, map } = metric;
  if (map !== undefined) return (text) => (text in map ? numberText(map[text]) : undefined);
  if (typeOid === BOOL) return (text) => (text === 't' ? '1' : '0');
  const base = [DATE, TIMESTAMP, TIMESTAMPTZ].includes(typeOid)
    ? epochSeconds
    : INTEGERS.has(typeOid)
      ? asItIs
      : checkedNumber;
  if (scale === undefined) return base;
  // Dividing by 1000 is exact where multiplying by 0.001 is not.
  const divisor = scale < 1 ? Math.round(1 / scale) : undefined;
  return (text) => {
    const number = base(text);
    if (number === undefined) return undefined;
    return numberText(divisor === undefined ? Number(number) * scale : Number(number) / divisor);
  };
}

const asItIs: Convert = (text) => text;

const checkedNumber: Convert = (text) => {
  if (NUMBER.test(text)) return text;
  if (text === 'NaN') return text;
  if (text === 'Infinity') return '+Inf';
  if (text === '-Infinity') return '-Inf';
  return undefined;
};

/** Sessions run with DateStyle ISO and TimeZone UTC: `2026-01-31 12:00:00.5+00`. */
const epochSeconds: Convert = (text) => {
  const [date, time = '00:00:00'] = text.split(' ');
  const [, whole, fraction = ''] = /^([\d:]+)(\.\d+)?/.exec(time) ?? [];
  const seconds = Date.parse(`${date}T${whole}Z`) / 1000;
  if (Number.isNaN(seconds)) return checkedNumber(text === 'infinity' ? 'Infinity' : text);
  // Date stops at milliseconds; PostgreSQL's microseconds stay as they are written.
  return seconds < 0 ? String(seconds + Number(fraction)) : `${seconds}${fraction}`;
};

/** `{1,2,"a"}` → its elements. Only for arrays of numbers. */
export const arrayElements = (text: string): string[] => {
  const inner = text.replace(/^\{|\}$/g, '');
  return inner === '' ? [] : inner.split(',').map((element) => element.replaceAll('"', ''));
};
