/** Runs the tests of a rule against wrong versions of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Fault } from '../faults/types.ts';
import { testFile } from './annotations.ts';
import { faultCase, fleetCase, keyOf, type PromtoolCase } from './cases.ts';
import { type Mutant, mutants } from './mutants.ts';
import { testRules } from './promtool.ts';
import { isProven, recordedFaults, recordedFleets } from './proof.ts';
import { readRecording } from './recording.ts';
import { type Alert, alertsOf, type Rule, withRecordings } from './rules.ts';

export interface Subject {
  readonly rule: Rule;
  readonly mutant: Mutant;
}

/** For people, and to name a survivor: the same each time. */
export const subjectName = ({ rule, mutant }: Subject): string =>
  `${rule.kind === 'alert' ? keyOf(rule) : rule.name}: ${mutant.what}`;

/** Of the rules that a recorded fault proves. */
export function subjectsOf(rules: readonly Rule[], area: string): Subject[] {
  const recorded = (name: string): string | undefined =>
    rules.find((rule) => rule.kind === 'record' && rule.name === name)?.expr;
  const proven = alertsOf(rules).filter(isProven);
  return rules
    .filter((rule) => rule.area === area && proven.some((alert) => withRecordings(alert, rules).includes(rule)))
    .flatMap((rule) => mutants(rule.expr, recorded).map((mutant) => ({ rule, mutant })));
}

/** A few processes at a time: as many as a small machine has processors. */
const PROCESSES = 2;

/** Rules as they are, which the same tests must pass: else a mutant proves nothing by failing. */
export const unchanged = (rules: readonly Rule[], area: string): Subject[] => [
  ...new Map(
    subjectsOf(rules, area).map(({ rule }) => [rule, { rule, mutant: { what: 'unchanged', expr: rule.expr } }]),
  ).values(),
];

/** @returns those that no test notices. @throws ServerUnavailable */
export async function survivors(subjects: readonly Subject[], rules: readonly Rule[]): Promise<Subject[]> {
  // Most mutants do not fire where they should: what it costs to show that others fire elsewhere is spent on those alone.
  const silentToo = await unnoticed(subjects, rules, faultCases);
  return unnoticed(silentToo, rules, fleetCases);
}

type Cases = (alerts: readonly Alert[], rules: readonly Rule[]) => PromtoolCase[];

const withoutAnnotations = ({ alert_rule_test: _, ...test }: PromtoolCase): PromtoolCase => test;

const raises = ({ fires }: Fault, alerts: readonly Alert[]): boolean =>
  fires.some((firing) => alerts.some((alert) => keyOf(alert) === keyOf(firing)));

/** Whether it has to do with these alerts, without being made for them. */
const touches = ({ alsoFires = [], mayFire = [] }: Fault, alerts: readonly Alert[]): boolean =>
  alerts.some((alert) => alsoFires.includes(keyOf(alert)) || mayFire.includes(keyOf(alert)));

/** Faults that raise these alerts. */
const faultCases: Cases = (alerts, rules) =>
  recordedFaults(alerts[0].area)
    .filter((fault) => raises(fault, alerts))
    .map((fault) => withoutAnnotations(faultCase(readRecording(fault.name), fault, { rules, alerts })));

/** Where they are silent: the fleets, and the area's other faults. */
const fleetCases: Cases = (alerts, rules) => [
  ...recordedFleets().map((fleet) => fleetCase(readRecording(fleet.name), fleet, { rules, alerts })),
  ...recordedFaults(alerts[0].area)
    .filter((fault) => !raises(fault, alerts) && !touches(fault, alerts))
    .map((fault) => withoutAnnotations(faultCase(readRecording(fault.name), fault, { rules, alerts }))),
];

async function unnoticed(subjects: readonly Subject[], rules: readonly Rule[], cases: Cases): Promise<Subject[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pgvigil-mutants-'));
  try {
    const tested = subjects.filter((subject, index) => writeTest(folder, String(index), subject, rules, cases));
    const files = tested.map((subject) => `${subjects.indexOf(subject)}.test.yml`);
    const share = Math.ceil(files.length / PROCESSES);
    const verdicts = await Promise.all(
      Array.from({ length: PROCESSES }, (_, process) =>
        testRules(folder, files.slice(process * share, (process + 1) * share)),
      ),
    );
    const passed = new Set(verdicts.flat().flatMap(({ file, passed: alive }) => (alive ? [file] : [])));
    return subjects.filter((subject, index) => !tested.includes(subject) || passed.has(`${index}.test.yml`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns false when there is no test at all. */
function writeTest(
  folder: string,
  name: string,
  { rule, mutant }: Subject,
  rules: readonly Rule[],
  cases: Cases,
): boolean {
  const wrong: Rule = { ...rule, expr: mutant.expr };
  const alerts = alertsOf(rules).filter((alert) => withRecordings(alert, rules).includes(rule));
  const tests = alerts.length === 0 ? [] : cases(alerts, rules);
  if (tests.length === 0) return false;
  const used = rules.filter((one) => alerts.some((alert) => withRecordings(alert, rules).includes(one)));
  const written = used.map((one) => (one === rule ? wrong : one)).map(ruleText);
  writeFileSync(join(folder, `${name}.rules.yml`), stringify({ groups: [{ name: 'mutant', rules: written }] }));
  writeFileSync(join(folder, `${name}.test.yml`), testFile([`${name}.rules.yml`], tests));
  return true;
}

function ruleText(rule: Rule): Record<string, unknown> {
  const { name, expr, labels } = rule;
  if (rule.kind === 'record') return { record: name, expr, labels };
  const keep = rule.keepFiringFor > 0 ? { keep_firing_for: `${rule.keepFiringFor}s` } : {};
  return { alert: name, expr, for: `${rule.for}s`, ...keep, labels };
}
