import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { freePort } from '../servers/index.ts';

/** Ports of this machine that are kept for a service until it starts, so that nobody else takes them meanwhile. */
export class KeptPorts {
  readonly #keepers = new Map<number, Server>();

  /** `published` where it is free, else the next free one; without it, any. */
  async keep(published: number | undefined): Promise<number> {
    const port = await freePort(published);
    // Whoever comes too early is sent away at once.
    const keeper = createServer((socket) => socket.destroy()).unref();
    keeper.listen({ port, host: '127.0.0.1', exclusive: true });
    await once(keeper, 'listening');
    this.#keepers.set(port, keeper);
    return port;
  }

  /** The service that it is for binds it next. */
  async release(ports: readonly number[]): Promise<void> {
    for (const port of ports) {
      const keeper = this.#keepers.get(port);
      this.#keepers.delete(port);
      if (keeper) await new Promise((closed) => keeper.close(closed));
    }
  }

  releaseAll(): Promise<void> {
    return this.release([...this.#keepers.keys()]);
  }
}
