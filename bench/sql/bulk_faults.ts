/** A file of which 3 % of the rows are bad, in every way that a row of CSV can be, and what must be said of each. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`;

type Fault = readonly [reason: string, spoil: (line: string, set: (column: string, value: string) => string) => string];

const FAULTS: readonly Fault[] = [
  ['external_id: missing', (_, set) => set('external_id', '')],
  ['title: missing', (_, set) => set('title', '')],
  ['title: longer than 500 characters', (_, set) => set('title', 'x'.repeat(501))],
  ['release_year: not a whole number of at most 18 digits', (_, set) => set('release_year', '2020x')],
  ['duration_ms: not between 1 and 2147483647', (_, set) => set('duration_ms', '-5')],
  ['isrc: not two letters, three letters or digits and seven digits', (_, set) => set('isrc', 'US-1')],
  ['genres: not a list of texts', (_, set) => set('genres', '["rock"')],
  ['metadata: not JSON', (_, set) => set('metadata', '{"label":')],
  ['artist_external_id: no such artist', (_, set) => set('artist_external_id', 'nobody')],
  ['album_external_id: no such album', (_, set) => set('album_external_id', 'nothing')],
  ['a quote inside a value that has none around it', (line) => `x"${line}`],
  ['15 values where the header has 14 columns', (line) => `${line},x`],
  ['a NUL character (kept as \u2400)', (_, set) => set('title', 'a\0b')],
  ['not UTF-8 (kept as Latin-1)', (_, set) => set('title', 'BYTE')],
];

/** @returns line → its reason. */
export function writeFaulty(csv: string, to: string, every: number): ReadonlyMap<number, string> {
  const reasons = new Map<number, string>();
  const lines = readFileSync(csv, 'utf8').split('\n');
  const names = lines[0].split(',');
  for (let i = every; i < lines.length - 1; i += every) {
    const [reason, spoil] = FAULTS[(i / every) % FAULTS.length];
    const set = (column: string, value: string): string => {
      const [cells] = parse(lines[i]);
      return cells.with(names.indexOf(column), value).map(quote).join(',');
    };
    lines[i] = spoil(lines[i], set);
    reasons.set(i + 1, reason);
  }
  const bytes = Buffer.from(lines.join('\n'));
  // A byte that begins no character, put in where a title says so.
  for (let at = bytes.indexOf('"BYTE"'); at >= 0; at = bytes.indexOf('"BYTE"', at + 1)) bytes[at + 1] = 0xff;
  writeFileSync(to, bytes);
  return reasons;
}
