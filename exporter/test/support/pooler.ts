/** PostgreSQL and PgBouncer as `sql/pgbouncer` sets them up: TLS on both sides, SCRAM, passwords looked up. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type PgBouncerServer,
  type PgBouncerVersion,
  type PostgresServer,
  startPgBouncer,
  startPostgres,
} from '../../../demo/servers/index.ts';
import { createAuthority } from './certificates.ts';
import { applySql } from './sql.ts';

export interface PoolerOptions {
  readonly version: PgBouncerVersion;
  /** Roles that may log in to the database. */
  readonly users: readonly string[];
  readonly postgres?: Readonly<Record<string, string>>;
}

export interface Pooler {
  readonly postgres: PostgresServer;
  readonly bouncer: PgBouncerServer;
  /** Of the users, and of the two of the console. */
  readonly passwords: Readonly<Record<string, string>>;
  /** URI with password and sslmode=verify-full; `direct` is PostgreSQL itself. Default: the database musicdb. */
  url(user: string, to?: { direct?: boolean; database?: string; password?: string }): string;
  stop(): Promise<void>;
}

const CONSOLE_USERS = ['pgbouncer_admin', 'pgbouncer_stats'];
const HBA = `
hostssl all pgbouncer_auth 127.0.0.1/32 cert
hostssl all all            127.0.0.1/32 scram-sha-256`;

const shipped = (file: string): string =>
  readFileSync(join(import.meta.dirname, '../../../sql/pgbouncer', file), 'utf8');

/** @throws ServerUnavailable */
export async function startPooler({ version, users, postgres: settings }: PoolerOptions): Promise<Pooler> {
  const directory = mkdtempSync(join(tmpdir(), 'pgvigil-pooler-'));
  const caFile = join(directory, 'ca.crt');
  const closers: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const authority = await createAuthority('pgvigil test CA');
    const own = await authority.issue({ dns: ['localhost'], ip: ['127.0.0.1'] });
    const lookup = await authority.issue({ dns: ['pgbouncer_auth'] });
    writeFileSync(caFile, authority.cert);
    // The server's user reads it too.
    chmodSync(directory, 0o755);

    const postgres = await startPostgres({
      hba: HBA,
      tls: own,
      settings: { ssl_ca_file: caFile, max_connections: '200', ...settings },
    });
    closers.push(() => postgres.stop());
    await postgres.query('create database musicdb');
    await applySql(postgres, 'musicdb', 'pgbouncer/auth-query.sql');
    const passwords = Object.fromEntries(
      [...users, ...CONSOLE_USERS].map((name) => [name, randomBytes(12).toString('base64url')]),
    );
    for (const [name, password] of Object.entries(passwords)) {
      await postgres.query(`create role "${name}" login password '${password}'`);
    }
    // As the README says: PostgreSQL makes the console users' secrets and forgets the users.
    const secrets = await postgres.query<{ line: string }>(
      `select format('"%s" "%s"', rolname, rolpassword) as line from pg_authid where rolname ^@ 'pgbouncer_' and rolname <> 'pgbouncer_auth'`,
    );
    for (const name of CONSOLE_USERS) await postgres.query(`drop role ${name}`);

    const to = `host=127.0.0.1 port=${postgres.port} dbname=musicdb`;
    const isOld = version === 'debian12';
    const bouncer = await startPgBouncer({
      version,
      ini: isOld
        ? shipped('pgbouncer.ini')
        : shipped('pgbouncer-1.21.ini').replace('/etc/pgbouncer/pgbouncer.ini', 'base.ini'),
      databases: { musicdb: to, ...(!isOld && { pgbouncer_auth: `${to} pool_size=2 max_db_connections=2` }) },
      settings: {
        logfile: '',
        pidfile: '',
        auth_file: 'userlist.txt',
        client_tls_cert_file: 'pgbouncer.crt',
        client_tls_key_file: 'pgbouncer.key',
        server_tls_ca_file: 'ca.crt',
        server_tls_cert_file: 'pgbouncer_auth.crt',
        server_tls_key_file: 'pgbouncer_auth.key',
      },
      files: {
        'base.ini': shipped('pgbouncer.ini'),
        'userlist.txt': secrets.map(({ line }) => `${line}\n`).join(''),
        'pgbouncer.crt': own.cert,
        'pgbouncer.key': own.key,
        'ca.crt': authority.cert,
        'pgbouncer_auth.crt': lookup.cert,
        'pgbouncer_auth.key': lookup.key,
      },
    });
    closers.push(() => bouncer.stop());
    const tls = `sslmode=verify-full&sslrootcert=${encodeURIComponent(caFile)}`;
    return {
      postgres,
      bouncer,
      passwords,
      url: (user, { direct = false, database = 'musicdb', password = passwords[user] } = {}) =>
        `postgresql://${user}:${password}@127.0.0.1:${direct ? postgres.port : bouncer.port}/${database}?${tls}`,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
