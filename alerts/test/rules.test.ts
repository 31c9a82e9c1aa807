import { alertsOf, rulesOf, scrapedNames, withRecordings } from '../lib/rules.ts';

const FILE = `
groups:
  - name: one
    rules:
      - record: instance:a:rate5m
        expr: rate(a_total[5m])
      - record: job:a:rate5m
        expr: sum by (job) (instance:a:rate5m)
      - alert: Something
        expr: |
          job:a:rate5m > 5 unless b
        for: 1h30m
        keep_firing_for: 5m
        labels: {severity: warning}
        annotations: {summary: Something is.}
      - alert: Else
        expr: vector(1)
`;

test('rules are read with their durations in seconds', () => {
  const rules = rulesOf('example', FILE);
  expect(rules.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
    'record instance:a:rate5m',
    'record job:a:rate5m',
    'alert Something',
    'alert Else',
  ]);
  expect(alertsOf(rules)).toEqual([
    {
      kind: 'alert',
      area: 'example',
      group: 'one',
      name: 'Something',
      expr: 'job:a:rate5m > 5 unless b',
      for: 5400,
      keepFiringFor: 300,
      labels: { severity: 'warning' },
      annotations: { summary: 'Something is.' },
    },
    expect.objectContaining({ name: 'Else', for: 0, keepFiringFor: 0, labels: {}, annotations: {} }),
  ]);
});

test('recorded series are followed to what is scraped', () => {
  const rules = rulesOf('example', FILE);
  const [, , alert] = rules;
  expect(withRecordings(alert, rules)).toEqual(rules.slice(0, 3));
  expect(scrapedNames([alert], rules)).toEqual(['a_total', 'b']);
});

test('what is not a rule file is an error that names it', () => {
  expect(() => rulesOf('empty', '')).toThrow('empty.rules.yml has no groups');
  expect(() => rulesOf('odd', 'groups: [{name: g, rules: [{expr: up}]}]')).toThrow('a rule in g has no name');
  expect(() => rulesOf('odd', 'groups: [{name: g, rules: [{alert: A, expr: up, for: soon}]}]')).toThrow(
    'not a duration',
  );
});
