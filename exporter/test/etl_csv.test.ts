/** The readers of files: against csv-parse, cut anywhere, and on what no CSV file should hold. */
import { parse } from 'csv-parse/sync';
import { Random } from '../src/sample/random.ts';
import { CsvReader } from '../src/etl/csv.ts';
import { NdjsonReader } from '../src/etl/ndjson.ts';
import { LoadFailure, MAX_RECORD_BYTES, type Reader } from '../src/etl/reader.ts';
import type { Row } from '../src/etl/row.ts';

/** Reads `bytes` in pieces of that many bytes, as a stream delivers them. */
function readAll(reader: Reader, bytes: Buffer, piece: number): Row[] {
  const rows: Row[] = [];
  let rest = Buffer.alloc(0);
  let started = false;
  for (let at = 0; at <= bytes.length; at += piece) {
    const last = at + piece > bytes.length;
    rest = Buffer.concat([rest, bytes.subarray(at, at + piece)]);
    if (!started) {
      const header = reader.start(rest, last);
      if (header === undefined) continue;
      started = true;
      rest = rest.subarray(header);
    }
    // Few records at a time, so that a batch ends everywhere too.
    for (let read = -1; read !== 0; ) {
      let room = piece < 1000 ? 2 : 10_000;
      read = reader.read(rest, last, (row) => (rows.push(row), --room > 0));
      rest = rest.subarray(read);
    }
  }
  expect(rest.length).toBe(0);
  return rows;
}

const csv = (text: string | Buffer, piece = 7): Row[] => readAll(new CsvReader(), Buffer.from(text), piece);
const ndjson = (text: string | Buffer, piece = 7): Row[] => readAll(new NdjsonReader(), Buffer.from(text), piece);

const UNESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '\\': '\\' };
/** The fields of a line of COPY's text format. */
const fieldsOf = ({ copy }: Row): (string | null)[] =>
  copy
    .slice(0, -1)
    .split('\t')
    .map((field) => (field === '\\N' ? null : field.replace(/\\(.)/g, (_, c: string) => UNESCAPES[c])));
const contentOf = ({ record }: Row): string =>
  typeof record === 'string' ? record : record.bytes.toString('utf8', record.from, record.to);
const valuesOf = (row: Row): (string | null)[] => fieldsOf(row).slice(1, 4);
const brokenOf = (row: Row): string | null => fieldsOf(row).at(-1)!;
const unreadableOf = (row: Row): string | null => fieldsOf(row).at(-2)!;

const HEADER = 'external_id,title,artist_credit\n';

describe('CSV', () => {
  it('reads what csv-parse reads, wherever the bytes are cut', () => {
    const random = new Random(7);
    const pick = <T>(from: readonly T[]): T => from[random.between(0, from.length - 1)];
    const PARTS = ['a', 'Ö', '😀', '"', ',', '\n', '\r\n', ' ', '\\', '\t', '""', '\\N', '{'];
    for (let round = 0; round < 300; round++) {
      const records = Array.from({ length: random.between(1, 5) }, (_, i) => [
        `id${i}`,
        ...[1, 2].map(() => Array.from({ length: random.between(0, 5) }, () => pick(PARTS)).join('')),
      ]);
      const end = pick(['\n', '\r\n']);
      const write = (value: string): string =>
        /[",\n\r]/.test(value) || pick([true, false]) ? `"${value.replaceAll('"', '""')}"` : value;
      const body = records.map((record) => record.map(write).join(',')).join(end);
      const text = pick(['', '\ufeff']) + HEADER.replace('\n', end) + body + pick(['', end]);
      const expected = parse(text, { bom: true, from_line: 1 })
        .slice(1)
        .map((record) => record.map((value) => (value === '' ? null : value)));
      const rows = csv(text, random.between(1, 9));
      expect(rows.map(valuesOf)).toEqual(expected);
      expect(rows.map(brokenOf)).toEqual(records.map(() => null));
    }
  });

  it.each([
    ['a quote inside a value', 'i1,12" disc,x', 'a quote inside a value that has none around it'],
    ['text behind a closing quote', 'i1,"a"b,x', 'text behind a closing quote'],
    ['a quote that closes late', 'i1,"a,x', 'text behind a closing quote'],
    ['too few values', 'i1,a', '2 values where the header has 3 columns'],
    ['too many values', 'i1,a,x,', '4 values where the header has 3 columns'],
    ['only blanks', '   ', '1 values where the header has 3 columns'],
    ['bytes that are not UTF-8', Buffer.from('i1,Bj\xf6rk,x', 'latin1'), 'not UTF-8 (kept as Latin-1)'],
    ['half a character', Buffer.from([...Buffer.from('i1,a,'), 0xc3]), 'not UTF-8 (kept as Latin-1)'],
    ['a NUL character', 'i1,a\0b,x', 'a NUL character (kept as ␀)'],
  ])('breaks one record, by its line: %s', (_, line, reason) => {
    const text = Buffer.concat([
      Buffer.from(`${HEADER}i0,"two\nlines",x\n\n`),
      Buffer.from(line),
      Buffer.from('\r\n"i2","b","y"\ni3,c,z'),
    ]);
    for (const piece of [1, 3, 1000]) {
      const rows = csv(text, piece);
      expect(rows.map((row) => [row.line, brokenOf(row)])).toEqual([[2, null], [5, reason], [6, null], [7, null]]); // prettier-ignore
      const whole = Buffer.from(line).toString(reason.startsWith('not UTF-8') ? 'latin1' : 'utf8');
      expect(contentOf(rows[1])).toBe(whole.replace('\0', '␀'));
      expect(rows.slice(2).map(valuesOf)).toEqual([['i2', 'b', 'y'], ['i3', 'c', 'z']]); // prettier-ignore
    }
  });

  it('gives up the first line alone of a quote that is never closed', () => {
    const rows = csv(`${HEADER}i1,"a,x\ni2,b,y\ni3,c,z\n`);
    expect(rows.map((row) => [row.line, brokenOf(row), contentOf(row)])).toEqual([
      [2, 'a quote that is not closed', 'i1,"a,x'],
      [3, null, 'i2,b,y'],
      [4, null, 'i3,c,z'],
    ]);
  });

  it('looks for a closing quote only so far', () => {
    const many = 'i2,b,y\n'.repeat(Math.ceil(MAX_RECORD_BYTES / 7) + 10);
    const rows = csv(`${HEADER}i1,"a,x\n${many}`, 1 << 20);
    expect(rows.length).toBe(many.length / 7 + 1);
    expect(rows.filter((row) => brokenOf(row) !== null).map(({ line }) => line)).toEqual([2]);
  });

  it('says of a line without end that this is no text file', () => {
    const read = (): Row[] => csv(HEADER + 'x'.repeat(2 * MAX_RECORD_BYTES), 1 << 20);
    expect(read).toThrow(/^line 2 is longer than/);
  });

  it.each([
    ['', 'the file is empty'],
    ['title\nx', 'the header lacks external_id. The columns are external_id,'],
    ['external_id,titel,title,title\n', 'the header has the column "titel", which no track has; has "title" twice.'],
    ['external_id,"title\n', 'the header has a quote that is not closed'],
  ])('refuses the header of %j', (text, message) => {
    expect(() => csv(text)).toThrow(LoadFailure);
    expect(() => csv(text)).toThrow(message);
  });
});

describe('values', () => {
  const one = (field: string, value: string): [value: string | null, unreadable: string | null] => {
    const [row] = csv(`external_id,title,${field}\ni1,t,"${value.replaceAll('"', '""')}"`);
    const place = fieldsOf(csv(`external_id,title,${field}\ni1,t,"${value.replaceAll('"', '""')}"`)[0]);
    const given = place.slice(4, -2).find((cell) => cell !== null) ?? null;
    return [given, unreadableOf(row)];
  };
  it.each([
    ['genres', '["rock","pop"]', '{"rock","pop"}'],
    ['genres', '[]', '{}'],
    ['genres', '["a\\"b","c\\\\d"]', '{"a\\"b","c\\\\d"}'],
    ['genres', '{rock,"hip hop"}', '{rock,"hip hop"}'],
    ['genres', '{}', '{}'],
    ['genres', '{"a,null,b"}', '{"a,null,b"}'],
    ['duration_ms', '-12', '-12'],
    ['metadata', '{"a": 12345678901234567890}', '{"a": 12345678901234567890}'],
  ])('reads as %s: %s', (field, text, value) => expect(one(field, text)).toEqual([value, null]));
  it.each([
    ['genres', 'rock'],
    ['genres', '["rock",]'],
    ['genres', '["rock",1]'],
    ['genres', '{rock,}'],
    ['genres', '{rock,NULL}'],
    ['genres', '{{a},{b}}'],
    ['genres', '{a b"c}'],
    ['duration_ms', '2020x'],
    ['duration_ms', '1.0'],
    ['duration_ms', ' 1'],
    ['duration_ms', '1234567890123456789'],
    ['duration_ms', '١'],
    ['metadata', '{"a":'],
    ['metadata', "{'a': 1}"],
  ])('does not read as %s: %s', (field, text) => expect(one(field, text)).toEqual([null, `{"${field}"}`]));
});

describe('NDJSON', () => {
  it('reads objects, and breaks the lines that are none', () => {
    const lines = [
      '{"external_id":"i1","title":"Ö\\n","duration_ms":12}',
      '',
      '{"external_id":"i2"',
      '[1]',
      'null',
      '{"external_id":"i3","title":"a\\u0000b"}',
      '{"external_id":"i4","title":"\\ud800"}',
      '{"external_id":"i5","title":1,"x":2,"y":null,"genres":[1],"isrc":{}}',
    ];
    for (const piece of [1, 5, 1000]) {
      const rows = ndjson(`\ufeff${lines.join('\r\n')}`, piece);
      expect(rows.map((row) => [row.line, brokenOf(row)])).toEqual([
        [1, null],
        [3, expect.stringContaining('not JSON: ')],
        [4, 'not a JSON object'],
        [5, 'not a JSON object'],
        [6, 'a NUL character or half a surrogate pair'],
        [7, 'a NUL character or half a surrogate pair'],
        [8, null],
      ]);
      expect(valuesOf(rows[0])).toEqual(['i1', 'Ö\n', null]);
      expect(unreadableOf(rows[6])).toBe('{"x","isrc","genres"}');
      expect(rows.map(contentOf)).toEqual(lines.filter((line) => line !== ''));
    }
  });

  it('keeps numbers that JavaScript cannot hold', () => {
    const [row] = ndjson('{"external_id":"i1","title":"t","metadata":{"a":12345678901234567890,"b":1.50,"c":1e400}}');
    expect(fieldsOf(row)).toContain('{"a":12345678901234567890,"b":1.50,"c":1e400}');
  });
});
