import { nearest } from './nearest.ts';
import { BadValue } from './problems.ts';

/** A connection string taken apart: libpq's keywords and their values. */
export type Params = Partial<Record<string, string>>;

/** The keywords that we act on. */
export const USED = [
  ...['host', 'hostaddr', 'port', 'dbname', 'user', 'password', 'passfile', 'connect_timeout', 'application_name'],
  ...['sslmode', 'sslrootcert', 'sslcert', 'sslkey'],
] as const;

/** What libpq and Go's lib/pq also know: accepted, so that a connection string can be moved here as it is. */
export const IGNORED: readonly string[] = [
  ...[
    'options',
    'client_encoding',
    'fallback_application_name',
    'replication',
    'gssencmode',
    'gssdelegation',
    'gsslib',
  ],
  ...['keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count', 'tcp_user_timeout', 'krbsrvname'],
  ...['sslcompression', 'sslcertmode', 'sslcrl', 'sslcrldir', 'sslsni', 'sslpassword', 'sslnegotiation', 'requiressl'],
  ...[
    'sslinline',
    'sslkeylogfile',
    'ssl_min_protocol_version',
    'ssl_max_protocol_version',
    'requirepeer',
    'require_auth',
  ],
  ...['channel_binding', 'min_protocol_version', 'max_protocol_version', 'target_session_attrs', 'load_balance_hosts'],
  ...['scram_client_key', 'scram_server_key', 'oauth_issuer', 'oauth_client_id', 'oauth_client_secret', 'oauth_scope'],
  ...[
    'binary_parameters',
    'disable_prepared_binary_result',
    'extra_float_digits',
    'datestyle',
    'timezone',
    'search_path',
  ],
  ...['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'],
];

const known: readonly string[] = [...USED, ...IGNORED];

const URI = /^postgres(?:ql)?:\/\/(?:([^/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Takes a URI (`postgres://user:password@host:port/database?sslmode=…`) or libpq's `keyword=value …` apart.
 * Throws BadValue, which names keywords but never repeats the string or any value.
 */
export const parseDsnText = (dsn: string): Params => {
  const trimmed = dsn.trim();
  return SCHEME.test(trimmed) ? parseUri(trimmed) : parseKeywords(trimmed);
};

const decode = (part: string, what: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new BadValue(`the ${what} in the URI has a % that no two hexadecimal digits follow`, 'Write % as %25.');
  }
};

const parseUri = (uri: string): Params => {
  const match = URI.exec(uri);
  if (match === null) throw new BadValue('the URI has another scheme', 'It begins with postgres:// or postgresql://.');
  const [, login, authority, path, query] = match;
  const params: Params = {};
  const set = (keyword: string, value: string | undefined, what: string): void => {
    if (value !== undefined && value !== '') params[keyword] = decode(value, what);
  };
  const [user, password] = login === undefined ? [] : splitOnce(login, ':');
  set('user', user, 'user');
  set('password', password, 'password');
  const hosts = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority);
  if (hosts === null && !authority.includes(','))
    throw new BadValue(
      'the host and port of the URI cannot be told apart',
      'Write host:port, and / ? @ : in a password as %2F %3F %40 %3A.',
    );
  set('host', hosts === null ? authority : hosts[1].replace(/^\[|\]$/g, ''), 'host');
  set('port', hosts?.[2], 'port');
  set('dbname', path, 'database');
  let last = 'the question mark';
  for (const pair of (query ?? '').split('&').filter((part) => part !== '')) {
    const [name, value] = splitOnce(pair, '=');
    const keyword = decode(name, 'parameter');
    if (value === undefined) throw new BadValue('a parameter of the URI has no "="', 'Write ?name=value&name=value.');
    // JDBC's spelling, which libpq accepts too.
    if (keyword === 'ssl' && value === 'true') params.sslmode = 'require';
    else params[checkKeyword(keyword, last)] = decode(value, keyword);
    last = keyword;
  }
  return params;
};

const splitOnce = (text: string, separator: string): [string, string | undefined] => {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
};

const PAIR = /\s*(\w+)\s*=\s*(?:'((?:\\.|[^'\\])*)'|((?:\\.|[^\s'\\])(?:\\.|[^\s\\])*)?)(?=\s|$)\s*/sy;

const parseKeywords = (text: string): Params => {
  const params: Params = {};
  let last = 'the start';
  for (let at = 0; at < text.length; at = PAIR.lastIndex) {
    PAIR.lastIndex = at;
    const match = PAIR.exec(text);
    if (match === null) throw new BadValue(`keyword=value is expected after ${last}`, SYNTAX);
    const [, keyword, quoted, plain] = match;
    last = checkKeyword(keyword, last);
    params[last] = (quoted ?? plain ?? '').replace(/\\(.)/gs, '$1');
  }
  return params;
};

const SYNTAX =
  "Write host=db.example user=prometheus; a value with a space or quote goes in quotes: password='it\\'s'.";

/** The unknown name itself is not repeated: it may be a piece of a password with an unquoted space or "?". */
const checkKeyword = (keyword: string, before: string): string => {
  if (known.includes(keyword)) return keyword;
  if (keyword === 'service' || keyword === 'servicefile')
    throw new BadValue(
      'connection service files are not read',
      'Write the host, port, user and dbname of the service here.',
    );
  const near = nearest(keyword, known);
  const cure = near === undefined ? `Known: ${USED.join(', ')}.` : `Did you mean "${near}"?`;
  throw new BadValue(`unknown keyword after ${before}`, cure);
};

const keywordStart = String.raw`(?:${known.join('|')})\s*=`;
const uriStart = String.raw`postgres(?:ql)?:\/\/`;
// In a URI a comma before key= may still be inside the password: then an @ follows.
const ITEM = new RegExp(
  String.raw`\s*(?:(?=${uriStart})(?:(?!,\s*(?:${uriStart}|${keywordStart}(?![^,]*@)|$)).)*` +
    String.raw`|(?:\w+\s*=\s*(?:'(?:\\.|[^'\\])*'|(?:\\.|(?!,\s*(?:${uriStart}|${keywordStart}|$))[^\s\\])*)\s*)+)`,
  'sy',
);

/**
 * The connection strings of a comma-separated list. A comma divides only where another one begins after it,
 * so a comma in a password or between quotes stays.
 */
export const splitDsnList = (text: string): string[] => {
  const items: string[] = [];
  let at = 0;
  while (at < text.length) {
    ITEM.lastIndex = at;
    // Not a connection string at all: the rest is one item, and its parser says what is wrong.
    const item = ITEM.exec(text)?.[0] || text.slice(at);
    items.push(item.trim());
    at += item.length;
    while (/[\s,]/.test(text[at] ?? '')) at++;
  }
  return items.filter((item) => item !== '');
};
