import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Ports are drawn from below Linux's default range for outgoing connections (32768 and up): a port in that range can be
 * taken by any client while its server restarts, and the restart then fails for no visible reason.
 */
const FIRST = 15_000;
const LAST = 32_000;

/** How long a port that was handed out is not handed out again, in ms: its server needs a moment to bind it. */
const RESERVED_MS = 15_000;

const reserved = new Map<number, number>();

function bindable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/**
 * A TCP port free on 127.0.0.1: `preferred` if nobody listens there, else the next free one above it; without a
 * preference, any. Throws when 200 candidates in a row are taken.
 */
export async function freePort(preferred?: number): Promise<number> {
  let port = preferred ?? randomInt(FIRST, LAST);
  for (let attempt = 0; attempt < 200; attempt++, port++) {
    if (port > 65_535) port = FIRST;
    if ((reserved.get(port) ?? 0) > Date.now()) continue;
    // Reserved before the probe: two callers at once must not both see the port free.
    reserved.set(port, Date.now() + RESERVED_MS);
    if (await bindable(port)) return port;
    reserved.delete(port);
  }
  throw new Error(`no free TCP port on 127.0.0.1 among the 200 from ${preferred ?? FIRST} on`);
}

/** How often a start is tried again when its free port was taken before the server could bind it. */
const START_ATTEMPTS = 3;

/** Calls `start` with exactly `port`, or without one with a free port, and with another if that one was taken meanwhile. */
export async function onFreePort<T>(port: number | undefined, start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(port ?? (await freePort()));
    } catch (error) {
      const taken = error instanceof Error && /address already in use/i.test(error.message);
      if (!taken || port !== undefined || attempt === START_ATTEMPTS) throw error;
    }
  }
}
