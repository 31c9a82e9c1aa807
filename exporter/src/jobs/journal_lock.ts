/** One process per journal: a socket beside it that only a living process listens on, whatever became of those before. */
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';

export class JournalLock {
  readonly #path: string;
  #server: Server | undefined;
  #taking: Promise<void> | undefined;

  /** @param file the journal. */
  constructor(file: string) {
    this.#path = `${file}.lock`;
  }

  /**
   * Harmless when it is held already. In a place that takes no socket nothing is known of others.
   * @throws Error when another process has it.
   */
  take(): Promise<void> {
    // Two attempts of this process must not find each other.
    this.#taking ??= this.#take().finally(() => (this.#taking = undefined));
    return this.#taking;
  }

  async #take(): Promise<void> {
    if (this.#server !== undefined) return;
    try {
      this.#server = await listen(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return;
      if (await answers(this.#path)) {
        throw new Error('another exporter uses it; give each its own', { cause: error });
      }
      // Left behind by one that was killed.
      await rm(this.#path, { force: true });
      this.#server = await listen(this.#path);
    }
  }

  /** The socket goes with it. */
  async release(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen({ path, readableAll: false, writableAll: false }, () => {
      // It keeps no process alive.
      server.unref();
      resolve(server);
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Refused: nobody listens. Not permitted: somebody else's, who may be alive.
    socket.once('error', (error: NodeJS.ErrnoException) =>
      resolve(!['ECONNREFUSED', 'ENOENT'].includes(error.code ?? '')),
    );
  });
}
