import type { Collector, Row } from '../metrics/types.ts';

interface Unit {
  readonly suffix: '_seconds' | '_bytes';
  readonly factor: number;
  /** Instead of a fraction as factor: dividing by 1000 is exact. */
  readonly divisor?: number;
}

const seconds = (factor: number, divisor?: number): Unit => ({ suffix: '_seconds', factor, divisor });
const bytes = (factor: number): Unit => ({ suffix: '_bytes', factor });

const BINARY = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** `8kB` and the like are units too: a block, a WAL segment. */
function unitOf(text: string): Unit | undefined {
  const times = { us: seconds(1, 1e6), ms: seconds(1, 1e3), s: seconds(1), min: seconds(60), h: seconds(3600) };
  if (text in times) return times[text as keyof typeof times];
  if (text === 'd') return seconds(86_400);
  const [, count, unit] = /^(\d*)(B|kB|MB|GB|TB)$/.exec(text) ?? [];
  return unit === undefined ? undefined : bytes(Number(count || 1) * BINARY[unit as keyof typeof BINARY]);
}

const NUMBER = /^([-+]?(?:\d+\.)?\d+(?:e[-+]\d+)?) ?([a-zA-Z]*)$/;

/** In base units; undefined where it is no number or in a unit that we do not know. -1 is always -1. */
function inBaseUnits(setting: string, unit: Unit | undefined): number | undefined {
  const [, digits, written = ''] = NUMBER.exec(setting) ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits);
  if (number === -1 || unit === undefined) return number;
  // A unit written into the value (some vendors do that) beats the catalogue's.
  const own = written === '' ? unit : unitOf(written);
  return own?.suffix === unit.suffix ? (number * own.factor) / (own.divisor ?? 1) : undefined;
}

const IN_WORDS = { _seconds: ', in seconds', _bytes: ', in bytes' };

/** What our own session has set for itself (timeouts, read only) is served as anybody else would get it. */
function othersWouldGet(row: Row, byName: ReadonlyMap<string, Row>): string {
  if (row.name === 'transaction_read_only' && byName.get('in_hot_standby')?.setting !== 'on') {
    return byName.get('default_transaction_read_only')?.reset_val ?? 'off';
  }
  return (row.source === 'session' ? row.reset_val : row.setting) ?? '';
}

function toFamilies(rows: Row[]): Row[] {
  const byName = new Map(rows.map((row) => [row.name!, row]));
  return rows.flatMap((row) => {
    const name = row.name!;
    const unit = row.unit === null ? undefined : unitOf(row.unit);
    if (row.unit !== null && unit === undefined) return [];
    const setting = othersWouldGet(row, byName);
    const value = row.vartype === 'bool' ? Number(setting === 'on') : inBaseUnits(setting, unit);
    if (value === undefined) return [];
    return {
      metric: `pg_settings_${name.replace(/[.$-]/g, '_')}${unit?.suffix ?? ''}`,
      type: 'gauge',
      help: `Server parameter ${name}${unit ? IN_WORDS[unit.suffix] : ''} (pg_settings).`,
      value: String(value),
    };
  });
}

/** A family per boolean or numeric setting, in base units. The server only lists; the units are sorted out here. */
export const settings: Collector = {
  name: 'settings',
  source: 'postgres',
  scope: 'server',
  dynamic: true,
  sql: `
    select name, setting, reset_val, source, vartype, unit
      from pg_catalog.pg_settings
     where vartype in ('bool', 'integer', 'real')`,
  reshape: toFamilies,
  labels: [],
  columns: {},
};
