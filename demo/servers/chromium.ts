import { installed, unpack } from './apt.ts';
import type { Command } from './process.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * A browser for tests: the installed one, else Debian's, unpacked first if needed.
 * @throws ServerUnavailable if there is none.
 */
export async function chromium(): Promise<Command> {
  const present = NAMES.map((name) => installed(name)).find((command) => command !== undefined);
  const program = 'usr/lib/chromium/chromium';
  const discard = ['usr/share/doc', 'usr/share/man', 'etc', 'var'];
  return present ?? unpack({ title: 'Chromium', packages: ['chromium'], program, dependencies: true, discard });
}
