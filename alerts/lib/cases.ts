/** Turns a recording and what is expected of it into a test of promtool. */
import type { Fault, Firing, Fleet, Severity } from '../faults/types.ts';
import { namesIn } from './catalogue.ts';
import { CLUSTER, JOB } from './lab/prometheus.ts';
import { windows } from './promql.ts';
import { type Recording, seriesText } from './recording.ts';
import { type Alert, alertsOf, type Rule, scrapedNames, withRecordings } from './rules.ts';
import { SCRAPE_SECONDS, stretch } from './timeline.ts';

/** External label of every test: the links begin with it. */
const GRAFANA_URL = 'https://grafana.example.org';

const HEALTHY_SECONDS = 300;
/** Between the moment at which something must have happened and the look at it: two evaluations. */
const MARGIN = 2 * SCRAPE_SECONDS;
/** Longer windows are not waited for: who has one says when it is met. */
const LONGEST_DEFAULT = 3600;
const DEFAULT_INSTANCE = 'db1:9187';

export interface Annotated {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface PromtoolCase {
  name: string;
  interval: string;
  external_labels: Record<string, string>;
  input_series: { series: string; values: string }[];
  alert_rule_test?: {
    eval_time: string;
    alertname: string;
    exp_alerts: { exp_labels: Record<string, string>; exp_annotations: Record<string, string> }[];
  }[];
  promql_expr_test: {
    expr: string;
    eval_time: string;
    exp_samples: { labels: string; value: number }[];
  }[];
}

/** `PostgresDown/critical`: a name may have two severities. */
export const keyOf = (alert: Alert | Firing): string =>
  'alert' in alert ? `${alert.alert}/${alert.severity}` : `${alert.name}/${alert.labels.severity}`;

export const at = (seconds: number): string => `${seconds}s`;

/** The longest window that the rule waits for to be filled, at least two evaluations, in seconds. */
function settling(alert: Alert, rules: readonly Rule[]): number {
  const all = withRecordings(alert, rules).flatMap(({ expr }) => windows(expr));
  return Math.max(MARGIN, ...all.filter((seconds) => seconds <= LONGEST_DEFAULT));
}

/** What is expected of one alert in one phase: several, where several objects are at fault. */
interface Expected {
  readonly alert: Alert;
  readonly firings: readonly Firing[];
  readonly phase: 1 | 2;
  /** Seconds into the phase. */
  readonly after: number;
  /** Seconds into the next; null when it stays, or when nobody looks. */
  readonly clears: number | null;
}

function expectations(fault: Fault, alerts: readonly Alert[], rules: readonly Rule[]): Expected[] {
  const groups = Map.groupBy(fault.fires, (firing) => `${keyOf(firing)} ${firing.in ?? 'fault'}`);
  return [...groups.values()].flatMap((firings): Expected[] => {
    const [first] = firings;
    const alert = alerts.find((one) => keyOf(one) === keyOf(first));
    if (!alert) return [];
    const usual = settling(alert, rules);
    const phase = first.in === 'repaired' ? 2 : 1;
    const staying = phase === 2 || !fault.repair || firings.some(({ clears }) => clears === null);
    return [
      {
        alert,
        firings,
        phase,
        after: Math.max(...firings.map(({ after = usual }) => after)),
        clears: staying ? null : Math.max(...firings.map(({ clears }) => clears ?? usual)),
      },
    ];
  });
}

const inScrapes = (seconds: number): number => Math.ceil(seconds / SCRAPE_SECONDS);

/** Series that these rules read, their annotations' queries too. */
function needed(recording: Recording, some: readonly Rule[], rules: readonly Rule[]): Recording {
  const queried = alertsOf(some).flatMap(({ annotations }) => Object.values(annotations).flatMap(namesIn));
  const names = new Set([...scrapedNames(some, rules), ...queried]);
  return { ...recording, series: recording.series.filter(({ metric }) => names.has(metric)) };
}

const labelsOf = (firing: Firing): Record<string, string> => {
  const all = { job: JOB, cluster: CLUSTER, instance: DEFAULT_INSTANCE, ...firing.labels };
  return Object.fromEntries(Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== null));
};

const alertSeries = ({ name, labels: { severity } }: Alert, labels: Record<string, string>): string =>
  seriesText({ metric: 'ALERTS', labels: { ...labels, alertname: name, severity, alertstate: 'firing' } });

const firingOf = ({ name, labels: { severity } }: Alert): string =>
  `ALERTS{alertname="${name}",severity="${severity}",alertstate="firing"}`;

/** That of these alerts exactly those of `keys` have fired until the end. */
function everFired(
  end: number,
  alerts: readonly Alert[],
  { keys = [], but = [] }: { keys?: readonly string[]; but?: readonly string[] },
): PromtoolCase['promql_expr_test'] {
  const own = alerts.filter((alert) => keys.includes(keyOf(alert)));
  const except = ['Watchdog', ...but.map((key) => key.split('/')[0])].join('|');
  return [
    {
      expr: `group by (alertname, severity) (max_over_time(ALERTS{alertstate="firing",alertname!~"${except}"}[${at(end)}]))`,
      eval_time: at(end),
      exp_samples: own.map(({ name, labels: { severity } }) => ({
        labels: `{alertname="${name}",severity="${severity as Severity}"}`,
        value: 1,
      })),
    },
  ];
}

export interface Tested {
  /** All rules there are. */
  readonly rules: readonly Rule[];
  /** Those that are looked at in this test. */
  readonly alerts: readonly Alert[];
}

/** Fires in time and not before, with these labels; clears; and nothing else fires. */
export function faultCase(recording: Recording, fault: Fault, { rules, alerts }: Tested): PromtoolCase {
  const expected = expectations(fault, alerts, rules);
  const length = (phase: 1 | 2): number => {
    const own = expected.filter((one) => one.phase === phase).map(({ after, alert }) => after + alert.for);
    const past = expected
      .filter((one) => one.phase === phase - 1 && one.clears !== null)
      .map(({ clears, alert }) => clears! + alert.keepFiringFor);
    const nearly = alerts.filter((alert) => phase === 1 && fault.silent?.includes(keyOf(alert)));
    const patient = nearly.map((alert) => alert.for + settling(alert, rules));
    return Math.max(0, ...own, ...past, ...patient) + 2 * MARGIN;
  };
  const wanted = [HEALTHY_SECONDS, Math.max(fault.lasts ?? 0, length(1)), fault.repair ? length(2) : 0];
  const scrapes = wanted.map((seconds, phase) => Math.max(recording.scrapes[phase] ?? 0, inScrapes(seconds)));
  if (!fault.repair) scrapes[2] = 0;
  const starts = [0, scrapes[0], scrapes[0] + scrapes[1]].map((count) => count * SCRAPE_SECONDS);
  const end = scrapes.reduce((sum, count) => sum + count, 0) * SCRAPE_SECONDS;
  const checks = expected.flatMap((one) => checksOf(one, starts));
  const alsoFires = alerts.map(keyOf).filter((key) => fault.alsoFires?.includes(key));
  return {
    name: fault.name,
    interval: at(SCRAPE_SECONDS),
    external_labels: { grafana_url: GRAFANA_URL },
    input_series: stretch(needed(recording, alerts, rules), { scrapes, trending: fault.trending }),
    alert_rule_test: expected.map(({ alert, phase, after }) => ({
      eval_time: at(starts[phase] + after + alert.for + MARGIN),
      alertname: alert.name,
      exp_alerts: [],
    })),
    promql_expr_test: [
      ...checks,
      ...everFired(end, alerts, {
        keys: [...expected.map(({ alert }) => keyOf(alert)), ...alsoFires],
        but: fault.mayFire,
      }),
    ],
  };
}

function checksOf(
  { alert, firings, phase, after, clears }: Expected,
  starts: readonly number[],
): PromtoolCase['promql_expr_test'] {
  const expr = firingOf(alert);
  const samples = firings.map((firing) => ({ labels: alertSeries(alert, labelsOf(firing)), value: 1 }));
  const start = starts[phase];
  const checks: PromtoolCase['promql_expr_test'] = [
    { expr, eval_time: at(start + alert.for - SCRAPE_SECONDS), exp_samples: [] },
    { expr, eval_time: at(start + after + alert.for + MARGIN), exp_samples: samples },
  ];
  if (clears === null) return checks;
  const over = starts[phase + 1];
  if (alert.keepFiringFor > MARGIN) {
    checks.push({ expr, eval_time: at(over + alert.keepFiringFor - MARGIN), exp_samples: samples });
  }
  checks.push({ expr, eval_time: at(over + clears + alert.keepFiringFor + MARGIN), exp_samples: [] });
  return checks;
}

/** Nothing fires, however long it goes on. */
export function fleetCase(recording: Recording, fleet: Fleet, { rules, alerts }: Tested): PromtoolCase {
  const lengths = alerts.map((alert) => alert.for + settling(alert, rules));
  const scrapes = [Math.max(recording.scrapes[0], inScrapes(Math.max(0, ...lengths) + 2 * MARGIN)), 0, 0];
  return {
    name: recording.name,
    interval: at(SCRAPE_SECONDS),
    external_labels: { grafana_url: GRAFANA_URL },
    input_series: stretch(needed(recording, alerts, rules), { scrapes }),
    promql_expr_test: everFired(scrapes[0] * SCRAPE_SECONDS, alerts, { keys: fleet.fires }),
  };
}
