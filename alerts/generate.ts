/**
 * `npm run generate`: the tests of the rules, alerts/<area>.test.yml, from what was recorded and what is expected of it.
 * A test fails while they are out of date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { momentOf, render, testFile } from './lib/annotations.ts';
import { faultCase, fleetCase, type PromtoolCase } from './lib/cases.ts';
import { provenAreas, recordedFaults, recordedFleets } from './lib/proof.ts';
import { readRecording } from './lib/recording.ts';
import { ALERTS_FOLDER, alertsOf, loadRules, type Rule } from './lib/rules.ts';

const HEADER = '# Written by alerts/generate.ts from alerts/recorded and alerts/faults: `npm run generate`.\n';

const fileOf = (area: string): string => join(ALERTS_FOLDER, `${area}.test.yml`);

/** What the area's rules are tested with, without what alerts say: one test for each of its faults and for each fleet. */
export function casesOf(area: string, rules: readonly Rule[]): PromtoolCase[] {
  const alerts = alertsOf(rules).filter((alert) => alert.area === area);
  return [
    ...recordedFaults(area).map((fault) => faultCase(readRecording(fault.name), fault, { rules, alerts })),
    ...recordedFleets().map((fleet) => fleetCase(readRecording(fleet.name), fleet, { rules, alerts })),
  ];
}

type Got = Awaited<ReturnType<typeof render>>;

/** The text of the area's file, with what alerts say as given. */
export function areaFile(area: string, rules: readonly Rule[], annotations: Got): string {
  const tests = casesOf(area, rules).map((test) => ({
    ...test,
    ...(test.alert_rule_test && {
      alert_rule_test: test.alert_rule_test.map((moment) => ({
        ...moment,
        exp_alerts: annotations.get(momentOf(test, moment)) ?? [],
      })),
    }),
  }));
  return HEADER + testFile([`${area}.rules.yml`], tests);
}

/** What alerts say, as the committed file has it. */
export function committedAnnotations(area: string): Got {
  const file = fileOf(area);
  if (!existsSync(file)) return new Map();
  const { tests } = parse(readFileSync(file, 'utf8')) as { tests: PromtoolCase[] };
  return new Map(
    tests.flatMap((test) => (test.alert_rule_test ?? []).map((moment) => [momentOf(test, moment), moment.exp_alerts])),
  );
}

if (process.argv[1] === import.meta.filename) {
  const rules = loadRules();
  const asked = process.argv.slice(2);
  for (const area of provenAreas().filter((one) => asked.length === 0 || asked.includes(one))) {
    const got = await render([join(ALERTS_FOLDER, `${area}.rules.yml`)], casesOf(area, rules));
    writeFileSync(fileOf(area), areaFile(area, rules, got));
    console.log(`alerts/${area}.test.yml`);
  }
}
