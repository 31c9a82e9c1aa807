import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, unpack } from './apt.ts';
import type { Packaged } from './apt.ts';
import { onFreePort } from './ports.ts';
import { Daemon } from './process.ts';
import type { Command } from './process.ts';

export type ToolName = 'promtool' | 'amtool' | 'prometheus' | 'postgres_exporter';

interface Tool extends Pick<Packaged, 'packages' | 'program'> {
  /** Names under which it may be installed. */
  readonly names: readonly string[];
}

const TOOLS: Readonly<Record<ToolName, Tool>> = {
  // A package of its own since Debian 13, before that a part of prometheus.
  promtool: { names: ['promtool'], packages: ['prometheus', 'promtool'], program: 'usr/bin/promtool' },
  amtool: { names: ['amtool'], packages: ['prometheus-alertmanager'], program: 'usr/bin/amtool' },
  prometheus: { names: ['prometheus'], packages: ['prometheus', 'promtool'], program: 'usr/bin/prometheus' },
  postgres_exporter: {
    names: ['postgres_exporter', 'prometheus-postgres-exporter'],
    packages: ['prometheus-postgres-exporter'],
    program: 'usr/bin/prometheus-postgres-exporter',
  },
};

/**
 * How to run a program of the Prometheus project: the installed one, else the one of the machine's release, unpacked
 * first if needed. Throws `ServerUnavailable` if there is none.
 */
export async function tool(name: ToolName): Promise<Command> {
  const { names, packages, program } = TOOLS[name];
  const present = names.map((candidate) => installed(candidate)).find((command) => command !== undefined);
  // Written in Go, they need nothing but the machine's own C library.
  return (
    present ?? unpack({ title: name, packages, program, dependencies: false, discard: ['usr/share', 'etc', 'var'] })
  );
}

export interface PrometheusOptions {
  /** The configuration's text (YAML). Files it names must be absolute paths. */
  readonly config: string;
  /** Exactly this one; without it, a free one. */
  readonly port?: number;
}

export interface PrometheusServer {
  /** Such as `http://127.0.0.1:9090`, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends the server and removes its data. Harmless when repeated. */
  stop(): Promise<void>;
  /** The whole log, also after `stop`. */
  logText(): Promise<string>;
}

/** Starts a Prometheus on 127.0.0.1 with an empty database and waits until it is ready. */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusServer> {
  const command = await tool('prometheus');
  return onFreePort(options.port, async (port) => {
    const url = `http://127.0.0.1:${port}`;
    // As ourselves, even as root: it may have to read rule files that only we can.
    const daemon = new Daemon({ name: `Prometheus on port ${port}`, directory: 'prometheus', command });
    const config = join(daemon.dir, 'prometheus.yml');
    writeFileSync(config, options.config);
    const args = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(daemon.dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    // Its own answer counts only while it runs: another program on the port could answer as well.
    await daemon.start(args, async () => (await isReady(url)) && daemon.running);
    return {
      url,
      port,
      pid: daemon.pid,
      stop: () => daemon.end('SIGTERM'),
      logText: () => Promise.resolve(daemon.fullLog()),
    };
  });
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}
