/** Rules and boards: each alert leads to a panel that shows it, and turns colour where it fires. */
import { limits, metricNames } from '../../alerts/lib/promql.ts';
import { type Alert, alertsOf, BOARD_OF, loadRules, scrapedNames } from '../../alerts/lib/rules.ts';
import { boards as sources } from '../src/index.ts';
import { interpolated, type Located, panels, type Step } from './support/boards.ts';

const rules = loadRules();
const alerts = alertsOf(rules);
const names = [...new Set(alerts.map(({ name }) => name))];

const declared = sources.flatMap(({ uid, rows }) =>
  rows
    .flatMap(({ panels }) => panels)
    .flatMap((panel) => {
      const { alerts = [], linked = [] } = 'queries' in panel || panel.type === 'table' ? panel : {};
      return [
        ...alerts.map((name) => ({ name, uid, id: panel.id, drawn: true })),
        ...linked.map((name) => ({ name, uid, id: panel.id, drawn: false })),
      ];
    }),
);
const located = ({ uid, id }: { uid: string; id: number }): Located =>
  panels.find(({ board, panel }) => board.uid === uid && panel.id === id)!;

test.each(names)('%s has one panel, on the board of its area, with its runbook', (name) => {
  const homes = declared.filter((one) => one.name === name);
  expect(homes.map(({ uid }) => uid)).toEqual([BOARD_OF[alerts.find((alert) => alert.name === name)!.area]]);
  const { panel } = located(homes[0]);
  expect(panel.links?.map(({ url }) => url)).toContain(`/a/pgvigil-database-app/runbooks/${name}`);
  expect(panel.description).toContain(name);
});

test('links of rules lead to that panel', () => {
  const wrong = alerts.flatMap(({ name, annotations }) => {
    const { uid, id } = declared.find((one) => one.name === name)!;
    const [, board, panel] = /\/d\/([\w-]+)\?viewPanel=(\d+)/.exec(annotations.dashboard_url) ?? [];
    return board === uid && Number(panel) === id ? [] : [`${name}: ${board} ${panel}, not ${uid} ${id}`];
  });
  expect(wrong).toEqual([]);
});

test('no panel names an alert that there is none of', () => {
  expect(declared.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([]);
});

const COLORS: Readonly<Record<string, string>> = { critical: 'red', warning: 'orange', info: 'dark-yellow' };
const GRAVITY = ['green', 'dark-yellow', 'orange', 'red'];

/** A panel's own thresholds, or those of a table's column. */
function stepsOf({ panel }: Located): readonly Step[] {
  const columns = panel.fieldConfig!.overrides.flatMap(({ properties }) =>
    properties.filter(({ id }) => id === 'thresholds'),
  );
  const own =
    panel.type === 'table' ? (columns[0]?.value as { steps: Step[] }) : panel.fieldConfig!.defaults.thresholds;
  return own!.steps;
}

/** The colour of a figure, as Grafana finds it. */
const colorAt = (steps: readonly Step[], value: number): string =>
  steps.filter((step) => step.value === null || step.value <= value).at(-1)!.color;

/** A little more or less: of figures as large as these. */
const beside = (value: number): number => Math.max(1e-6, Math.abs(value) * 1e-9);

const HOLDS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '==': (value, limit) => value === limit,
  '!=': (value, limit) => value !== limit,
};

/** The first comparison in the text, however deep: what comes later guards it. */
const first = ({ expr }: Alert) =>
  limits(expr)
    .toSorted((a, b) => a.operatorAt.from - b.operatorAt.from)
    .find(({ at }) => limits(expr).every((other) => other.at.from >= at.from))!;

test.each(declared.filter(({ drawn }) => drawn).map((one) => [one.name, one] as const))(
  '%s: its panel has the colour of what fires, and of nothing graver',
  (name, home) => {
    const steps = stepsOf(located(home));
    const siblings = declared.filter(({ uid, id, drawn }) => drawn && uid === home.uid && id === home.id);
    const drawn = alerts.filter((alert) => siblings.some((one) => one.name === alert.name));
    for (const { operator: _, value } of drawn.filter((alert) => alert.name === name).map(first)) {
      for (const figure of [value - beside(value), value, value + beside(value)]) {
        const firing = drawn.filter((alert) => HOLDS[first(alert).operator](figure, first(alert).value));
        const gravest = Math.max(0, ...firing.map(({ labels }) => GRAVITY.indexOf(COLORS[labels.severity])));
        // `== 1` is of a state that has only 0 and 1.
        if (first(drawn[0]).operator === '==' && figure !== 0 && figure !== 1) continue;
        expect([figure, colorAt(steps, figure)]).toEqual([figure, GRAVITY[gravest]]);
      }
    }
  },
);

test.each(declared.filter(({ drawn }) => drawn).map((one) => [one.name, one] as const))(
  '%s: its panel shows what the rule looks at',
  (name, home) => {
    const shown = located(home).panel.targets!.flatMap(({ expr }) =>
      metricNames(interpolated(expr, { rateInterval: '5m', range: '1h' })),
    );
    const [rule] = alerts.filter((alert) => alert.name === name);
    const looked = scrapedNames(
      [{ ...rule, expr: first(rule).operand }, ...rules.filter(({ kind }) => kind === 'record')].slice(0, 1),
      rules,
    );
    expect(shown).toEqual(expect.arrayContaining(looked));
  },
);
