/** PostgreSQL's CancelRequest: a connection of its own that carries nothing but the backend's key. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

const CANCEL_CODE = 80877102;
const SSL_CODE = 80877103;
/** The server answers a cancel request by closing; a hung one must not keep our socket. */
const GIVE_UP_MS = 2000;

export interface BackendKey {
  readonly host: string;
  readonly port: number;
  readonly processId: number;
  readonly secretKey: number;
  /** The TLS options of the connection to cancel: its key must not travel in the clear. */
  readonly tls: ConnectionOptions | false;
}

/** Best effort: resolves when the request has arrived or could not be sent. */
export function sendCancel(key: BackendKey): Promise<void> {
  return new Promise((resolve) => {
    const path = key.host.startsWith('/') ? `${key.host}/.s.PGSQL.${key.port}` : undefined;
    const socket = path === undefined ? connectTcp(key.port, key.host) : connectTcp(path);
    const timer = setTimeout(() => socket.destroy(), GIVE_UP_MS);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.on('connect', () => {
      if (key.tls === false) return request(socket, key);
      socket.write(message(SSL_CODE));
      socket.once('data', (answer) => {
        if (answer.toString('latin1') !== 'S') return socket.destroy();
        const secure = connectTls({ ...(key.tls as ConnectionOptions), socket }, () => request(secure, key));
        secure.on('error', () => socket.destroy());
      });
    });
  });
}

/** Closing is left to the other side: PgBouncer drops the request of a client that has closed, and 1.18 may crash on it. */
function request(socket: Socket, key: BackendKey): void {
  socket.write(message(CANCEL_CODE, key.processId, key.secretKey));
}

/** Length, code and numbers, each four bytes, big-endian. */
function message(code: number, ...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(8 + numbers.length * 4);
  bytes.writeInt32BE(bytes.length, 0);
  bytes.writeInt32BE(code, 4);
  numbers.forEach((number, i) => bytes.writeInt32BE(number, 8 + i * 4));
  return bytes;
}
