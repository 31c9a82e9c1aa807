/** Logging: one line per event, as logfmt (Prometheus' habit) or JSON. Nothing secret is ever handed to it. */
import pino from 'pino';
import type { Config } from './config/types.ts';

export type Log = pino.Logger;

export function createLog({ level, format }: Config['log']): Log {
  const options: pino.LoggerOptions = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  };
  return format === 'json' ? pino(options, process.stderr) : pino(options, { write: writeLogfmt });
}

function writeLogfmt(line: string): void {
  const fields = Object.entries(JSON.parse(line) as Record<string, unknown>);
  process.stderr.write(`${fields.map(([key, value]) => `${key}=${quote(String(value))}`).join(' ')}\n`);
}

const quote = (value: string): string => (/^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value));
