/** Workloads out of their files. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { BadValue, ConfigError, Findings, suggest, systemError } from '../../config/problems.ts';
import { openYaml, type Path } from '../../config/yaml.ts';
import { workload as schema, type Workload } from './schema.ts';

const SHIPPED = join(import.meta.dirname, 'shipped');
const SUFFIX = '.yml';

/** @throws ConfigError with every problem of the file. */
export function readWorkload(path: string): Workload {
  const findings = new Findings();
  const name = basename(path);
  const found = parse(path, name, findings);
  if (found === undefined || findings.problems.length > 0)
    throw new ConfigError(findings.problems, `The workload ${name}`);
  return found;
}

function parse(path: string, name: string, findings: Findings): Workload | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    findings.problem(
      name,
      `the file ${systemError(error)}`,
      'Correct the path, or choose one of `pgvigil bench workloads`.',
    );
    return undefined;
  }
  const document = openYaml(text, name, findings);
  if (document === undefined) return undefined;
  const checked = schema.safeParse(document.yaml.toJS() ?? {});
  if (checked.success) return checked.data;
  for (const issue of checked.error.issues.flatMap(innermost)) {
    findings.problem(
      document.where(issue.path as Path),
      messageOf(issue),
      'See docs/benchmarks.md for what a workload file holds.',
    );
  }
  return undefined;
}

/** Of alternatives, the one that came closest: "invalid input" of all of them helps nobody. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ ...issue, keys: [key], path: [...issue.path, key] }));
  }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const nearest = issue.errors.reduce((best, one) => (one.length < best.length ? one : best));
  return nearest.flatMap((inner) => innermost({ ...inner, path: [...issue.path, ...inner.path] }));
}

const messageOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'unrecognized_keys' ? 'unknown key' : issue.message.charAt(0).toLowerCase() + issue.message.slice(1);

/** One file of a folder; `error` instead of a workload where it can't be used. */
export interface Listed {
  readonly id: string;
  readonly title: string;
  readonly workload?: Workload;
  /** What is wrong with it, with the cure. */
  readonly error?: string;
}

/**
 * Those that come along, and those of the folder. A broken file hides no other; of two with the same id, neither can be
 * chosen.
 * @param folder empty: none. @throws BadValue where it can't be read
 */
export function listWorkloads(folder = ''): Listed[] {
  const listed = [SHIPPED, ...(folder === '' ? [] : [folder])].flatMap(filesOf).map(listedOf);
  const byId = Map.groupBy(listed, ({ id }) => id);
  return [...byId.values()].map((same) =>
    same.length === 1 ? same[0] : { id: same[0].id, title: same[0].title, error: `${same.length} files have this id` },
  );
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(SUFFIX))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    throw new BadValue(`the folder of workloads ${systemError(error)}`, 'Correct benchmark.workloads.');
  }
}

function listedOf(path: string): Listed {
  try {
    const workload = readWorkload(path);
    return { id: workload.id, title: workload.title, workload };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const name = basename(path, SUFFIX);
    return { id: name, title: name, error: error.message };
  }
}

/** @throws BadValue when there is none, or it can't be used. */
export function workloadById(id: string, folder?: string): Workload {
  const listed = listWorkloads(folder);
  const found = listed.find((one) => one.id === id);
  if (found === undefined) {
    throw new BadValue(`there is no workload ${id}`, suggest(id, listed.map((one) => one.id))); // prettier-ignore
  }
  if (found.workload === undefined) throw new BadValue(`workload ${id}: ${found.error}`, 'Correct its file.');
  return found.workload;
}

/** What says nothing of how it was measured: such a change leaves runs comparable. */
const WORDS = [
  'title',
  'description',
  'thresholds',
  'margin',
  'primary',
  'blocks',
] as const satisfies (keyof Workload)[];

/** Of what is measured and how, the same for the same. */
export function digestOf(workload: Workload): string {
  const measured = Object.entries(workload).filter(([key]) => !(WORDS as readonly string[]).includes(key));
  return createHash('sha256').update(JSON.stringify(sorted(Object.fromEntries(measured)))).digest('hex'); // prettier-ignore
}

/** Keys in one order, however the file has them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
