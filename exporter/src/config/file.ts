import { readFileSync, statSync } from 'node:fs';
import { visit } from 'yaml';
import type { Environment } from './dsn.ts';
import { type FileContent, fileSchema, splitIssue } from './file_schema.ts';
import { type Findings, systemError } from './problems.ts';
import { openYaml, type Path, pathOf, type YamlDocument } from './yaml.ts';

export interface ConfigFile {
  /** The valid part: an item with a problem is undefined in its list. */
  readonly content: FileContent;
  /** `pgvigil.yml:3:5 targets[0].name`, for a problem found later. */
  readonly where: (path: Path) => string;
}

/** Reads and checks the file at `path`, called `name` in problems. Nothing comes back where it cannot be read as YAML. */
export const readConfigFile = (
  path: string,
  name: string,
  env: Environment,
  findings: Findings,
): ConfigFile | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
    if (holdsPassword(text) && (statSync(path).mode & 0o004) !== 0)
      findings.warn(name, `holds a password and is readable by everyone: chmod o-r ${name}, or use password_file`);
  } catch (error) {
    findings.problem(
      name,
      `the file ${systemError(error)}`,
      'Correct --config.file (or PGVIGIL_CONFIG_FILE), or the file.',
    );
    return undefined;
  }
  return parseConfigFile(text, name, env, findings);
};

/** `password: …`, `password=…` or `://user:…@`, unless the value comes from the environment. */
const holdsPassword = (text: string): boolean =>
  /(?:\bpassword["']?\s*[:=]|:\/\/[^\s/@:]*:)[ \t]*["']?(?!\$\{)[^\s@/"'$]/.test(text);

/** As readConfigFile, from the file's text. */
export const parseConfigFile = (
  text: string,
  name: string,
  env: Environment,
  findings: Findings,
): ConfigFile | undefined => {
  const document = openYaml(text, name, findings);
  if (document === undefined) return undefined;
  expandEnvironment(document, env, findings);
  const raw: unknown = document.yaml.toJS() ?? {};
  const checked = fileSchema.safeParse(raw);
  if (checked.success) return { content: checked.data as FileContent, where: document.where };
  for (const { path, message } of checked.error.issues)
    findings.problem(document.where(path as Path), ...splitIssue(message));
  const rest = fileSchema.safeParse(
    withoutInvalid(
      raw,
      checked.error.issues.map(({ path }) => path as Path),
    ),
  );
  return rest.success ? { content: rest.data as FileContent, where: document.where } : undefined;
};

/** Leaves out what has a problem, a target or function as a whole, so that the rest can be checked in the same run. */
const withoutInvalid = (raw: unknown, paths: readonly Path[]): unknown => {
  const copy = structuredClone(raw);
  for (const path of paths) {
    const whole = ['targets', 'functions', 'collectors', 'windows'].includes(String(path[0])) ? path.slice(0, 2) : path;
    const parent = whole
      .slice(0, -1)
      .reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], copy);
    const last = whole.at(-1);
    if (Array.isArray(parent)) parent[Number(last)] = undefined;
    else if (typeof parent === 'object' && parent !== null && last !== undefined)
      delete (parent as Record<string, unknown>)[last];
  }
  return copy;
};

/** `${NAME}` in a value becomes the variable's content; `$${` stands for `${` itself. */
const expandEnvironment = ({ yaml, where }: YamlDocument, env: Environment, findings: Findings): void => {
  visit(yaml, {
    Scalar: (key, node, ancestors) => {
      if (key === 'key' || typeof node.value !== 'string') return;
      node.value = node.value.replace(/(\$?)\$\{([A-Za-z_]\w*)\}/g, (whole, escaped: string, variable: string) => {
        if (escaped !== '') return whole.slice(1);
        const content = env[variable];
        if (content === undefined)
          findings.problem(
            where(pathOf(node, ancestors)),
            `the environment variable ${variable} is not set`,
            `Set it, or write $\${${variable}} to mean the text itself.`,
          );
        return content ?? '';
      });
    },
  });
};
