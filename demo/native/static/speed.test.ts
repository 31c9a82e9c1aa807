import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { accelerate, accelerateExpression } from '../speed.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

test('windows, steps and offsets are divided; numbers, names, labels and texts stay', () => {
  expect(
    accelerateExpression('sum by (a) (rate(foo:rate5m{a="[5m]"}[5m] offset 1h)) > 300 and x[1h30m:1m] @ end()', 15),
  ).toBe('sum by (a) (rate(foo:rate5m{a="[5m]"}[20s] offset 240s)) > 300 and x[360s:4s] @ end()');
  expect(accelerateExpression('predict_linear(free[6h], 4 * 3600) < 0', 60)).toBe(
    'predict_linear(free[360s], 4 * 3600) < 0',
  );
  expect(accelerateExpression('rate(a[10s])', 15)).toBe('rate(a[667ms])');
  expect(() => accelerateExpression('rate(a[300])', 15)).toThrow('"300"');
});

test('only durations of the configuration are divided', () => {
  const text = `
global: { scrape_interval: 15s, scrape_timeout: 10s }
groups:
  - name: five # minutes
    interval: 1m
    rules:
      - alert: Slow
        expr: rate(a[5m]) > 300
        for: 5m
        keep_firing_for: 0s
        annotations: { summary: 'for 5m' }
route: { repeat_interval: 12h, receiver: 5m }
time_intervals: [{ times: [{ start_time: '02:00' }] }]
`;
  expect(parse(accelerate(text, 15))).toEqual({
    // As long as the interval: a server is no faster than before.
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    groups: [
      {
        name: 'five',
        interval: '4s',
        rules: [
          {
            alert: 'Slow',
            expr: 'rate(a[20s]) > 300',
            for: '20s',
            keep_firing_for: '0s',
            annotations: { summary: 'for 5m' },
          },
        ],
      },
    ],
    route: { repeat_interval: '2880s', receiver: '5m' },
    time_intervals: [{ times: [{ start_time: '02:00' }] }],
  });
  expect(accelerate(text, 1)).toBe(text);
});

const files = [
  'provisioning/prometheus/prometheus.yml',
  'provisioning/alertmanager/alertmanager.yml',
  ...readdirSync(join(ROOT, 'alerts'))
    .filter((name) => name.endsWith('.rules.yml'))
    .map((name) => `alerts/${name}`),
];

test.each(files)('%s keeps everything but its durations', (file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  // A duration, where it is a whole value or in brackets or after `offset` in an expression.
  const blurred = (source: string): unknown =>
    JSON.parse(
      JSON.stringify(parse(source)).replaceAll(/(?<=["[:]|offset )(\d+(ms|[smhdw]))+(?=["\]:]|\W)/g, 'T'),
      (key, value: unknown) => (key === 'scrape_timeout' ? undefined : value),
    );
  expect(blurred(accelerate(text, 15))).toEqual(blurred(text));
  expect(accelerate(text, 15)).not.toBe(text);
});
