import { startPgBouncer } from '../servers/index.ts';
import { mounted, type Running, type Start } from './programs.ts';

/**
 * Its configuration says how it listens in a container; `startPgBouncer` says so of this machine: loopback, a port, no
 * socket. Its log goes to its standard error alone, and it writes no file with its pid.
 */
export async function startNativePgBouncer(start: Start): Promise<Running> {
  const [file] = start.service.command;
  const server = await startPgBouncer({
    version: 'newer',
    port: start.port(6432),
    ini: mounted(start, file),
    databases: {},
    settings: { logfile: '', pidfile: '' },
  });
  return {
    get pid() {
      return server.pid;
    },
    restart: () => server.restart(),
    halt: () => server.halt(),
    stop: () => server.stop(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    log: () => server.logText(),
  };
}
