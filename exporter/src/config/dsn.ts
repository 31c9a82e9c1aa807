import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Params, parseDsnText } from './dsn_text.ts';
import { passwordFromPgpass } from './pgpass.ts';
import { BadValue } from './problems.ts';
import type { Dsn, Tls } from './types.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the parts that a connection string leaves out come from. */
export interface DsnContext {
  /** Read: PGHOST, PGPORT, PGUSER, PGPASSWORD, PGPASSFILE, PGDATABASE, PGSSL*, PGCONNECT_TIMEOUT, HOME. */
  readonly env: Environment;
  /** PgBouncer has its own port and console database, and takes nothing from PGHOST, PGPORT or PGDATABASE. */
  readonly service?: 'postgres' | 'pgbouncer';
  /** Told what is accepted but has no effect. */
  readonly warn?: (message: string) => void;
}

const TLS_MODES: readonly Tls['mode'][] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];
const CONNECT_TIMEOUT_SECONDS = 5;

/** Dropping these without a word would weaken a connection that somebody took care to protect. */
const PROTECTIVE = [
  'sslcrl',
  'sslcrldir',
  'requirepeer',
  'require_auth',
  'channel_binding',
  'ssl_min_protocol_version',
];

/** A URI or libpq's `keyword=value` list. Throws BadValue, which never contains the string or a password. */
export const parseDsn = (text: string, context: DsnContext): Dsn => dsnFromParams(parseDsnText(text), context);

/** As parseDsn, from libpq's keywords; `passwordFile` wins over every other source of the password. */
export const dsnFromParams = (params: Params, context: DsnContext, passwordFile?: string): Dsn => {
  const { env, service = 'postgres', warn = () => {} } = context;
  const bouncer = service === 'pgbouncer';
  const fromEnv = (name: string): string | undefined => env[name] || undefined;
  const own = (name: string): string | undefined => (bouncer ? undefined : fromEnv(name));

  const host = params.host || params.hostaddr || own('PGHOST') || 'localhost';
  if (host.includes(',') || params.port?.includes(','))
    throw new BadValue(
      'several hosts in one connection string',
      'Make every host a target of its own: each is monitored, none is a spare.',
    );
  const user = params.user || fromEnv('PGUSER') || userName(env);
  const database = params.dbname || own('PGDATABASE') || (bouncer ? 'pgbouncer' : user);
  const port = portNumber(params.port || own('PGPORT') || (bouncer ? '6432' : '5432'));
  const home = fromEnv('HOME') ?? homedir();
  const passfile = params.passfile || fromEnv('PGPASSFILE') || join(home, '.pgpass');
  const password =
    passwordFile !== undefined
      ? undefined
      : params.password || fromEnv('PGPASSWORD') || passwordFromPgpass(passfile, { host, port, database, user }, warn);

  if (bouncer && database !== 'pgbouncer')
    warn("the database is not pgbouncer: statistics come from PgBouncer's console, which has that name");
  for (const keyword of PROTECTIVE.filter((name) => params[name])) warn(`${keyword} has no effect here`);

  return makeDsn(
    {
      host,
      port,
      user,
      passwordFile,
      database,
      tls: {
        mode: tlsMode(params.sslmode || fromEnv('PGSSLMODE') || 'prefer'),
        rootCert: params.sslrootcert || fromEnv('PGSSLROOTCERT'),
        cert: params.sslcert || fromEnv('PGSSLCERT'),
        key: params.sslkey || fromEnv('PGSSLKEY'),
      },
      connectTimeoutSeconds: timeout(params.connect_timeout || fromEnv('PGCONNECT_TIMEOUT')),
      applicationName: params.application_name || fromEnv('PGAPPNAME'),
    },
    password,
  );
};

/** The password is not enumerable: printing, spreading or serialising a Dsn leaves it out. */
const makeDsn = (rest: Omit<Dsn, 'password'>, password: string | undefined): Dsn =>
  Object.defineProperty({ ...rest }, 'password', { value: password, enumerable: false });

/** The same server and login, another database. (A spread would lose the password.) */
export const forDatabase = (dsn: Dsn, database: string): Dsn => makeDsn({ ...dsn, database }, dsn.password);

/** The same login at another server. */
export const forServer = (dsn: Dsn, { host, port, tls }: Pick<Dsn, 'host' | 'port' | 'tls'>): Dsn =>
  makeDsn({ ...dsn, host, port, tls }, dsn.password);

/** For logs and errors: `user@host:port/database`, no secret. */
export const describeDsn = (dsn: Dsn): string => `${dsn.user}@${hostPort(dsn)}/${dsn.database}`;

/** `host:port`; an IPv6 address in brackets. */
export const hostPort = ({ host, port }: Pick<Dsn, 'host' | 'port'>): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

// No value is repeated in these messages: in a mistyped string it may be a piece of the password.
const tlsMode = (written: string): Tls['mode'] => {
  const mode = TLS_MODES.find((candidate) => candidate === written);
  if (mode === undefined)
    throw new BadValue('the sslmode is not one that exists', `Use one of: ${TLS_MODES.join(', ')}.`);
  return mode;
};

const portNumber = (written: string): number => {
  const port = /^\d{1,5}$/.test(written) ? Number(written) : 0;
  if (port < 1 || port > 65535)
    throw new BadValue('the port is not a number from 1 to 65535', 'Write for example 5432.');
  return port;
};

const timeout = (written: string | undefined): number => {
  const seconds = written === undefined ? CONNECT_TIMEOUT_SECONDS : /^\d{1,6}$/.test(written) ? Number(written) : NaN;
  if (Number.isNaN(seconds))
    throw new BadValue('connect_timeout is not a whole number of seconds', 'Write for example 5.');
  // libpq's 0 waits for ever, which no scrape can.
  return seconds === 0 ? CONNECT_TIMEOUT_SECONDS : seconds;
};

const userName = (env: Environment): string => {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number without a name.
    return env.USER || 'postgres';
  }
};
