import { chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installed, ServerUnavailable, unpack } from './apt.ts';
import { cached } from './cache.ts';
import { onFreePort } from './ports.ts';
import { type Command, Daemon, systemCommand } from './process.ts';

/** Where Debian's build looks for its templates, and only there. */
const FIXED = '/usr/share/prometheus/alertmanager';
const PROGRAM = 'alertmanager';

export interface Alertmanager {
  readonly command: Command;
  /** To be called with the working directory before the start. */
  readonly prepare: (directory: string) => void;
}

/**
 * How to run Alertmanager: the installed one, else Debian's. Its templates are in a folder of the machine, which an
 * unpacked one cannot have, so the copy in the cache looks in its working directory instead: a path of the same length.
 * @throws ServerUnavailable if there is none.
 */
export async function alertmanager(): Promise<Alertmanager> {
  const present = ['alertmanager', 'prometheus-alertmanager'].map(installed).find((command) => command !== undefined);
  if (present) return { command: present, prepare: () => undefined };
  const { file } = await unpack({
    title: 'Alertmanager',
    packages: ['prometheus-alertmanager'],
    program: 'usr/bin/prometheus-alertmanager',
    dependencies: false,
    discard: ['usr/share/doc', 'usr/share/man', 'etc', 'var'],
    key: 'prometheus-alertmanager-templates',
  });
  const root = await cached('alertmanager-movable', 'making Alertmanager movable', (dir) => {
    const bytes = readFileSync(file);
    const movable = Buffer.from('./'.repeat(FIXED.length / 2));
    let found = 0;
    for (let at = bytes.indexOf(FIXED); at >= 0; at = bytes.indexOf(FIXED, at + 1), found++) movable.copy(bytes, at);
    if (found === 0) throw new ServerUnavailable('this Alertmanager keeps its templates where nobody knows');
    writeFileSync(join(dir, PROGRAM), bytes);
    chmodSync(join(dir, PROGRAM), 0o755);
    const templates = join(dirname(file), '../share/prometheus/alertmanager');
    for (const name of readdirSync(templates).filter((name) => name.endsWith('.tmpl')))
      copyFileSync(join(templates, name), join(dir, name));
  });
  return {
    command: systemCommand(join(root, PROGRAM)),
    prepare: (directory) => {
      for (const name of readdirSync(root).filter((name) => name.endsWith('.tmpl')))
        copyFileSync(join(root, name), join(directory, name));
    },
  };
}

export interface AlertmanagerServer {
  /** Such as `http://127.0.0.1:9093`, without a trailing slash. */
  readonly url: string;
  /** Ends the server and removes its data. Harmless when repeated. */
  stop(): Promise<void>;
  /** The whole log, also after `stop`. */
  logText(): Promise<string>;
}

/** Starts an Alertmanager on 127.0.0.1, alone, with the configuration's text (files it names by absolute paths). */
export async function startAlertmanager(config: string): Promise<AlertmanagerServer> {
  const { command, prepare } = await alertmanager();
  return onFreePort(undefined, async (port) => {
    const url = `http://127.0.0.1:${port}`;
    const daemon = new Daemon({ name: `Alertmanager on port ${port}`, directory: 'alertmanager', command });
    prepare(daemon.dir);
    const file = join(daemon.dir, 'alertmanager.yml');
    writeFileSync(file, config);
    const args = [
      `--config.file=${file}`,
      `--storage.path=${join(daemon.dir, 'data')}`,
      '--cluster.listen-address=',
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const isReady = async (): Promise<boolean> => {
      const answer = await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(1000) }).catch(() => undefined);
      return answer?.ok === true && daemon.running;
    };
    await daemon.start(args, isReady);
    return { url, stop: () => daemon.end('SIGTERM'), logText: () => Promise.resolve(daemon.fullLog()) };
  });
}
