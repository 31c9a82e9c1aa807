import type { ConfigFile } from './file.ts';
import type { Environment } from './dsn.ts';
import type { Flags } from './flags.ts';
import type { Findings } from './problems.ts';
import { envNames, fileKey, type Setting, settings } from './settings.ts';

/** Every setting's value by key, and who said it. */
export interface Resolved {
  readonly value: (key: string) => unknown;
  /** Nothing where the value is only the default. */
  readonly said: (key: string) => Said | undefined;
}

export interface Said {
  readonly value: unknown;
  /** `--flag`, `NAME (environment)` or `file:line:column field`. */
  readonly where: string;
}

/** The first that says something counts: flag, environment, file. Then the default. */
export const resolveSettings = (
  flags: Flags,
  env: Environment,
  file: ConfigFile | undefined,
  findings: Findings,
): Resolved => {
  const said = new Map<string, Said>();
  for (const setting of settings) {
    const found = fromFlag(setting, flags) ?? fromEnvironment(setting, env, findings) ?? fromFile(setting, file);
    if (found !== undefined) said.set(setting.key, found);
  }
  const defaults = new Map(settings.map((setting) => [setting.key, setting.default]));
  return {
    value: (key) => said.get(key)?.value ?? defaults.get(key),
    said: (key) => said.get(key),
  };
};

const fromFlag = ({ key, flag }: Setting, { values }: Flags): Said | undefined =>
  values.has(key) ? { value: values.get(key), where: `--${flag}` } : undefined;

const fromEnvironment = (setting: Setting, env: Environment, findings: Findings): Said | undefined => {
  // Empty counts as unset: service files are full of NAME="".
  const name = envNames(setting).find((candidate) => env[candidate]?.trim());
  if (name === undefined) return undefined;
  const where = `${name} (environment)`;
  const value = findings.attempt(where, () => setting.kind.parse(env[name]));
  return value === undefined ? undefined : { value, where };
};

const fromFile = (setting: Setting, file: ConfigFile | undefined): Said | undefined => {
  if (file === undefined || setting.inFile === false) return undefined;
  const path = fileKey(setting).split('.');
  const value = path.reduce<unknown>(
    (node, step) => (node as Record<string, unknown> | null | undefined)?.[step],
    file.content,
  );
  return value === undefined || value === null ? undefined : { value, where: file.where(path) };
};
