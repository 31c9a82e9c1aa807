import {
  format,
  formatChange,
  formatExact,
  formatIn,
  formatNumber,
  joinUnit,
  plural,
  scaleOf,
  scaleOfColumn,
} from './format';

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [1, '1'],
    [1.5, '1.50'],
    [12.345, '12.3'],
    [123.45, '123'],
    [999.4, '999'],
    [999.6, '1,000'],
    [1234567, '1,230,000'],
    [0.5, '0.500'],
    [0.0123, '0.012'],
    [0.0001, '<0.001'],
    [-12.345, '−12.3'],
    [9.999, '10.0'],
  ])('%p reads %p', (value, text) => expect(formatNumber(value)).toBe(text));
});

describe('format', () => {
  it.each([
    ['seconds', 0.00124, '1.24 ms'],
    ['seconds', 0, '0 s'],
    ['seconds', 3 * 86_400, '3 d'],
    ['seconds', 45e-9, '0.045 µs'],
    ['bytes', 2.1 * 1024 ** 3, '2.10 GiB'],
    ['bytes', 8192, '8 KiB'],
    ['count', 4950, '4,950'],
    ['count', 1_230_000, '1.23 M'],
    ['perSecond', 12.5, '12.5/s'],
    ['perSecond', 25_000, '25 k/s'],
    ['ratio', 0.38, '38 %'],
  ] as const)('%s %p reads %p', (quantity, value, text) => expect(format(quantity, value)).toBe(text));
});

describe('a column has one unit', () => {
  it('takes it from the median, not from the largest', () => {
    const values = [0.001, 0.002, 0.003, 4000];
    const scale = scaleOfColumn('seconds', values);
    expect(scale.unit).toBe('ms');
    expect(values.map((value) => formatIn(scale, value))).toEqual(['1', '2', '3', '4,000,000']);
  });
  it('leaves zeros and unknowns out', () => {
    expect(scaleOfColumn('bytes', [0, 0, 0, null, undefined, 8192]).unit).toBe('KiB');
    expect(scaleOfColumn('seconds', [null, 0]).unit).toBe('s');
    expect(scaleOfColumn('count', []).unit).toBe('');
  });
});

describe('formatChange', () => {
  it.each([
    [1.8, '×1.80'],
    [12, '×12'],
    [1.1, '+10 %'],
    [0.88, '−12 %'],
    [0.1, '−90 %'],
    [1.001, '±0 %'],
  ])('%p reads %p', (ratio, text) => expect(formatChange(ratio)).toBe(text));
});

it('counts in sentences are exact', () => {
  expect(formatExact(1_234_567)).toBe('1,234,567');
  expect(plural(1, 'statement')).toBe('1 statement');
  expect(plural(4950, 'statement')).toBe('4,950 statements');
  expect(plural(2, 'index', 'indexes')).toBe('2 indexes');
});

it('joins units', () => {
  expect(joinUnit('5', '')).toBe('5');
  expect(joinUnit('5', '/s')).toBe('5/s');
  expect(scaleOf('ratio', 0.5)).toEqual({ unit: '%', size: 0.01 });
});
