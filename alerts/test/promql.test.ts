import { mutants } from '../lib/mutants.ts';
import {
  aggregatedBy,
  limits,
  matchings,
  metricNames,
  parse,
  selectors,
  threshold,
  windows,
  withoutThresholds,
} from '../lib/promql.ts';

const CONNECTIONS = `
  max by (job, instance) (pg_connections_used)
    / on (job, instance)
  (max by (job, instance) (pg_connections_max) - max by (job, instance) (pg_connections_reserved))
  > 0.8`;

test('selectors come with their matchers, window and the calls around them', () => {
  const text =
    'sum by (job) (rate(a_total{x="1", y!~"p|q\\\\d"}[5m] offset 1h)) > 0 and max_over_time((b > 2)[10m:1m]) or {__name__="c"}';
  expect(selectors(text)).toEqual([
    {
      metric: 'a_total',
      matchers: [
        { label: 'x', operator: '=', value: '1' },
        { label: 'y', operator: '!~', value: 'p|q\\d' },
      ],
      text: 'a_total{x="1", y!~"p|q\\\\d"}',
      window: 300,
      calls: ['rate', 'sum'],
    },
    { metric: 'b', matchers: [], text: 'b', window: 600, calls: ['max_over_time'] },
    {
      metric: 'c',
      matchers: [{ label: '__name__', operator: '=', value: 'c' }],
      text: '{__name__="c"}',
      window: undefined,
      calls: [],
    },
  ]);
  expect(metricNames('a + a + b')).toEqual(['a', 'b']);
  expect(windows(text)).toEqual([300, 600]);
});

test.each([
  ['a > 5', { operator: '>', value: 5 }],
  ['5 < a', { operator: '>', value: 5 }],
  ['(a / b) >= 2 * 1024 ^ 2', { operator: '>=', value: 2_097_152 }],
  ['a < -(3)', { operator: '<', value: -3 }],
  ['a > 1h', { operator: '>', value: 3600 }],
  ['(a > 5 and b == 0) unless c > 9', { operator: '>', value: 9 }],
  ['a > 5 and on (x) b == 0', { operator: '>', value: 5 }],
  ['max_over_time((a > bool 0.5)[5m:1m]) == 1', { operator: '==', value: 1 }],
  ['a > b', undefined],
  ['vector(1)', undefined],
  ['1 > bool 2', undefined],
])('threshold of %s', (expression, expected) => {
  expect(threshold(expression)).toEqual(expected);
});

test('thresholds are taken away, those of guards too', () => {
  expect(withoutThresholds('a > 5 and on (x) (b == 0)')).toBe('a and on (x) (b)');
  expect(withoutThresholds('absent(up{a="b"} == 1)')).toBe('absent(up{a="b"})');
  expect(withoutThresholds(CONNECTIONS)).not.toContain('0.8');
  expect(limits(withoutThresholds(CONNECTIONS))).toEqual([]);
});

test('vectors are matched; numbers and time() are not', () => {
  expect(matchings(CONNECTIONS)).toMatchObject([
    {
      operator: '/',
      modifier: 'on',
      labels: ['job', 'instance'],
      left: 'max by (job, instance) (pg_connections_used)',
    },
    { operator: '-', modifier: undefined, labels: [] },
  ]);
  expect(matchings('time() - a > 5')).toEqual([]);
  expect(matchings('a unless ignoring (x) b')).toMatchObject([
    { operator: 'unless', modifier: 'ignoring', labels: ['x'] },
  ]);
});

test('what an expression is aggregated by', () => {
  expect(aggregatedBy('(sum by (a, b) (x) * 100) > 5')).toEqual(['a', 'b']);
  expect(aggregatedBy('sum(x)')).toEqual([]);
  expect(aggregatedBy('sum by (a) (x) unless on (a) y')).toEqual(['a']);
  expect(aggregatedBy('sum without (a) (x)')).toBeUndefined();
  expect(aggregatedBy('rate(x[5m])')).toBeUndefined();
});

test.each(['a >', 'sum by a', 'rate(a[5m)', 'a{b=c}'])('%s is not PromQL', (text) => {
  expect(() => parse(text)).toThrow('not PromQL');
});

const made = (expression: string): string[] => mutants(expression).map(({ expr }) => expr);

test('mutants turn comparisons, move thresholds and drop what matches vectors', () => {
  expect(made('a > 5')).toEqual(['a < 5', 'a > 50']);
  expect(made('a < 0.5')).toEqual(['a > 0.5', 'a < 0.05']);
  expect(made('5 < a')).toEqual(['5 > a', '50 < a']);
  expect(made('a > 0')).toEqual(['a < 0', 'a >= 0']);
  expect(made('a == 0')).toEqual(['a != 0']);
  expect(made('a > 1 and on (x) b != 2')).toEqual([
    'a < 1 and on (x) b != 2',
    'a > 10 and on (x) b != 2',
    'a > 1 and on (x) b == 2',
    'a > 1 and  b != 2',
  ]);
  expect(made('a / on (x) group_left (y) b > 1')).toContain('a /  b > 1');
});

test('an `on` that repeats the aggregation of both sides is not worth dropping', () => {
  expect(made('sum by (x) (a) / on (x) sum by (x) (b)')).toEqual([]);
  expect(made('sum by (x) (a) / on (x) sum by (x, y) (b)')).toHaveLength(1);
});

test('nor one where both sides have its labels and no others', () => {
  const recorded = (name: string): string | undefined =>
    name === 'used' ? 'pg_connections_used * on (job, cluster, instance, target) pg_up' : undefined;
  const drops = (expression: string): number => mutants(expression, recorded).length;
  const on = 'on (job, cluster, instance, target)';
  expect(drops(`pg_connections_used / ${on} pg_connections_max`)).toBe(0);
  expect(drops(`used / ${on} (pg_connections_max - ${on} pg_connections_reserved)`)).toBe(0);
  expect(drops(`pg_database_size_bytes / ${on} group_left () pg_connections_max`)).toBe(1);
  expect(drops(`unheard_of / ${on} pg_connections_max`)).toBe(1);
  expect(drops(`pg_database_size_bytes / on (job, cluster, instance, target, datname) (pg_database_xid_age > 0)`)).toBe(
    2,
  );
});

test('every mutant is PromQL', () => {
  for (const { expr } of mutants(`${CONNECTIONS} and on (job) (c{d="e"} <= 3)`))
    expect(() => parse(expr)).not.toThrow();
});
