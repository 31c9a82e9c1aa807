import { chmodSync, chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Who the servers run as; `undefined` means: as ourselves. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL and PgBouncer refuse to run as root, so root runs them as `nobody`; anyone else runs them as themselves. */
export function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('nobody:'));
  if (!line) throw new Error('PostgreSQL does not run as root, and /etc/passwd has no user "nobody" to run it as');
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/**
 * Throws unless the server user may pass through every folder of `path`. Only root needs this: a folder below a home
 * with mode 700 would otherwise fail much later, as "permission denied" in a server's log.
 */
export function assertReachable(path: string, remedy: string): void {
  const user = serverUser();
  if (!user) return;
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid } = statSync(folder);
    const allowed = uid === user.uid ? mode & 0o100 : mode & 0o001;
    if (!allowed)
      throw new Error(`user nobody (uid ${user.uid}) cannot enter ${folder}, needed for ${path}: ${remedy}`);
    if (folder === dirname(folder)) return;
  }
}

/** Hands a path to the server's user; for anyone but root it is theirs already. */
export function giveToServer(path: string): void {
  const user = serverUser();
  if (user) chownSync(path, user.uid, user.gid);
}

/** Writes a file that only the server's user may read, as PostgreSQL demands for keys. */
export function writeServerFile(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  chmodSync(path, 0o600);
  giveToServer(path);
}
