// Where alerts go until there is a receiver of yours: prints each, and keeps the last ones for whoever asks.
//
//   node demo/webhook.ts --listen=HOST:PORT [--token-file=FILE]
//
//   POST /<receiver>   Alertmanager's notification, with the token where there is one
//   GET  /             the last notifications, newest first, each with its receiver and when it came
import { readFileSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';

const KEPT = 500;
const LARGEST_BYTES = 4 * 1024 * 1024;

interface Notification {
  readonly status: string;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

const { values } = parseArgs({ options: { listen: { type: 'string' }, 'token-file': { type: 'string' } } });
const [host, port] = (values.listen ?? '127.0.0.1:9095').split(':');
const token = values['token-file'] && readFileSync(values['token-file'], 'utf8').trim();
const received: { readonly at: string; readonly receiver: string; readonly notification: Notification }[] = [];

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://webhook');
  if (request.method === 'GET' && pathname === '/-/ready') return void response.end('ready\n');
  if (request.method === 'GET') return void response.end(JSON.stringify(received));
  if (token && request.headers.authorization !== `Bearer ${token}`) return void response.writeHead(403).end();
  if (Number(request.headers['content-length'] ?? 0) > LARGEST_BYTES) return void response.writeHead(413).end();
  const notification = JSON.parse(await text(request)) as Notification;
  const receiver = pathname.slice(1);
  received.unshift({ at: new Date().toISOString(), receiver, notification });
  received.length = Math.min(received.length, KEPT);
  for (const { status, labels, annotations } of notification.alerts) {
    const { alertname, severity, ...rest } = labels;
    const where = Object.entries(rest).map(([name, value]) => `${name}=${value}`);
    console.log(
      [receiver, status, severity, alertname, ...where, annotations.description ?? annotations.summary ?? ''].join(' '),
    );
  }
  response.end();
}

const server = http.createServer((request, response) => {
  handle(request, response).catch((error: Error) => response.writeHead(400).end(error.message));
});
server.listen(Number(port), host, () => console.log(`listening on ${host}:${port}`));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
