/** A TCP proxy whose network can be cut: connections stay open, but nothing passes any more. */
import { connect, createServer, type Socket } from 'node:net';

export interface Proxy {
  readonly port: number;
  /** How many connections it has taken so far. */
  readonly taken: number;
  /** From now on nothing passes on the connections there are, nor on new ones. */
  cut(): void;
  /** New connections work again; those that were cut stay as they are. */
  mend(): void;
  stop(): Promise<void>;
}

export async function startProxy(to: { host: string; port: number }): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let whole = true;
  let taken = 0;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    taken++;
    keep(client);
    if (!whole) return void client.pause();
    const other = keep(connect(to.port, to.host));
    const pass = (from: Socket, onto: Socket): void => {
      from.on('data', (data) => void onto.write(data)).on('end', () => void (whole && onto.end()));
    };
    pass(client, other);
    pass(other, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    get taken() {
      return taken;
    },
    cut: () => {
      whole = false;
      for (const socket of sockets) socket.removeAllListeners('data').removeAllListeners('end').pause();
    },
    mend: () => void (whole = true),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
