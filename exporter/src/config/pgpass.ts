import { readFileSync, statSync } from 'node:fs';

/** What a line of the password file is matched against. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

const splitLine = (line: string): string[] =>
  Array.from(line.matchAll(/((?:\\.|[^:\\])*)(?::|$)/gs), ([, field]) => field.replace(/\\(.)/gs, '$1'));

/**
 * The password of the first matching line (`host:port:database:user:password`, `*` matches all), as libpq finds it.
 * A file that is absent gives nothing; so does one that others may read, which `warn` is told.
 */
export const passwordFromPgpass = (file: string, login: Login, warn: (message: string) => void): string | undefined => {
  let content: string;
  try {
    if ((statSync(file).mode & 0o077) !== 0) {
      warn(`${file} is ignored because others may read it (chmod 600 makes it count)`);
      return undefined;
    }
    content = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  // libpq looks a Unix socket up as localhost.
  const host = login.host.startsWith('/') ? 'localhost' : login.host;
  const wanted = [host, String(login.port), login.database, login.user];
  for (const line of content.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = splitLine(line);
    if (fields.length >= 5 && wanted.every((value, index) => fields[index] === '*' || fields[index] === value))
      return fields[4];
  }
  return undefined;
};
