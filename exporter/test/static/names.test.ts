import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectors } from '../../src/collectors/index.ts';
import { declaredMetrics } from '../../src/metrics/compile.ts';
import { profiles } from '../../src/metrics/profiles/index.ts';
import { applyProfile } from '../../src/metrics/select.ts';
import { selfMetrics } from '../../src/metrics/self.ts';
import type { Collector, Metric } from '../../src/metrics/types.ts';

const FAMILIES = join(import.meta.dirname, '../families');

/** The peers' names are kept as they are, right or wrong; ours have no such excuse. */
const peers = new Set(
  readdirSync(FAMILIES)
    .filter((file) => file.endsWith('.tsv'))
    .flatMap((file) => readFileSync(join(FAMILIES, file), 'utf8').split('\n'))
    .map((line) => line.split('\t')[0]),
);

const declared = collectors.flatMap((collector) => declaredMetrics(collector).map((metric) => ({ collector, metric })));
const all: { collector: string; metric: Metric }[] = [
  ...declared.map(({ collector, metric }) => ({ collector: collector.name, metric })),
  ...Object.values(selfMetrics).map((metric) => ({ collector: 'self', metric })),
];
const ours = all.filter(({ metric }) => !peers.has(metric.name));

/** A name that breaks the rule on purpose, each with its reason. */
const EXCUSED: Readonly<Record<string, string>> = {};

const RULES: readonly (readonly [rule: string, broken: (metric: Metric) => boolean])[] = [
  ['is a valid name in lower case', ({ name }) => !/^(pg|pgbouncer|pgvigil|musicdb)_[a-z0-9_]*[a-z0-9]$/.test(name)],
  [
    'ends in _total if and only if it is a counter',
    ({ name, type }) => (type === 'counter') !== name.endsWith('_total'),
  ],
  [
    'has base units only',
    ({ name }) => /_(ms|us|milliseconds|microseconds|minutes|kb|mb|kilobytes|percent)(_|$)/.test(name),
  ],
  ['says seconds where it is a time', ({ name }) => /_(time|duration|lag|timestamp)(_total)?$/.test(name)],
  [
    'calls an instant _timestamp_seconds',
    ({ name }) => /_(start|reset|last_\w+)_seconds$/.test(name) && !/timestamp|age/.test(name),
  ],
  ['is not untyped', ({ name, type }) => type === 'untyped' && !peers.has(name)],
];

test.each(RULES)('every name of ours %s', (_, broken) => {
  const offenders = ours.filter(({ metric }) => broken(metric) && !(metric.name in EXCUSED));
  expect(offenders.map(({ collector, metric }) => `${collector}: ${metric.name} (${metric.type})`)).toEqual([]);
});

test('every help text ends with its origin', () => {
  const offenders = all.filter(({ metric }) => !/\([^()]*(\([^()]*\)[^()]*)*\)\.$/.test(metric.help));
  expect(offenders.map(({ metric }) => `${metric.name}: ${metric.help}`)).toEqual([]);
});

test.each(Object.values(profiles))('no metric is declared by two collectors, profile $name', (profile) => {
  const owners = new Map<string, Set<string>>();
  for (const collector of collectors.map((one) => applyProfile(one, profile))) {
    for (const { name } of declaredMetrics(collector))
      owners.set(name, (owners.get(name) ?? new Set()).add(collector.name));
  }
  for (const { name } of Object.values(selfMetrics)) owners.set(name, (owners.get(name) ?? new Set()).add('self'));
  const shared = [...owners].filter(([, names]) => names.size > 1);
  expect(shared.map(([name, names]) => `${name}: ${[...names].join(', ')}`)).toEqual([]);
});

test('one metric has one type and one help text', () => {
  const seen = new Map<string, Metric>();
  for (const { metric } of all) {
    const before = seen.get(metric.name) ?? metric;
    expect({ name: metric.name, type: metric.type }).toEqual({ name: before.name, type: before.type });
    seen.set(metric.name, before);
  }
});

test('a collector per object has a budget, and budgets rank by a number it reads', () => {
  const objectLabels = ['relname', 'indexrelname', 'queryid', 'sequencename', 'funcname'];
  const perObject = (collector: Collector): boolean => collector.labels.some((label) => objectLabels.includes(label));
  const without = collectors.filter(
    (collector) => perObject(collector) && !collector.budget && !/progress|autovacuum|query_id/.test(collector.name),
  );
  expect(without.map((collector) => collector.name)).toEqual([]);
});
