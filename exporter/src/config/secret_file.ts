import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Environment } from './dsn.ts';
import { BadValue, type Findings, systemError } from './problems.ts';
import type { DatabaseSelection } from './types.ts';

export interface TargetContext {
  readonly env: Environment;
  /** Relative paths of the file and of the environment begin here. */
  readonly cwd: string;
  /** For targets that do not say which databases. */
  readonly databases: DatabaseSelection;
  readonly findings: Findings;
}

/** Where a container's engine puts secrets. It decides their modes, and there is nobody else in there. */
const CONTAINER_SECRETS = '/run/secrets/';

/** Refuses a secret's file that cannot be read now, and warns of one that every user of the machine may read. */
export const checkSecretFile = (path: string, where: string, { cwd, findings }: TargetContext): string => {
  const whole = resolve(cwd, path);
  try {
    readFileSync(whole);
    if ((statSync(whole).mode & 0o004) !== 0 && !whole.startsWith(CONTAINER_SECRETS))
      findings.warn(where, `${path} is readable by everyone: chmod o-r ${path}`);
  } catch (error) {
    throw new BadValue(
      `the file ${path} ${systemError(error)}`,
      'It holds the secret alone, on one line; create it or correct the path.',
    );
  }
  return whole;
};
