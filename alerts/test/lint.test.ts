/** What every rule must be, whatever it is about. */
import { known } from '../lib/catalogue.ts';
import { aggregatedBy, matchings, metricNames, selectors, windows } from '../lib/promql.ts';
import { alertsOf, BOARD_OF, loadRules } from '../lib/rules.ts';

const rules = loadRules();
const alerts = alertsOf(rules);
const recorded = new Set(rules.filter(({ kind }) => kind === 'record').map(({ name }) => name));

/** Four scrapes of a minute: Prometheus 3 leaves the oldest sample out. */
const SHORTEST_WINDOW = 240;

const GRAFANA = String.raw`\{\{ \$externalLabels\.grafana_url \}\}`;
const VARIABLE = String.raw`&var-(\w+)=\{\{ \$labels\.\2 \}\}`;

test.each(alerts.map((alert) => [`${alert.name} (${alert.labels.severity})`, alert] as const))(
  '%s says what it must',
  (_, { name, area, labels, annotations }) => {
    expect(name).toMatch(/^((Postgres|PgBouncer|Pgvigil|Ingestion)[A-Z]\w+|Watchdog)$/);
    expect(['critical', 'warning', 'info', 'none']).toContain(labels.severity);
    expect(Object.keys(annotations)).toEqual(
      expect.arrayContaining(['summary', 'description', 'runbook_url', 'dashboard_url']),
    );
    const { summary, description, runbook_url, dashboard_url, app_url } = annotations;
    // The same for all that it stands for, so that a page can be grouped.
    expect(summary).toMatch(/^[A-Z][^{}]*[a-zA-Z0-9]\.$/);
    expect(summary).not.toMatch(/\. /);
    expect(description.trim()).toMatch(/\.$/);
    expect(runbook_url).toMatch(new RegExp(`^${GRAFANA}/a/pgvigil-database-app/runbooks/${name}$`));
    const board = new RegExp(String.raw`^${GRAFANA}/d/(${BOARD_OF[area]})\?viewPanel=\d+(?:${VARIABLE})*$`);
    expect(dashboard_url).toMatch(board);
    if (app_url !== undefined) {
      expect(app_url).toMatch(new RegExp(`^${GRAFANA}/a/pgvigil-database-app/(queries|activity|maintenance)(/|\\?)`));
    }
    // A value in a label makes a new alert of each evaluation.
    expect(JSON.stringify(labels)).not.toContain('$value');
  },
);

test.each(rules.map((rule, index) => [`${rule.name} #${index}`, rule] as const))(
  '%s reads metrics that exist',
  (_, { expr }) => {
    const unknown = metricNames(expr).filter((name) => !recorded.has(name) && !known(name));
    expect(unknown).toEqual([]);
  },
);

test('every selector names its metric', () => {
  const nameless = rules.filter(({ expr }) => selectors(expr).some(({ metric }) => metric === ''));
  expect(nameless.map(({ name }) => name)).toEqual([]);
});

test('windows hold four scrapes of a minute at least', () => {
  const short = rules.filter(({ expr }) => windows(expr).some((seconds) => seconds < SHORTEST_WINDOW));
  expect(short.map(({ name, expr }) => `${name}: ${expr}`)).toEqual([]);
});

const OF_COUNTERS = ['rate', 'increase', 'irate', 'resets', 'last_over_time', 'present_over_time'];

/** Counters that are looked at as they are, with the reason. */
const AS_IS: Readonly<Record<string, string>> = {
  'PgvigilActionFailed pgvigil_jobs_total': 'compared with what it was half an hour ago: the first one has no increase',
};

test('counters are looked at through rate and increase, gauges are not', () => {
  const wrong = rules.flatMap(({ name, expr }) =>
    selectors(expr).flatMap(({ metric, calls, text }) => {
      if (recorded.has(metric) || `${name} ${metric}` in AS_IS) return [];
      const isCounter = known(metric)?.type === 'counter';
      const asCounter = calls.some((call) => OF_COUNTERS.slice(0, 3).includes(call));
      if (isCounter && !calls.some((call) => OF_COUNTERS.includes(call)) && !isOnlyThere(expr, text))
        return [`${name}: ${text} is a counter`];
      return !isCounter && asCounter ? [`${name}: ${text} is no counter`] : [];
    }),
  );
  expect(wrong).toEqual([]);
});

/** On the right of `and` or `unless`, where only its being there counts. */
const isOnlyThere = (expr: string, text: string): boolean =>
  matchings(expr).some(({ operator, right }) => ['and', 'unless'].includes(operator) && right === text);

/** Vectors that meet without `on`, with the reason. */
const UNMATCHED: Readonly<Record<string, string>> = {
  PostgresStatementRegressed: 'counters of one collector, with the same labels',
  PostgresPasswordExpires: 'the same series twice',
  PgvigilActionFailed: 'the same series half an hour apart',
};

test('vectors are matched by name, so that labels that a user adds break nothing', () => {
  const wrong = rules.flatMap(({ name, expr }) =>
    matchings(expr)
      .filter(({ operator }) => operator !== 'or')
      .filter(({ modifier, left, right }) => modifier !== 'on' && !(aggregatedBy(left) && aggregatedBy(right)))
      .filter(() => !(name in UNMATCHED))
      .map(({ operator, left, right }) => `${name}: ${left} ${operator} ${right}`),
  );
  expect(wrong).toEqual([]);
});

test('what is aggregated or matched keeps the server apart', () => {
  const wrong = rules.flatMap(({ name, expr }) =>
    matchings(expr)
      .filter(({ modifier }) => modifier === 'on')
      .filter(({ labels }) => !['job', 'cluster'].every((label) => labels.includes(label)))
      .map(({ labels }) => `${name}: on (${labels.join(', ')})`),
  );
  expect(wrong).toEqual([]);
});

test('two severities of one alert have one summary and one runbook', () => {
  for (const [name, same] of Map.groupBy(alerts, (alert) => alert.name)) {
    expect({ name, summaries: new Set(same.map(({ annotations }) => annotations.summary)).size }).toEqual({
      name,
      summaries: 1,
    });
    expect(new Set(same.map(({ labels }) => labels.severity)).size).toBe(same.length);
    expect(new Set(same.map(({ area }) => area)).size).toBe(1);
  }
});
