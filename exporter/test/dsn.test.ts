import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describeDsn, type DsnContext, forDatabase, parseDsn } from '../src/config/dsn.ts';
import { splitDsnList } from '../src/config/dsn_text.ts';
import { BadValue } from '../src/config/problems.ts';

const nowhere = { HOME: '/nonexistent' };
const parse = (text: string, env: Record<string, string> = {}, rest: Partial<DsnContext> = {}) =>
  parseDsn(text, { env: { ...nowhere, ...env }, ...rest });

const failure = (text: string): BadValue => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof BadValue) return error;
    throw error;
  }
  throw new Error('accepted');
};

describe('what a connection string says', () => {
  test.each<[string, Record<string, unknown>]>([
    ['postgres://u:p@h:5433/d', { host: 'h', port: 5433, user: 'u', password: 'p', database: 'd' }],
    ['postgresql://u@h', { host: 'h', port: 5432, user: 'u', password: undefined, database: 'u' }],
    ['postgres://u:p%40%2F%3A%25@h/d', { password: 'p@/:%', host: 'h' }],
    ['postgres://u:p@q@h/d', { password: 'p@q', host: 'h' }],
    ['postgres://u:a:b@h/d', { user: 'u', password: 'a:b' }],
    ['postgres://u@%2Frun%2Fpostgresql/d', { host: '/run/postgresql' }],
    ['postgres:///d?host=/run/postgresql&user=u', { host: '/run/postgresql', user: 'u', database: 'd' }],
    ['postgres://u@[::1]:6000/d', { host: '::1', port: 6000 }],
    ['postgres://u@h/d?ssl=true', { tls: { mode: 'require' } }],
    [
      'postgres://u@h/d?sslmode=verify-full&sslrootcert=/ca&sslcert=/c&sslkey=/k&connect_timeout=7&application_name=x%20y',
      {
        tls: { mode: 'verify-full', rootCert: '/ca', cert: '/c', key: '/k' },
        connectTimeoutSeconds: 7,
        applicationName: 'x y',
      },
    ],
    ["host=/run/postgresql user='a b' password='it\\'s'", { host: '/run/postgresql', user: 'a b', password: "it's" }],
    ['host = h  port=1 user=u dbname=d', { host: 'h', port: 1, database: 'd' }],
    ["host=h user=u password='' dbname=d", { password: undefined }],
    ['host=h user=u password=a\\ b\\\\c', { password: 'a b\\c' }],
    ['host=h user=u password=a=b,c', { password: 'a=b,c' }],
    ['user=u hostaddr=10.0.0.1', { host: '10.0.0.1' }],
    ['user=u', { host: 'localhost', tls: { mode: 'prefer' } }],
    ['host=h user=u target_session_attrs=any keepalives=1 extra_float_digits=2', { host: 'h' }],
  ])('%s', (text, expected) => {
    const dsn = parse(text);
    expect({ ...dsn, password: dsn.password }).toMatchObject(expected);
  });
});

test('what is left out comes from libpq’s environment, what is said wins over it', () => {
  const env = { PGHOST: 'eh', PGPORT: '99', PGUSER: 'eu', PGPASSWORD: 'ep', PGDATABASE: 'ed', PGSSLMODE: 'require' };
  const all = parse('application_name=x', env);
  expect(all).toMatchObject({ host: 'eh', port: 99, user: 'eu', database: 'ed', tls: { mode: 'require' } });
  expect(all.password).toBe('ep');
  const said = parse('postgres://u:p@h:1/d?sslmode=disable', env);
  expect(said).toMatchObject({ host: 'h', port: 1, user: 'u', database: 'd', tls: { mode: 'disable' } });
  expect(said.password).toBe('p');
});

test('PgBouncer has its own defaults and takes no host, port or database of PostgreSQL', () => {
  const env = { PGHOST: 'eh', PGPORT: '99', PGDATABASE: 'ed' };
  expect(parse('user=u', env, { service: 'pgbouncer' })).toMatchObject({
    host: 'localhost',
    port: 6432,
    database: 'pgbouncer',
  });
  const warnings: string[] = [];
  parse('user=u dbname=app', {}, { service: 'pgbouncer', warn: (message) => warnings.push(message) });
  expect(warnings.join()).toMatch(/console/);
});

test('a protective keyword that has no effect is said aloud', () => {
  const warnings: string[] = [];
  parse('user=u channel_binding=require', {}, { warn: (message) => warnings.push(message) });
  expect(warnings).toEqual(['channel_binding has no effect here']);
});

describe('the password file', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'pgvigil-')), 'pass');
  writeFileSync(file, '# comment\nother:*:*:*:no\nh:5432:d:u:se\\:cret\nlocalhost:*:*:*:socket\n*:*:*:*:last\n');

  test.each([
    ['postgres://u@h/d', 'se:cret'],
    ['postgres://u@h/e', 'last'],
    ['host=/run/postgresql user=u', 'socket'],
    ['postgres://u:own@h/d', 'own'],
  ])('%s gets %s', (text, password) => {
    chmodSync(file, 0o600);
    expect(parse(text, { PGPASSFILE: file }).password).toBe(password);
  });

  test('is ignored, and said to be, where others may read it', () => {
    chmodSync(file, 0o644);
    const warnings: string[] = [];
    expect(
      parse('postgres://u@h/d', { PGPASSFILE: file }, { warn: (message) => warnings.push(message) }).password,
    ).toBe(undefined);
    expect(warnings.join()).toContain('chmod 600');
  });
});

describe('what is refused, without a word of it repeated', () => {
  test.each([
    ['mysql://u:s3cret@h/d', /scheme/],
    ['postgres://u:s3cret@h1,h2/d', /several hosts/],
    ['postgres://u:s3cret@h1:1,h2:2/d', /several hosts/],
    ['host=h1,h2 password=s3cret', /several hosts/],
    ['postgres://u:s3cret@h:0/d', /port/],
    ['postgres://u:s3cret@h:99999/d', /port/],
    ['postgres://u:s3cret%zz@h/d', /%/],
    ['postgres://u:s3cret@h/d?sslmod=require', /unknown keyword.*sslmode/s],
    ['postgres://u:s3cret@h/d?sslmode=s3cret', /disable, allow/],
    ['postgres://u:p/s3cret@h/d', /host and port|port/],
    ['host=h pasword=s3cret', /Did you mean "password"/],
    ['host=h password=two s3cret=words', /unknown keyword after password/],
    ['host=h password=two s3cret', /expected after password/],
    ["host=h password='s3cret", /expected after host/],
    ['host=h connect_timeout=s3cret', /connect_timeout/],
    ['service=s3cret', /service/],
    ['s3cret', /expected after the start/],
  ])('%s', (text, expected) => {
    const { message, cure, stack } = failure(text);
    expect(`${message}\n${cure}`).toMatch(expected);
    expect(`${message}${cure}${stack}`).not.toContain('s3cret');
  });
});

test('a Dsn does not give its password away, and keeps it for another database', () => {
  const dsn = parse('postgres://u:s3cret@h/d');
  expect(`${inspect(dsn)}${JSON.stringify(dsn)}${describeDsn(dsn)}`).not.toContain('s3cret');
  expect(describeDsn(dsn)).toBe('u@h:5432/d');
  const other = forDatabase(dsn, 'e');
  expect([other.database, other.password, other.host]).toEqual(['e', 's3cret', 'h']);
});

describe('a list of connection strings', () => {
  test.each<[string, string[]]>([
    ['', []],
    ['postgres://a/b', ['postgres://a/b']],
    ['postgres://a/b,postgresql://c/d', ['postgres://a/b', 'postgresql://c/d']],
    ['postgres://u:x,y@a/b , postgres://c/d,', ['postgres://u:x,y@a/b', 'postgres://c/d']],
    ['postgres://u:x,user=y@a/b', ['postgres://u:x,user=y@a/b']],
    ["host=a password='x,host=y',host=b user=u", ["host=a password='x,host=y'", 'host=b user=u']],
    ['host=a password=x,y user=u,host=b', ['host=a password=x,y user=u', 'host=b']],
    ['postgres://a/b,host=c user=d', ['postgres://a/b', 'host=c user=d']],
    ['host=c user=d,postgres://u@a/b', ['host=c user=d', 'postgres://u@a/b']],
    ['nonsense', ['nonsense']],
  ])('%s', (text, items) => {
    expect(splitDsnList(text)).toEqual(items);
  });
});
