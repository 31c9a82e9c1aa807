import { answer, coverage, totalsSentence } from './sentences';
import { aList, aStatement } from './statement.fixture';

const change = (kind: 'slower' | 'faster' | 'new' | 'gone' | 'unknown', meanRatio: number | null = null) =>
  aStatement({ change: { kind, meanRatio, callsRatio: null } });

it('says what costs most and what changed', () => {
  const list = aList([
    aStatement({ figures: { share: 0.38 } }),
    change('slower', 3),
    change('slower', 12.3),
    change('new'),
  ]);
  expect(answer(list)).toBe(
    'On average 2 statements ran at a time; the costliest listed is 38 % of that. ' +
      'Of those listed, 2 slower than before (up to ×12.3) and 1 new.',
  );
});
it('says that nothing changed, or that it cannot know', () => {
  expect(answer(aList([aStatement()]))).toMatch(/None of those listed changed beyond noise\.$/);
  expect(answer(aList([change('unknown')]))).toMatch(/There is no history before this window to compare with\.$/);
  expect(answer(aList([]))).toBe('');
});
it('takes times without history off the average', () => {
  const list = aList([aStatement()]);
  expect(answer({ ...list, window: { ...list.window, gapSeconds: 1800 } })).toMatch(/^On average 4 statements/);
});
it('says what the rest is', () => {
  expect(totalsSentence(aList([aStatement(), aStatement()], 4950))).toBe(
    'These 2 are 20 % of the load of all databases; the rest: 4,950 statements.',
  );
  expect(totalsSentence(aList([aStatement()], 1))).toBe(
    'This one is 10 % of the load of all databases; the rest: 1 statement.',
  );
  expect(totalsSentence(aList([aStatement()]))).toBe('This one is all there is in this window.');
});
it('says what is missing', () => {
  const { window } = aList([]);
  expect(coverage({ window })).toEqual([]);
  expect(coverage({ window: { ...window, gapSeconds: 340, notes: ['Statistics were reset at 09:51.'] } })).toEqual([
    'Nothing was recorded for 5 min of this window.',
    'Statistics were reset at 09:51.',
  ]);
});
