/** PostgreSQL's own programs that connect to a server. */
import { installed, ServerUnavailable, unpack } from './apt.ts';
import type { Command } from './process.ts';

/** Each release has one of these, in a package and a folder named after it; Debian 12's comes first. */
const MAJORS = [15, 17, 16, 14, 18] as const;

/** How to run psql, for tests of what calls it. Throws `ServerUnavailable` if there is none. */
export const psql = (): Promise<Command> => clientProgram('psql');

/** How to run pgbench, to measure beside it. Throws `ServerUnavailable` if there is none. */
export const pgbench = (): Promise<Command> => clientProgram('pgbench');

async function clientProgram(name: string): Promise<Command> {
  const present = installed(name);
  if (present) return present;
  let missing: unknown;
  for (const major of MAJORS) {
    const packages = [`postgresql-client-${major}`];
    const program = `usr/lib/postgresql/${major}/bin/${name}`;
    try {
      return await unpack({
        title: name,
        packages,
        program,
        dependencies: true,
        discard: ['usr/share', 'etc', 'var'],
      });
    } catch (error) {
      if (!(error instanceof ServerUnavailable)) throw error;
      missing = error;
    }
  }
  throw missing;
}
