import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canUnpack } from './servers/index.ts';

const USUAL_PORTS = { 'App (preview)': 3000, Metrics: 9187, PgBouncer: 6432 };

/** Takes the port, unless somebody else has it already: both ways it is not free. */
async function occupy(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await Promise.race([once(server, 'listening'), once(server, 'error')]);
  return server;
}

/** Whether anything accepts connections there. */
const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket.destroy().destroyed));
    socket.once('error', () => resolve(false));
  });

/** PgBouncer comes from the PATH or from the machine's own package archive. */
const available = canUnpack() || process.env.PATH!.split(':').some((folder) => existsSync(join(folder, 'pgbouncer')));

(available ? test : test.skip)('the demo moves aside on taken ports, answers, and leaves nothing behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pgvigil-demo-'));
  const file = join(folder, 'demo.json');
  const occupied = await Promise.all(Object.values(USUAL_PORTS).map(occupy));
  const demo = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), '--json', file], { stdio: 'pipe' });
  let output = '';
  for (const stream of [demo.stdout, demo.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(demo, 'exit');
  try {
    while (!existsSync(file)) {
      if (demo.exitCode !== null) throw new Error(output);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { parts } = JSON.parse(readFileSync(file, 'utf8')) as {
      parts: { name: string; url: string; port: number }[];
    };
    const part = (name: string) => parts.find((one) => one.name === name)!;
    for (const [name, usual] of Object.entries(USUAL_PORTS)) expect(part(name).port).not.toBe(usual);

    const text = await (await fetch(part('Metrics').url)).text();
    expect(text).toContain('pg_up 1\n');
    expect(text).toContain('pgbouncer_up 1\n');
    expect(text).toMatch(/^pg_stat_statements_calls_total\{user="musicdb_shop",datname="musicdb"/m);

    const app = new URL('/api/plugin-proxy/pgvigil-database-app/', part('App (preview)').url);
    const ask = async (path: string): Promise<unknown> => (await fetch(new URL(path, app))).json();
    const on = expect.objectContaining({ state: 'on' }) as unknown;
    expect(await ask('api/v1/status')).toMatchObject({ you: { role: 'Admin' }, state: on, actions: on });
    expect(await ask('api/v1/targets')).toMatchObject([{ up: true, pgbouncer: true, actions: on }]);

    for (const { port } of parts) expect({ port, listens: await listens(port) }).toEqual({ port, listens: true });
    demo.kill('SIGINT');
    expect((await exited)[0]).toBe(0);
    for (const { port } of parts) expect({ port, listens: await listens(port) }).toEqual({ port, listens: false });
  } finally {
    demo.kill('SIGKILL');
    for (const server of occupied) server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
