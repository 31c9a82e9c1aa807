import { changeOf, effectLine, measured } from './measure_text';

const dead = { title: 'Dead rows', unit: 'rows' as const, before: 12_000, after: 600 };

it('names unit and change', () => {
  expect(effectLine([dead, { title: 'Size', unit: 'bytes', before: 8192, after: 8192 }])).toBe(
    'Dead rows: 12 k → 600 (−95 %) · Size: 8 KiB → 8 KiB',
  );
});

it('makes up nothing', () => {
  expect(measured({ ...dead, before: null }, 'before')).toBe('unknown');
  expect(changeOf({ ...dead, before: null })).toBe('');
  expect(changeOf({ ...dead, before: 0 })).toBe('');
});
