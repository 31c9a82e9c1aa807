/** Why a connection or a query failed, in words that help at night, and in a closed set of reasons for a metric label. */

export type Reason =
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'authentication'
  | 'tls'
  | 'too_many_connections'
  | 'starting_up'
  | 'unknown_database'
  | 'connection_lost'
  | 'permission_denied'
  | 'locked'
  | 'missing_object'
  | 'bad_sql'
  | 'unsupported'
  | 'not_a_number'
  | 'other';

/** An error whose message is safe to log and show: no secret, no query text. */
export class DatabaseFailure extends Error {
  readonly reason: Reason;
  /** True when the connection can't be used any more. */
  readonly fatal: boolean;
  readonly sqlState: string | undefined;
  constructor(reason: Reason, message: string, options: { fatal: boolean; cause?: unknown; sqlState?: string }) {
    super(message, { cause: options.cause });
    this.reason = reason;
    this.fatal = options.fatal;
    this.sqlState = options.sqlState;
  }
}

export const LOCK_NOT_AVAILABLE = '55P03';
export const UNIQUE_VIOLATION = '23505';
const QUERY_CANCELED = '57014';

/** SQLSTATE, by the longest prefix that is listed. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SQL_STATES: readonly (readonly [prefix: string, reason: Reason])[] = [
  ['28', 'authentication'],
  ['3D000', 'unknown_database'],
  ['42501', 'permission_denied'],
  ['42883', 'missing_object'],
  ['42703', 'missing_object'],
  ['42P01', 'missing_object'],
  ['42704', 'missing_object'],
  ['42', 'bad_sql'],
  [LOCK_NOT_AVAILABLE, 'locked'],
  [QUERY_CANCELED, 'timeout'],
  ['53300', 'too_many_connections'],
  ['57P03', 'starting_up'],
  ['57P', 'connection_lost'],
  ['08', 'connection_lost'],
];

const NODE_CODES: Readonly<Record<string, readonly [Reason, string]>> = {
  ECONNREFUSED: ['refused', 'connection refused: nothing listens at that host and port'],
  ENOENT: ['refused', 'no such socket: is the server running, and is the socket directory right?'],
  ENOTFOUND: ['unreachable', 'the host name has no address'],
  EAI_AGAIN: ['unreachable', 'the host name could not be looked up'],
  EHOSTUNREACH: ['unreachable', 'no route to the host'],
  ENETUNREACH: ['unreachable', 'no route to the network'],
  ETIMEDOUT: ['timeout', 'no answer from the host'],
  ECONNRESET: ['connection_lost', 'the server closed the connection'],
  EPIPE: ['connection_lost', 'the server closed the connection'],
  CERT_HAS_EXPIRED: ['tls', "the server's certificate has expired: renew it"],
  CERT_NOT_YET_VALID: ['tls', "the server's certificate is not valid yet: check both clocks"],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'tls',
    "the server's certificate is for another host: use the name it was issued for, or sslmode=verify-ca",
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'tls',
    "the server's certificate is not signed by a CA in sslrootcert: point sslrootcert at the right CA",
  ],
  SELF_SIGNED_CERT_IN_CHAIN: [
    'tls',
    "the server's certificate is signed by an unknown CA: point sslrootcert at that CA's certificate",
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    'tls',
    "the server's certificate is self-signed: point sslrootcert at it, or have it signed by a CA",
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    'tls',
    "the server's certificate is signed by an unknown CA: point sslrootcert at that CA's certificate",
  ],
  CERT_SIGNATURE_FAILURE: ['tls', "the server's certificate is not signed by the CA in sslrootcert"],
};

export function describeFailure(error: unknown): DatabaseFailure {
  if (error instanceof DatabaseFailure) return error;
  const { code, message, severity } = error as { code?: string; message?: string; severity?: string };
  const text = message ?? String(error);
  if (severity !== undefined && code !== undefined) {
    const reason = SQL_STATES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'other';
    const fatal = severity === 'FATAL' || severity === 'PANIC';
    return new DatabaseFailure(reason, text, { fatal, cause: error, sqlState: code });
  }
  if (code !== undefined && code in NODE_CODES) {
    const [reason, words] = NODE_CODES[code];
    return new DatabaseFailure(reason, words, { fatal: true, cause: error });
  }
  if (code?.startsWith('ERR_SSL') || code?.startsWith('ERR_TLS') || /\bSSL\b|certificate/i.test(text)) {
    return new DatabaseFailure('tls', text, { fatal: true, cause: error });
  }
  if (/timeout/i.test(text)) return new DatabaseFailure('timeout', text, { fatal: true, cause: error });
  return new DatabaseFailure('connection_lost', text, { fatal: true, cause: error });
}

/** Settings of a session do not arrive, or would stay with a connection that others get next. */
export const poolerFailure = (cause?: unknown): DatabaseFailure =>
  new DatabaseFailure(
    'unsupported',
    'the connection goes through a pooler such as PgBouncer, where the next transaction may run in another session, without its lock and settings.\n' +
      "  Cure: connect to PostgreSQL itself: its own port (usually 5432), not the pooler's. PgBouncer's console is a target of its own.",
    { fatal: true, cause },
  );
