/**
 * Every query of every panel, every selector of every rule and every metric of other people's boards, asked of a
 * Prometheus that watches real servers: primary, standby, pooler, load, and what occasions.ts adds to them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { faults } from '../../alerts/faults/index.ts';
import { type Matcher, type Selector } from '../../alerts/lib/promql.ts';
import { readRecording, recordedNames } from '../../alerts/lib/recording.ts';
import { promQuery } from '../../demo/native/check.ts';
import { type NativeStack, startNative } from '../../demo/native/stack.ts';
import { type NodeExporter, ServerUnavailable, startNodeExporter } from '../../demo/servers/index.ts';
import { ask } from '../../exporter/test/support/caller.ts';
import { apiOf, edited, furnish } from './support/occasions.ts';
import { panelQuestions, peerQuestions, type Question, ruleQuestions, selectorQuestions } from './support/questions.ts';

/** A machine that has much else to do needs its time: nothing here is about speed. */
const PATIENCE_MS = 420_000;
jest.setTimeout(2 * PATIENCE_MS);

/** Scrapes every three seconds: a range of four has filled soon after the servers are up. */
const SPEED = 5;

const panels = panelQuestions({ rateInterval: '20s', range: '60s' });
const selectors = selectorQuestions(SPEED);
const rules = ruleQuestions(SPEED);

/** Selectors that have no data here, and the recorded fault in which they have. */
const SELECTORS_OF_FAULTS: Readonly<Record<string, string>> = {
  'PostgresReplicationSlotInactive: pg_replication_slots_wal_status{wal_status="lost"}': 'slot-lost',
  'PostgresReplicationSlotRetainsWal: pg_replication_slots_wal_status{wal_status="lost"}': 'slot-lost',
  'PostgresReplicationSlotLost: pg_replication_slots_wal_status{wal_status="lost"}': 'slot-lost',
  'PostgresReplicationSlotAtRisk: pg_replication_slots_wal_status{wal_status="unreserved"}': 'slot-at-risk',
};

/** Rules that have no data here without their thresholds either, and the recorded fault that raises them. */
const RULES_OF_FAULTS: Readonly<Record<string, string>> = {
  'PostgresNoPrimary/critical without its threshold': 'postgres-down',
  'PostgresReplicationSlotAtRisk/critical without its threshold': 'slot-at-risk',
  'PostgresReplicationSlotLost/critical without its threshold': 'slot-lost',
  // Compares an hour with the day before it.
  'PostgresStatementRegressed/warning without its threshold': 'statement-regressed',
  'PostgresWalReceiverDown/critical without its threshold': 'receiver-stopped',
  'PgvigilInputMissing/warning without its threshold': 'inputs-missing',
  'PgvigilTargetMissing/warning without its threshold': 'target-missing',
};
const EMPTY = { ...SELECTORS_OF_FAULTS, ...RULES_OF_FAULTS };
const MOST_EMPTY = 0.05;

let stack: NativeStack | undefined;
let node: NodeExporter | undefined;

beforeAll(async () => {
  try {
    node = await startNodeExporter();
    stack = await startNative({
      profiles: ['demo', 'replica'],
      without: ['grafana', 'alertmanager', 'webhook'],
      speed: SPEED,
      edit: edited(node.address),
    });
  } catch (error) {
    if (!(error instanceof ServerUnavailable)) throw error;
    process.stderr.write(`skipped: ${error.message}\n`);
  }
});
afterAll(async () => {
  await stack?.stop();
  await node?.stop();
});

async function unanswered(on: NativeStack, questions: readonly Question[]): Promise<Question[]> {
  const left: Question[] = [];
  for (const one of questions) if ((await promQuery(on, one.query)).length === 0) left.push(one);
  return left;
}

/** What has no answer and should, and what is listed as empty and has one. */
function wrong(open: readonly Question[]): string[] {
  const empty = open.map(({ at }) => at);
  const stale = Object.keys(EMPTY).filter((at) => !empty.includes(at));
  return [...empty.filter((at) => !(at in EMPTY)), ...stale.map((at) => `${at}: not empty`)];
}

test('everything has an answer at once but what is listed as empty, and that has none', async () => {
  if (!stack) return;
  await furnish(stack);
  const all = [...panels, ...selectors, ...rules, ...peerQuestions];
  const deadline = Date.now() + PATIENCE_MS;
  let open: readonly Question[] = all;
  while (wrong(open).length > 0 && Date.now() < deadline) {
    // Each time: a mean needs answers within its range.
    await ask(apiOf(stack), 'targets');
    await sleep(3000);
    open = await unanswered(stack, open);
    if (open.every(({ at }) => at in EMPTY)) open = await unanswered(stack, all);
  }
  expect(wrong(open)).toEqual([]);
});

test('few are listed as empty, and each of them is asked', () => {
  for (const [questions, empty] of [
    [selectors, SELECTORS_OF_FAULTS],
    [rules, RULES_OF_FAULTS],
  ] as const) {
    const all = questions.map(({ at }) => at);
    expect(Object.keys(empty).filter((at) => !all.includes(at))).toEqual([]);
  }
  expect(Object.keys(EMPTY).length / (panels.length + selectors.length + rules.length)).toBeLessThan(MOST_EMPTY);
});

test('a selector that is listed as empty has data in its recorded fault', () => {
  const listed = selectors.filter(({ at }) => at in SELECTORS_OF_FAULTS);
  expect(
    listed.filter(({ at, selector }) => !isRecorded(selector, SELECTORS_OF_FAULTS[at])).map(({ at }) => at),
  ).toEqual([]);
});

/** promtool's tests are made of the recordings: where they pass, the alert fires. */
test('a rule that is listed as empty fires in its recorded fault', () => {
  const all = Object.values(faults).flat();
  const raised = (name: string, fault: string): boolean =>
    recordedNames().includes(fault) &&
    all.some((one) => one.name === fault && one.fires.some((is) => is.alert === name));
  const listed = rules.filter(({ at }) => at in RULES_OF_FAULTS);
  expect(listed.filter(({ at, name }) => !raised(name, RULES_OF_FAULTS[at])).map(({ at }) => at)).toEqual([]);
});

const matches = ({ operator, value }: Matcher, label = ''): boolean => {
  const isSo = operator.includes('~') ? new RegExp(`^(?:${value})$`).test(label) : label === value;
  return isSo !== operator.startsWith('!');
};

const isRecorded = ({ metric, matchers }: Selector, fault: string): boolean =>
  readRecording(fault).series.some(
    (series) =>
      series.metric === metric &&
      matchers.every((matcher) => matches(matcher, series.labels[matcher.label])) &&
      series.phases.flat().some((sample) => sample !== null),
  );
