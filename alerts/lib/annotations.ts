/**
 * Annotations are rendered by Prometheus' own templates, so only promtool can tell what they will be: it is asked for
 * what it got instead of nothing. They are committed with the tests; a difference shows what people will read.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { PromtoolCase } from './cases.ts';
import { testRules } from './promtool.ts';

type AlertTest = NonNullable<PromtoolCase['alert_rule_test']>[number];
type Got = AlertTest['exp_alerts'];

/** What two files of the same tests have in common: the test, the alert and the moment. */
export const momentOf = (test: PromtoolCase, { alertname, eval_time }: AlertTest): string =>
  `${test.name} ${alertname} ${eval_time}`;

/** What fires at each moment that the tests look at, with all annotations. @throws Error when nothing does */
export async function render(ruleFiles: readonly string[], tests: readonly PromtoolCase[]): Promise<Map<string, Got>> {
  const folder = mkdtempSync(join(tmpdir(), 'pgvigil-alerts-'));
  try {
    const moments = tests.flatMap((test) => (test.alert_rule_test ?? []).map((moment) => ({ test, moment })));
    // A file for each, so that what is said can be told apart.
    const files = moments.map(({ test, moment }, index) => {
      const alone = { ...test, alert_rule_test: [{ ...moment, exp_alerts: [] }], promql_expr_test: [] };
      writeFileSync(join(folder, `${index}.yml`), testFile(ruleFiles, [alone]));
      return `${index}.yml`;
    });
    if (files.length === 0) return new Map();
    const verdicts = await testRules(folder, files);
    const silent = moments.filter((_, index) => verdicts[index].passed);
    if (silent.length > 0) {
      throw new Error(`do not fire:\n${silent.map(({ test, moment }) => momentOf(test, moment)).join('\n')}`);
    }
    return new Map(moments.map(({ test, moment }, index) => [momentOf(test, moment), parseGot(verdicts[index].text)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const PAIR = /([a-zA-Z_]\w*)=("(?:[^"\\]|\\.)*")/g;
const pairs = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(PAIR)].map(([, name, value]) => [name, JSON.parse(value) as string]));

function parseGot(text: string): Got {
  const got = text.slice(text.indexOf('got:'));
  const found = [...got.matchAll(/Labels:\{(.*)\}\s+Annotations:\{(.*)\}/g)].map(([, labels, annotations]) => {
    const { alertname: _, ...exp_labels } = pairs(labels);
    return { exp_labels, exp_annotations: pairs(annotations) };
  });
  if (found.length === 0) throw new Error(`promtool said something else:\n${text}`);
  return found;
}

/** A file of promtool's. `ruleFiles` are absolute, or relative to it. */
export function testFile(ruleFiles: readonly string[], tests: readonly PromtoolCase[]): string {
  return stringify(
    { rule_files: ruleFiles, evaluation_interval: '15s', tests },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}
