import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { dsnFromParams, type Environment, hostPort, parseDsn } from './dsn.ts';
import { type Params, parseDsnText, splitDsnList } from './dsn_text.ts';
import { BadValue, systemError } from './problems.ts';
import { checkSecretFile, type TargetContext } from './secret_file.ts';
import type { Dsn, TargetConfig } from './types.ts';

/** `NAME`, or the content of the file that `NAME_FILE` names. */
const valueOrFile = ({ env, cwd, findings }: TargetContext, name: string): string | undefined => {
  const file = env[`${name}_FILE`];
  if (env[name] || !file) return env[name] || undefined;
  return findings.attempt(`${name}_FILE (environment)`, () => {
    try {
      return readFileSync(resolve(cwd, file), 'utf8').trim();
    } catch (error) {
      throw new BadValue(`the file ${systemError(error)}`, 'Create it or correct the path.');
    }
  });
};

/** Whether the environment names a server, so that it is used instead of the file's targets. */
export const environmentHasTargets = (env: Environment): boolean =>
  ['DATA_SOURCE_NAME', 'DATA_SOURCE_URI', 'DATA_SOURCE_URI_FILE'].some((name) => env[name]?.trim());

/** Targets of DATA_SOURCE_NAME or DATA_SOURCE_URI, _USER and _PASS; with PGHOST alone, that server. Named `host:port`. */
export const environmentTargets = (context: TargetContext): TargetConfig[] => {
  const { env, databases, findings } = context;
  const where = (name: string): string => `${name} (environment)`;
  const dsns: (Dsn | undefined)[] = [];
  if (env.DATA_SOURCE_NAME?.trim()) {
    const at = where('DATA_SOURCE_NAME');
    const items = splitDsnList(env.DATA_SOURCE_NAME);
    items.forEach((item, index) => {
      const place = items.length > 1 ? `${at}, connection string ${index + 1}` : at;
      dsns.push(
        findings.attempt(place, () => parseDsn(item, { env, warn: (message) => findings.warn(place, message) })),
      );
    });
  } else if (environmentHasTargets(env)) {
    dsns.push(fromDataSourceUri(context));
  } else if (env.PGHOST) {
    dsns.push(findings.attempt('PG* (environment)', () => dsnFromParams({}, { env })));
  }
  const byName = new Map<string, TargetConfig>();
  for (const dsn of dsns) {
    if (dsn === undefined) continue;
    const name = hostPort(dsn);
    // A second database of the same server: its databases are discovered from the first.
    if (byName.has(name)) findings.warn(where('DATA_SOURCE_NAME'), `${name} is named twice, only the first counts`);
    else byName.set(name, { name, postgres: dsn, databases });
  }
  return [...byName.values()];
};

const fromDataSourceUri = (context: TargetContext): Dsn | undefined => {
  const { env, findings } = context;
  const uri = valueOrFile(context, 'DATA_SOURCE_URI');
  const user = valueOrFile(context, 'DATA_SOURCE_USER');
  const passFile = env.DATA_SOURCE_PASS ? undefined : env.DATA_SOURCE_PASS_FILE;
  if (uri === undefined) return undefined;
  const at = 'DATA_SOURCE_URI (environment)';
  return findings.attempt(at, () => {
    const params = parseDsnText(`postgresql://${uri.replace(/^postgres(?:ql)?:\/\//, '')}`);
    const login: Params = { ...(user && { user }), ...(env.DATA_SOURCE_PASS && { password: env.DATA_SOURCE_PASS }) };
    const file = passFile && checkSecretFile(passFile, 'DATA_SOURCE_PASS_FILE (environment)', context);
    const warn = (message: string): void => findings.warn(at, message);
    return dsnFromParams({ ...params, ...login }, { env, warn }, file || undefined);
  });
};
