import type { QueryDetail, SeenPlan } from '@pgvigil/exporter/contract';
import { aNode } from '../../lib/plan.fixture';
import { aList, aStatement } from '../../components/statements/statement.fixture';
import { exampleOf, isNumeric, valueOf } from './parameters';
import { chosenPlans } from './plans';
import { answer, rankSentence } from './sentences';
import { tabOf } from './state';

const detail = (more: Partial<QueryDetail> = {}): QueryDetail => ({
  ...aStatement(),
  window: aList([]).window,
  before: null,
  rank: 1,
  of: 212,
  firstSeen: '2026-11-01T00:00:00.000Z',
  trend: { stepSeconds: 60, points: [] },
  marks: [],
  waits: [],
  tables: [],
  indexes: [],
  problems: [],
  ...more,
});

it.each([
  [1, '1st of 212 by load'],
  [2, '2nd of 212 by load'],
  [3, '3rd of 212 by load'],
  [11, '11th of 212 by load'],
  [112, '112th of 212 by load'],
  [121, '121st of 212 by load'],
])('rank %p reads %p', (rank, text) => expect(rankSentence({ rank, of: 212 })).toBe(text));

describe('why it costs that, in a sentence', () => {
  it('how often, how long, what changed, what it waits for', () => {
    const text = answer(
      detail({
        change: { kind: 'slower', meanRatio: 12.3, callsRatio: 1.4 },
        waits: [
          { type: 'CPU', event: '', seconds: 1, share: 0.2 },
          { type: 'IO', event: 'DataFileRead', seconds: 4, share: 0.8 },
        ],
      }),
    );
    expect(text).toBe(
      '10 % of the load: 1 calls/s of 2 ms each. Each is slower than in the window before: ×12.3, with +40 % calls. ' +
        'It waits mostly for IO · DataFileRead: 80 % of the time it was seen.',
    );
  });
  it('does not make up a change that it cannot know', () => {
    const text = answer(detail({ change: { kind: 'unknown', meanRatio: null, callsRatio: null } }));
    expect(text).toMatch(/There is no history of the window before\.$/);
  });
  it('says that it was not called', () => {
    expect(answer(detail({ figures: { ...aStatement().figures, calls: 0, meanSeconds: null } }))).toBe(
      'It was not called in this window.',
    );
  });
});

describe('parameters', () => {
  it('are sent as text that PostgreSQL reads: a bigint keeps its digits', () => {
    expect(valueOf('bigint', { text: '9007199254740993', isNull: false })).toBe('9007199254740993');
    expect(valueOf('text', { text: "'; drop table x; --", isNull: false })).toBe("'; drop table x; --");
  });
  it('tell NULL from empty', () => {
    expect(valueOf('text', { text: 'old', isNull: true })).toBeNull();
    expect(valueOf('text', undefined)).toBe('');
  });
  it('know true and false', () => {
    expect(valueOf('boolean', { text: 'true', isNull: false })).toBe(true);
    expect(valueOf('boolean', undefined)).toBe(false);
  });
  it('are asked for by type', () => {
    expect(isNumeric('numeric(10,2)')).toBe(true);
    expect(isNumeric('integer[]')).toBe(false);
    expect(isNumeric('interval')).toBe(false);
    expect(exampleOf('timestamp with time zone')).toMatch(/^\d{4}-/);
    expect(exampleOf('integer[]')).toBe('{a,b}');
  });
});

describe('plans compared', () => {
  const plan = (fingerprint: string) => ({ fingerprint, root: aNode() }) as SeenPlan;
  const items = [plan('new'), plan('mid'), plan('old')];
  const names = (a: string, b: string, of = items) => {
    const chosen = chosenPlans(of, a, b);
    return chosen && [chosen.a.fingerprint, chosen.b.fingerprint];
  };
  it('are the two newest unless the address names others', () => {
    expect(names('', '')).toEqual(['mid', 'new']);
    expect(names('old', 'mid')).toEqual(['old', 'mid']);
    expect(names('', 'mid')).toEqual(['new', 'mid']);
    expect(names('gone', 'gone')).toEqual(['mid', 'new']);
  });
  it('are the same where there is one, and none where there is none', () => {
    expect(names('', '', [plan('only')])).toEqual(['only', 'only']);
    expect(names('', '', [])).toBeUndefined();
  });
});

it('a tab that does not exist is the first', () => {
  expect(tabOf('waits')).toBe('waits');
  expect(tabOf('advice')).toBe('plan');
});
