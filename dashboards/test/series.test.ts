/** Whether what boards ask for exists, and keeps the labels that legends and tables name. */
import { selectors } from '../../alerts/lib/promql.ts';
import { labelsOf, SERVER } from '../src/lib/catalogue.ts';
import { boards, interpolated, panels, targets } from './support/boards.ts';
import { keptLabels } from './support/labels.ts';

const plain = (expr: string): string => interpolated(expr, { rateInterval: '5m', range: '1h' });

const asked = [
  ...targets.map(({ at, target }) => ({ at, expr: plain(target.expr) })),
  ...boards.flatMap(({ uid, annotations }) =>
    annotations.list.map(({ name, expr }) => ({ at: `${uid} annotation ${name}`, expr: plain(expr) })),
  ),
];

test('every metric is one that the exporter, or a rule, gives', () => {
  const unknown = asked.flatMap(({ at, expr }) =>
    selectors(expr)
      .filter(({ metric }) => labelsOf(metric) === undefined)
      .map(({ metric }) => `${at}: ${metric}`),
  );
  expect(unknown).toEqual([]);
});

test('every label in a selector is one that the metric has', () => {
  const unknown = asked.flatMap(({ at, expr }) =>
    selectors(expr).flatMap(({ metric, matchers }) => {
      const labels: readonly string[] = [...SERVER, ...(labelsOf(metric) ?? [])];
      return matchers.filter(({ label }) => !labels.includes(label)).map(({ label }) => `${at}: ${metric}{${label}}`);
    }),
  );
  expect(unknown).toEqual([]);
});

test('databases are chosen wherever a metric has them', () => {
  const missed = targets.flatMap(({ at, target }) =>
    selectors(target.expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h'))
      .filter(({ metric }) => labelsOf(metric)?.includes('datname'))
      .filter(({ matchers }) => !matchers.some(({ label, value }) => label === 'datname' && value === '$datname'))
      .map(({ metric }) => `${at}: ${metric}`),
  );
  expect(missed).toEqual([]);
});

test('legends name labels that their series keep', () => {
  const lost = targets.flatMap(({ at, target }) => {
    const named = [...(target.legendFormat ?? '').matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
    const kept = keptLabels(plain(target.expr));
    return named.filter((label) => !kept.has(label)).map((label) => `${at}: ${label}`);
  });
  expect(lost).toEqual([]);
});

test('series that are told apart by nothing are one', () => {
  const nameless = targets.filter(
    ({ panel, target }) =>
      ['timeseries', 'state-timeline'].includes(panel.type) &&
      !target.legendFormat?.includes('{{') &&
      keptLabels(plain(target.expr)).size > 0,
  );
  expect(nameless.map(({ at }) => at)).toEqual([]);
});

test('columns of tables are labels that their series keep', () => {
  const lost = panels
    .filter(({ panel }) => panel.type === 'table')
    .flatMap(({ at, panel }) => {
      const { transformations } = panel as unknown as {
        transformations: { id: string; options: { include?: { names: string[] } } }[];
      };
      const shown = transformations.find(({ id }) => id === 'filterFieldsByName')!.options.include!.names;
      const labels = shown.filter((name) => !name.startsWith('Value'));
      const kept = new Set(panel.targets!.flatMap(({ expr }) => [...keptLabels(plain(expr))]));
      return labels.filter((label) => !kept.has(label)).map((label) => `${at}: ${label}`);
    });
  expect(lost).toEqual([]);
});
