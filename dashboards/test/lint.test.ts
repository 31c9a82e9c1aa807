/** The rules of Grafana's dashboard-linter, after its public documentation; none is excused. */
import { parse, selectors } from '../../alerts/lib/promql.ts';
import { boards, interpolated, panels, targets, type VariableJson } from './support/boards.ts';

const INTERVALS = { rateInterval: '5m', range: '1h' };
const valid = (expr: string): boolean => {
  try {
    parse(interpolated(expr, INTERVALS));
    return true;
  } catch {
    return false;
  }
};
const variable = (uid: string, name: string): VariableJson | undefined =>
  boards.find((board) => board.uid === uid)!.templating.list.find((one) => one.name === name);
const queried = boards.flatMap(({ uid, templating }) =>
  templating.list.filter(({ type }) => type === 'query').map((one) => ({ at: `${uid} ${one.name}`, one })),
);
const queryOf = ({ query }: VariableJson): string => (typeof query === 'string' ? query : query.query);
const uids = boards.map(({ uid }) => uid);

/** App panels ask the exporter: they have no data source, no query, and units of their own. */
const asking = panels.filter(({ panel }) => !panel.type.startsWith('pgvigil-'));

test.each(uids)('template-datasource: %s has one variable for the data source', (uid) => {
  const sources = boards
    .find((board) => board.uid === uid)!
    .templating.list.filter(({ type }) => type === 'datasource');
  expect(sources).toEqual([expect.objectContaining({ name: 'datasource', label: 'Data source', query: 'prometheus' })]);
});

test.each(
  uids.flatMap((uid) => [
    [uid, 'job', 'Job'],
    [uid, 'instance', 'Instance'],
  ]),
)('%s: template-%s', (uid, name, label) => {
  const expected = {
    type: 'query',
    label,
    multi: true,
    allValue: '.+',
    datasource: { type: 'prometheus', uid: '${datasource}' },
  };
  expect(variable(uid, name)).toMatchObject(expected);
});

test('template-label-promql: variables ask in PromQL', () => {
  const inner = /^(?:label_values\((.*), \w+\)|query_result\((.*)\))$/s;
  const offenders = queried.filter(({ one }) => {
    const [, series, expr] = inner.exec(queryOf(one)) ?? [];
    return !valid(series ?? expr ?? 'not PromQL!');
  });
  expect(offenders.map(({ at }) => at)).toEqual([]);
});

test('template-on-time-change-reload: variables are asked again for another time range', () => {
  expect(queried.filter(({ one }) => one.refresh !== 2).map(({ at }) => at)).toEqual([]);
});

test('panel-datasource: panels and queries use the variable', () => {
  const wrong = [
    ...asking.filter(({ panel }) => panel.datasource?.uid !== '${datasource}'),
    ...targets.filter(({ target }) => target.datasource?.uid !== '${datasource}'),
  ];
  expect(wrong.map(({ at }) => at)).toEqual([]);
});

test('panel-title-description: panels have both', () => {
  expect(panels.filter(({ panel }) => !panel.title || !panel.description).map(({ at }) => at)).toEqual([]);
});

/** Of Grafana's list of units, those that we use. */
const UNITS = ['none', 'short', 'percentunit', 's', 'bytes', 'binBps', 'ops', 'cps', 'reqps', 'dateTimeFromNow'];

test('panel-units: panels have a unit of Grafana’s list', () => {
  const wrong = asking.filter(({ panel }) => !UNITS.includes(panel.fieldConfig?.defaults.unit ?? ''));
  expect(wrong.map(({ at }) => at)).toEqual([]);
  // `none` is for what is words, or a plain count.
  const words = asking.filter(
    ({ panel }) => panel.fieldConfig?.defaults.unit === 'none' && panel.fieldConfig.defaults.mappings?.length === 0,
  );
  expect(words.map(({ panel }) => panel.type).filter((type) => type !== 'stat')).toEqual([]);
});

test('panel-no-targets: panels ask something', () => {
  expect(asking.filter(({ panel }) => !panel.targets?.length).map(({ at }) => at)).toEqual([]);
});

test('target-promql: queries are PromQL', () => {
  expect(targets.filter(({ target }) => !valid(target.expr)).map(({ at }) => at)).toEqual([]);
});

test('target-rate-interval: rates are over $__rate_interval', () => {
  const ranges = /\b(?:rate|irate|increase)\([^[\]]*\[([^\]]+)\]/g;
  const wrong = targets.filter(({ target }) =>
    [...target.expr.matchAll(ranges)].some(([, range]) => range !== '$__rate_interval'),
  );
  expect(wrong.map(({ at }) => at)).toEqual([]);
  expect(targets.some(({ target }) => ranges.test(target.expr))).toBe(true);
});

test.each(['job', 'instance'])('target-%s: every selector follows the variable', (label) => {
  const wrong = targets.filter(({ target }) =>
    selectors(target.expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h')).some(
      ({ matchers }) =>
        !matchers.some((one) => one.label === label && one.operator === '=~' && one.value === `$${label}`),
    ),
  );
  expect(wrong.map(({ at }) => at)).toEqual([]);
});

test('target-counter-agg: counters are drawn as rates', () => {
  const wrong = targets.filter(({ target }) =>
    selectors(interpolated(target.expr, INTERVALS)).some(
      ({ metric, calls }) => metric.endsWith('_total') && !['rate', 'irate', 'increase'].includes(calls[0]),
    ),
  );
  expect(wrong.map(({ at }) => at)).toEqual([]);
});

test('uneditable-dashboard: changes are made in the source', () => {
  expect(boards.filter(({ editable }) => editable).map(({ uid }) => uid)).toEqual([]);
});
