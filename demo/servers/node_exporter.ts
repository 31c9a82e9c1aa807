import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, unpack } from './apt.ts';
import { onFreePort } from './ports.ts';
import { type Command, Daemon } from './process.ts';

/** A name that the rules look for. */
const MOUNTPOINT = 'var/lib/pgdata';

/** `unshare … sh -c MOUNT size program arguments` */
const MOUNT = `mount -t tmpfs -o "size=$0m" tmpfs root/${MOUNTPOINT} && exec "$@"`;

export interface NodeExporter {
  /** `127.0.0.1:9100`: what Prometheus scrapes. */
  readonly address: string;
  /** What is written here takes room of the file system that it watches. */
  readonly folder: string;
  /** Ends it and removes the folder. Harmless when repeated. */
  stop(): Promise<void>;
}

/** The installed one, else Debian's. @throws ServerUnavailable if there is none. */
async function nodeExporter(): Promise<Command> {
  const present = ['node_exporter', 'prometheus-node-exporter'].map(installed).find((command) => command !== undefined);
  const name = 'prometheus-node-exporter';
  const discard = ['usr/share', 'etc', 'var', 'lib'];
  const packaged = { packages: [name], program: `usr/bin/${name}`, dependencies: false, discard };
  return present ?? unpack({ title: 'node_exporter', ...packaged });
}

/**
 * Starts a node_exporter that takes /var/lib/pgdata for a file system: a folder on the disk of temporary files, or with
 * `megabytes` a small file system in memory, which is mounted for this process alone (needs user namespaces).
 * @throws ServerUnavailable if there is none.
 */
export async function startNodeExporter({ megabytes }: { megabytes?: number } = {}): Promise<NodeExporter> {
  const { file, args, env } = await nodeExporter();
  const small = ['--user', '--map-root-user', '--mount', 'sh', '-c', MOUNT, String(megabytes), file, ...args];
  const command = megabytes === undefined ? { file, args, env } : { file: 'unshare', args: small, env };
  return onFreePort(undefined, async (port) => {
    const daemon = new Daemon({ name: `node_exporter on port ${port}`, directory: 'node', command });
    const folder = join(daemon.dir, 'root', MOUNTPOINT);
    mkdirSync(folder, { recursive: true });
    // Its table of mounts, in the format of older and of newer ones: not the machine's, which are none of its business.
    mkdirSync(join(daemon.dir, 'proc/1'), { recursive: true });
    writeFileSync(join(daemon.dir, 'proc/1/mounts'), `pgdata /${MOUNTPOINT} tmpfs rw 0 0\n`);
    writeFileSync(join(daemon.dir, 'proc/1/mountinfo'), `1 0 0:1 / /${MOUNTPOINT} rw - tmpfs pgdata rw\n`);
    const only = ['--collector.disable-defaults', '--collector.filesystem', '--web.disable-exporter-metrics'];
    const address = `127.0.0.1:${port}`;
    const isReady = async (): Promise<boolean> => {
      const answer = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(1000) }).catch(
        () => undefined,
      );
      return answer?.ok === true && daemon.running;
    };
    const own = ['--path.procfs=proc', '--path.rootfs=root', `--web.listen-address=${address}`];
    await daemon.start([...only, ...own], isReady);
    return {
      address,
      folder: megabytes === undefined ? folder : `/proc/${daemon.pid}/root${folder}`,
      stop: () => daemon.end('SIGTERM'),
    };
  });
}
