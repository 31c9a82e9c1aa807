import { dsnFromParams } from './dsn.ts';
import type { Params } from './dsn_text.ts';
import { BadValue } from './problems.ts';
import type { TargetContext } from './secret_file.ts';
import type { Dsn } from './types.ts';

/** What a login beside the monitoring one is for. */
const ROLES = {
  maintenance: { missing: 'no PostgreSQL server to maintain', own: 'for maintenance' },
  load: { missing: 'no PostgreSQL server to load', own: 'for benchmarks' },
};
export type LoginRole = keyof typeof ROLES;

/**
 * Another role's login at the server of `postgres`: what is not said is as there, but never who logs in and with what.
 * @throws BadValue
 */
export const loginDsn = (
  role: LoginRole,
  postgres: Dsn | undefined,
  given: Params,
  { env, findings }: TargetContext,
  where: string,
  passwordFile?: string,
): Dsn => {
  if (postgres === undefined) throw new BadValue(`the target has ${ROLES[role].missing}`, 'Add postgres: to it.');
  if (!given.user)
    throw new BadValue(
      `the ${role} role has no user`,
      'Name it: user: and password_file:. It is another role than the one that monitors.',
    );
  if (given.user === postgres.user)
    findings.warn(
      where,
      `${given.user} also monitors: with a role of its own ${ROLES[role].own}, monitoring can change nothing`,
    );
  const { host, port, database, tls, connectTimeoutSeconds } = postgres;
  const inherited: Params = {
    host,
    port: String(port),
    dbname: database,
    sslmode: tls.mode,
    ...(tls.rootCert !== undefined && { sslrootcert: tls.rootCert }),
    connect_timeout: String(connectTimeoutSeconds),
  };
  const warn = (message: string): void => findings.warn(where, message);
  return dsnFromParams({ ...inherited, ...given }, { env, warn }, passwordFile);
};
