// The load as a program of its own, until it is told to end; says on a port that it is at work.
//
//   PGVIGIL_LOAD_URL=postgresql://… node demo/load/main.ts [--password-file=FILE] --listen=HOST:PORT
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { parseArgs } from 'node:util';
import { startLoad } from '../load.ts';

const { values } = parseArgs({ options: { listen: { type: 'string' }, 'password-file': { type: 'string' } } });
const url = new URL(process.env.PGVIGIL_LOAD_URL ?? '');
if (values['password-file']) url.password = readFileSync(values['password-file'], 'utf8').trim();

const stop = await startLoad(url.href);
const [host, port] = (values.listen ?? '127.0.0.1:9096').split(':');
http.createServer((_, response) => response.end('at work\n')).listen(Number(port), host);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop().then(() => process.exit(0)));
