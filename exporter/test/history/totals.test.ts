/** Totals, page by page and point by point, against the plain way of doing it. */
import type { Entries } from '../../src/history/codec.ts';
import { firstOf } from '../../src/history/first_of.ts';
import { Totals } from '../../src/history/totals.ts';
import { randomOf } from '../../../bench/api/random.ts';

const random = randomOf(3);
const upTo = (most: number): number => Math.floor(random() * most);

/** Lives in any order, each once; two columns. */
function someEntries(most: number): Entries {
  const ids = [...new Set(Array.from({ length: upTo(most) }, () => 1 + upTo(most)))];
  const column = (): Float64Array => Float64Array.from(ids, () => upTo(1000));
  return { ids: Float64Array.from(ids), columns: [column(), column()] };
}

it.each([
  ['all lives', undefined],
  ['the wanted ones', new Set(Array.from({ length: 20 }, (_, place) => place * 3))],
])('lays points over each other: of %s the last that was said counts', (_, wanted) => {
  for (let run = 0; run < 200; run++) {
    const totals = new Totals(2);
    const plain = new Map<number, number[]>();
    for (let point = 0; point < 6; point++) {
      const entries = someEntries(60);
      for (const [entry, id] of entries.ids.entries()) {
        if (wanted?.has(id) !== false) plain.set(id, [entries.columns[0][entry], entries.columns[1][entry]]);
      }
      totals.lay(entries, wanted);
    }
    const ids = [...plain.keys()].sort((a, b) => a - b);
    expect([...totals.ids]).toEqual(ids);
    expect(ids.map((id) => [...totals.values(id)])).toEqual(ids.map((id) => plain.get(id)));
    expect(totals.columns.map((column) => column.length)).toEqual([ids.length, ids.length]);
    expect([totals.has(1000), totals.get(1000, 1)]).toEqual([false, 0]);
  }
});

it('the first of many are those that sorting all of them would give, equals in the order given', () => {
  for (let run = 0; run < 300; run++) {
    const items = Array.from({ length: upTo(900) }, (_, place) => ({ place, value: upTo(30) }));
    const count = upTo(700);
    const compare = (a: { value: number }, b: { value: number }): number => b.value - a.value;
    expect(firstOf(items, count, compare)).toEqual(items.toSorted(compare).slice(0, count));
  }
});
