/** The rules as Prometheus reads them, and the tests that were generated for them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fleets } from '../faults/fleets.ts';
import { faults } from '../faults/index.ts';
import type { Fault } from '../faults/types.ts';
import { areaFile, committedAnnotations } from '../generate.ts';
import { keyOf } from '../lib/cases.ts';
import { checkRules, testRules } from '../lib/promtool.ts';
import { isProven, provenAreas } from '../lib/proof.ts';
import { readRecording, recordedNames } from '../lib/recording.ts';
import { ALERTS_FOLDER, alertsOf, areas, loadRules, scrapedNames } from '../lib/rules.ts';

const rules = loadRules();
const all: readonly (Fault & { area: string })[] = Object.entries(faults).flatMap(([area, list]) =>
  list.map((fault) => ({ ...fault, area })),
);

test('Prometheus takes all rule files', async () => {
  const files = areas().map((area) => `${area}.rules.yml`);
  const { passed, text } = await checkRules(ALERTS_FOLDER, files);
  expect({ passed, text: passed ? '' : text }).toEqual({ passed: true, text: '' });
});

test.each(provenAreas())('the tests of %s pass', async (area) => {
  const [{ passed, text }] = await testRules(ALERTS_FOLDER, [`${area}.test.yml`]);
  expect({ passed, text: passed ? '' : text.slice(0, 5000) }).toEqual({ passed: true, text: '' });
});

test.each(provenAreas())('the tests of %s are what the recordings give: npm run generate', (area) => {
  const committed = readFileSync(join(ALERTS_FOLDER, `${area}.test.yml`), 'utf8');
  // Compared as a whole: a difference of thousands of lines helps nobody.
  expect(areaFile(area, rules, committedAnnotations(area)) === committed).toBe(true);
});

test.each(provenAreas())('what the alerts of %s say is complete', (area) => {
  const said = [...committedAnnotations(area).values()].flat();
  expect(said.length).toBeGreaterThan(0);
  for (const { exp_annotations } of said) {
    // A server without a target of its own has none in its links either.
    const text = JSON.stringify(exp_annotations).replaceAll(/target=(?=[&"])/g, '');
    expect(text).not.toMatch(/<no value>|<error|%!|NaN|\{\{|\}\}/);
    // A label that the expression has aggregated away.
    expect(text).not.toMatch(/ {2}| \(\)|=[&"]/);
  }
});

test('each recording has its fault or fleet', () => {
  const named = [...all, ...fleets].map(({ name }) => name);
  expect(new Set(named).size).toBe(named.length);
  expect(recordedNames().filter((name) => !named.includes(name))).toEqual([]);
  expect(fleets.map(({ name }) => name).filter((name) => !recordedNames().includes(name))).toEqual([]);
});

test('each fault raises alerts of its area', () => {
  const known = new Set(alertsOf(rules).map((alert) => `${alert.area} ${keyOf(alert)}`));
  const wrong = all.flatMap(({ name, area, fires, alsoFires = [] }) =>
    [...fires.map(keyOf), ...alsoFires].filter((key) => !known.has(`${area} ${key}`)).map((key) => `${name}: ${key}`),
  );
  expect(wrong).toEqual([]);
});

/** Alerts that no recording raises, with the reason. */
const UNPROVEN: Readonly<Record<string, string>> = {
  'Watchdog/none': 'always fires',
};

test('each alert is raised by a recorded fault, or says why not', () => {
  const unproven = alertsOf(rules).filter((alert) => !isProven(alert));
  expect(unproven.map(keyOf).sort()).toEqual(Object.keys(UNPROVEN).sort());
});

/** Their metrics are there only where something is to be said, or in the labs of these faults alone: health is what comes before the fault. */
const NOT_IN_FLEETS = [
  'PostgresPasswordExpires/warning',
  'PostgresIndexInvalid/warning',
  'PostgresDiskFullSoon/warning',
  'PostgresDiskFullSoon/critical',
  'PostgresIndexBloated/info',
  'PgvigilApiSlow/warning',
  'PgvigilActionFailed/warning',
  'IngestionDuplicatesHigh/info',
];

test('each alert has a fleet on which it could fire, and does not', () => {
  const inFleets = fleets.map(({ name }) => new Set(readRecording(name).series.map(({ metric }) => metric)));
  const blind = alertsOf(rules)
    .filter(isProven)
    .filter((alert) => {
      const names = scrapedNames([alert], rules);
      return !inFleets.some((metrics) => names.some((name) => metrics.has(name)));
    });
  expect(blind.map(keyOf).filter((key) => !NOT_IN_FLEETS.includes(key))).toEqual([]);
});
