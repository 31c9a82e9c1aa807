import { dsnFromParams } from './dsn.ts';
import type { Params } from './dsn_text.ts';
import { BadValue } from './problems.ts';
import type { TargetContext } from './secret_file.ts';
import type { Dsn } from './types.ts';

/**
 * The maintenance role's login at the server of `postgres`: what is not said is as there, but never who logs in and
 * with what. @throws BadValue
 */
export const maintenanceDsn = (
  postgres: Dsn | undefined,
  given: Params,
  { env, findings }: TargetContext,
  where: string,
  passwordFile?: string,
): Dsn => {
  if (postgres === undefined)
    throw new BadValue('the target has no PostgreSQL server to maintain', 'Add postgres: to it.');
  if (!given.user)
    throw new BadValue(
      'the maintenance role has no user',
      'Name it: user: and password_file:. It is another role than the one that monitors.',
    );
  if (given.user === postgres.user)
    findings.warn(
      where,
      `${given.user} also monitors: with a role of its own for maintenance, monitoring can change nothing`,
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
