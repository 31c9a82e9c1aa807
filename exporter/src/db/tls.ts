/** libpq's sslmode in Node's terms. */
import { readFileSync } from 'node:fs';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import type { Dsn } from '../config/types.ts';
import { DatabaseFailure } from './errors.ts';

/**
 * The connection attempts to make, in order: `prefer` and `allow` have two.
 * Files are read at each call, so that a renewed certificate needs no restart.
 */
export function tlsAttempts(dsn: Dsn): (ConnectionOptions | false)[] {
  // libpq never encrypts a Unix socket.
  if (dsn.host.startsWith('/')) return [false];
  switch (dsn.tls.mode) {
    case 'disable':
      return [false];
    case 'allow':
      return [false, tlsOptions(dsn)];
    case 'prefer':
      return [tlsOptions(dsn), false];
    default:
      return [tlsOptions(dsn)];
  }
}

function tlsOptions(dsn: Dsn): ConnectionOptions {
  const { mode, rootCert, cert, key } = dsn.tls;
  // As in libpq, `require` with a root certificate checks the CA too.
  const checksCa = mode === 'verify-ca' || mode === 'verify-full' || (mode === 'require' && rootCert !== undefined);
  return {
    // Without this, Node compares an IP address with `localhost`.
    host: dsn.host,
    rejectUnauthorized: checksCa,
    checkServerIdentity: mode === 'verify-full' ? checkServerIdentity : () => undefined,
    // `system` is libpq's word for the CAs that the system trusts, which are Node's default.
    ca: checksCa && rootCert !== undefined && rootCert !== 'system' ? read('sslrootcert', rootCert) : undefined,
    cert: cert === undefined ? undefined : read('sslcert', cert),
    key: key === undefined ? undefined : read('sslkey', key),
  };
}

function read(setting: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'error';
    throw new DatabaseFailure('tls', `${setting}: cannot read ${path} (${why})`, { fatal: true, cause });
  }
}
