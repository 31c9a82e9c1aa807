import { BadValue, quote } from './problems.ts';

/**
 * What a setting's value may be. `parse` takes the text of a flag or an environment variable as well as a YAML value,
 * and throws BadValue.
 */
export interface Kind<T> {
  /** Stands for the value in `--help`; absent for a switch, which takes none. */
  readonly placeholder?: string;
  /** Values of a repeated flag are joined. */
  readonly many?: boolean;
  readonly parse: (value: unknown) => T;
}

const asText = (value: unknown): string => {
  if (typeof value !== 'string') throw new BadValue(`expected text, got ${quote(value)}`, 'Put the value in quotes.');
  return value.trim();
};

export const text = (placeholder: string): Kind<string> => ({ placeholder, parse: asText });

const SPELLINGS = new Map([
  ...['true', 't', '1', 'yes', 'on'].map((spelling) => [spelling, true] as const),
  ...['false', 'f', '0', 'no', 'off'].map((spelling) => [spelling, false] as const),
]);

export const boolean: Kind<boolean> = {
  parse: (value) => {
    if (typeof value === 'boolean') return value;
    const found = SPELLINGS.get(String(value).trim().toLowerCase());
    if (found === undefined) throw new BadValue(`${quote(value)} is neither true nor false`, 'Write true or false.');
    return found;
  },
};

/** A switch whose name says the opposite of what it sets (`--disable-settings-metrics`). */
export const inverted: Kind<boolean> = { parse: (value) => !boolean.parse(value) };

/** `a,b,c`, or a YAML list. */
export const list = (placeholder: string, check: (item: string) => void = () => {}): Kind<readonly string[]> => ({
  placeholder,
  many: true,
  parse: (value) => {
    const items = (Array.isArray(value) ? value : asText(value).split(',')).map(asText).filter((item) => item !== '');
    items.forEach(check);
    return items;
  },
});

export const oneOf = <const T extends string>(...choices: readonly T[]): Kind<T> => ({
  placeholder: choices.join('|'),
  parse: (value) => {
    // YAML reads an unquoted 0.20 as the number 0.2.
    const found = choices.find((choice) => choice === value || (typeof value === 'number' && Number(choice) === value));
    if (found === undefined) throw new BadValue(`${quote(value)} is not allowed`, `Use one of: ${choices.join(', ')}.`);
    return found;
  },
});

/** A whole number, at least 0. */
export const count: Kind<number> = {
  placeholder: '<n>',
  parse: (value) => {
    const number = typeof value === 'number' ? value : /^\d+$/.test(String(value).trim()) ? Number(value) : NaN;
    if (!Number.isSafeInteger(number) || number < 0)
      throw new BadValue(`${quote(value)} is not a whole number`, 'Write a number such as 100; 0 means no limit.');
    return number;
  },
};

const UNIT_SECONDS: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, μs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
const DURATION = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*$/;

/** Seconds of a Go duration such as `1m30s` or `250ms`; nothing for other text. */
export const goDurationSeconds = (written: string): number | undefined => {
  if (/^[+-]?0$/.test(written)) return 0;
  if (!DURATION.test(written)) return undefined;
  let seconds = 0;
  for (const [, amount, unit] of written.matchAll(/([\d.]+)([a-zµμ]+)/g))
    seconds += Number(amount) * UNIT_SECONDS[unit];
  return written.startsWith('-') ? -seconds : seconds;
};

/** Seconds: `1m30s` or a bare number of seconds. Never negative. */
export const duration: Kind<number> = {
  placeholder: '<duration>',
  parse: (value) => {
    const written = String(value).trim();
    const seconds = /^(?:\d+\.?\d*|\.\d+)$/.test(written) ? Number(written) : goDurationSeconds(written);
    if (seconds === undefined || !(seconds >= 0 && seconds < Infinity))
      throw new BadValue(
        `${quote(value)} is not a duration`,
        'Write for example 500ms, 10s, 1m30s, or seconds as a number.',
      );
    return seconds;
  },
};

/** Prometheus' rules, and the words for them. */
export const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
export const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;
export const METRIC_RULE = 'A metric name has letters, digits, _ and :, and does not start with a digit.';
export const LABEL_RULE =
  'A label name has letters, digits and _, does not start with a digit or with two underscores.';

/** `a=b,c=d`, or a YAML mapping. */
export const labels: Kind<Readonly<Record<string, string>>> = {
  placeholder: '<name=value,…>',
  parse: (value) => {
    const pairs =
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value)
        : asText(value)
            .split(',')
            .filter((pair) => pair.trim() !== '')
            .map(splitPair);
    return Object.fromEntries(
      pairs.map(([name, content]) => {
        if (!LABEL_NAME.test(name)) throw new BadValue(`${quote(name)} is not a label name`, LABEL_RULE);
        return [name, asText(content)];
      }),
    );
  },
};

const splitPair = (pair: string): [string, string] => {
  const equals = pair.indexOf('=');
  if (equals < 0) throw new BadValue(`${quote(pair)} has no "="`, 'Write name=value, several separated by commas.');
  return [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
};

/** Throws BadValue unless `host:port`; the host may be empty, an IPv6 address stands in brackets. */
export const checkAddress = (address: string): void => {
  const port = /^(?:\[[0-9a-fA-F:.%\w]+\]|[^:[\]]*):(\d{1,5})$/.exec(address)?.[1];
  if (port === undefined || Number(port) > 65535)
    throw new BadValue(
      `${quote(address)} is not an address to listen on`,
      'Write host:port, for example :9187 or 127.0.0.1:9187.',
    );
};

/** Begins with a slash and is not the root. */
export const urlPath: Kind<string> = {
  placeholder: '<path>',
  parse: (value) => {
    const path = asText(value);
    if (!/^\/[^\s?#]+$/.test(path))
      throw new BadValue(`${quote(path)} is not a path to serve`, 'Write for example /metrics.');
    return path;
  },
};
