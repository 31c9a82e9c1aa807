import { hostPort, parseDsn } from './dsn.ts';
import { parseDsnText } from './dsn_text.ts';
import { environmentHasTargets, environmentTargets } from './env_targets.ts';
import type { ConfigFile } from './file.ts';
import { fileTargets } from './file_targets.ts';
import { loginDsn, type LoginRole } from './login.ts';
import type { Said } from './resolve.ts';
import type { TargetContext } from './secret_file.ts';
import type { TargetConfig } from './types.ts';

/**
 * The environment's targets before the file's; PgBouncer's connection string and the other roles' logins join the only one
 * there is.
 * In a file with problems a target may be among what could not be read: none is called missing then.
 */
export const chooseTargets = (
  file: ConfigFile | undefined,
  { bouncer, maintenance, load }: Readonly<Record<'bouncer' | LoginRole, Said | undefined>>,
  context: TargetContext,
  fileIsSound: boolean,
): TargetConfig[] => {
  const { env, findings, databases } = context;
  const before = findings.problems.length;
  const inFile = file ? fileTargets(file, context) : [];
  const fromFile = inFile.length > 0 && !environmentHasTargets(env);
  if (inFile.length > 0 && !fromFile) findings.warn(file!.where(['targets']), 'not used, because DATA_SOURCE_* is set');
  const named = fromFile ? inFile : environmentTargets(context);
  const maintained = withLogin('maintenance', named, maintenance, context);
  const targets = withLogin('load', maintained, load, context);
  if (bouncer === undefined) {
    // A problem with a target says enough; "none is named" would mislead.
    if (targets.length === 0 && fileIsSound && findings.problems.length === before)
      findings.problem('targets', 'no server to monitor is named', NO_TARGET_CURE);
    return targets;
  }
  const { where } = bouncer;
  const warn = (message: string): void => findings.warn(where, message);
  const pgbouncer = findings.attempt(where, () =>
    parseDsn(bouncer.value as string, { env, service: 'pgbouncer', warn }),
  );
  if (pgbouncer === undefined) return targets;
  if (targets.length > 1)
    findings.problem(where, 'there are several targets', 'Give each its own pgbouncer: under targets: in pgvigil.yml.');
  const [only = { name: hostPort(pgbouncer), databases }] = targets;
  return [{ ...only, pgbouncer }];
};

const withLogin = (
  role: LoginRole,
  targets: TargetConfig[],
  said: Said | undefined,
  context: TargetContext,
): TargetConfig[] => {
  if (said === undefined || targets.length === 0) return targets;
  const { value, where } = said;
  if (targets.length > 1)
    context.findings.problem(
      where,
      'there are several targets',
      `Give each its own ${role}: under targets: in pgvigil.yml.`,
    );
  const [only] = targets;
  const login = context.findings.attempt(where, () =>
    loginDsn(role, only.postgres, parseDsnText(value as string), context, where),
  );
  // Whoever names a login for it wants it.
  return [{ ...only, [role]: login, ...(role === 'load' && { benchmark: 'allowed' as const }) }];
};

const NO_TARGET_CURE = 'Set DATA_SOURCE_NAME=postgresql://user@host:5432/postgres, or write targets: in pgvigil.yml.';
