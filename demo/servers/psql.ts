import { installed, ServerUnavailable, unpack } from './apt.ts';
import type { Command } from './process.ts';

/** Each release has one of these, in a package and a folder named after it; Debian 12's comes first. */
const MAJORS = [15, 17, 16, 14, 18] as const;

/** How to run psql, for tests of what calls it. Throws `ServerUnavailable` if there is none. */
export async function psql(): Promise<Command> {
  const present = installed('psql');
  if (present) return present;
  let missing: unknown;
  for (const major of MAJORS) {
    const packages = [`postgresql-client-${major}`];
    const program = `usr/lib/postgresql/${major}/bin/psql`;
    try {
      return await unpack({
        title: 'psql',
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
