/** Running servers with a Prometheus on them: what a fault is made on. */
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { LOGINS } from '../../../demo/roles.ts';
import type { PgBouncerServer, PostgresServer } from '../../../demo/servers/index.ts';
import { startLoad } from './load.ts';
import { type Recorder, seen, startRecorder, type Target } from './prometheus.ts';
import { type Node, topologies, type TopologyName } from './topologies.ts';

export interface Lab {
  readonly nodes: readonly Node[];
  /** The first node's. */
  readonly primary: PostgresServer;
  /** The second node's. @throws Error where there is none */
  readonly standby: PostgresServer;
  /** The first node's. @throws Error where there is none */
  readonly bouncer: PgBouncerServer;
  readonly prometheus: Recorder;
  /** What Prometheus finds: all nodes. */
  readonly targets: readonly Target[];
  /** A session that is closed when the fault is over, whatever it is doing then. */
  session(url: string): Promise<pg.Client>;
  /** Called when the fault is over, in reverse order. */
  later(undo: () => Promise<unknown>): void;
  /** Ends what the last fault left open. */
  tidy(): Promise<void>;
  startLoad(): Promise<void>;
  stopLoad(): Promise<void>;
  stop(): Promise<void>;
}

/** @throws ServerUnavailable where this machine lacks one of the servers; what was started by then is ended. */
export async function startLab(name: TopologyName): Promise<Lab> {
  const closers: (() => Promise<unknown> | void)[] = [];
  const undoes: (() => Promise<unknown>)[] = [];
  let endLoad: (() => Promise<void>) | undefined;
  const tidy = async (): Promise<void> => {
    for (const undo of undoes.splice(0).reverse()) await undo();
  };
  const stop = async (): Promise<void> => {
    await tidy();
    await endLoad?.();
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const { start, interval } = topologies[name];
    const nodes = await start((close) => closers.push(close));
    const targets = nodes.flatMap(({ instance, exporter, disk }) => [
      { instance, address: `127.0.0.1:${exporter.port}` },
      ...(disk ? [{ instance: instance.replace(/:.*/, ':9100'), address: disk.address }] : []),
    ]);
    const prometheus = await startRecorder(targets, interval);
    closers.push(() => prometheus.stop());
    const second = <T>(what: string, value: T | undefined): T => {
      if (value === undefined) throw new Error(`topology ${name} has no ${what}`);
      return value;
    };
    return {
      nodes,
      primary: nodes[0].postgres,
      get standby() {
        return second('standby', nodes.at(1)?.postgres);
      },
      get bouncer() {
        return second('PgBouncer', nodes[0].bouncer);
      },
      prometheus,
      targets,
      session: async (url) => {
        const client = new pg.Client({ connectionString: url, application_name: 'musicdb-job' });
        // The fault may be that the server goes away.
        client.on('error', () => undefined);
        undoes.push(() => {
          client.connection.stream.destroy();
          return Promise.resolve();
        });
        await client.connect();
        return client;
      },
      later: (undo) => undoes.push(undo),
      tidy,
      startLoad: async () => {
        const { bouncer } = nodes[0];
        if (bouncer && !endLoad) endLoad = await startLoad(bouncer.url('musicdb', LOGINS.shop));
      },
      stopLoad: async () => {
        await endLoad?.();
        endLoad = undefined;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Scrapes in a row that everything must have answered, beside the first. */
const STEADY_SCRAPES = 3;
const STEADY_WITHIN_MS = 120_000;

/** Waits until all that is scraped has answered for some seconds. @throws Error when it does not come to rest */
export async function untilSteady({ prometheus, nodes }: Pick<Lab, 'prometheus' | 'nodes'>): Promise<void> {
  const expected = nodes.reduce((sum, { bouncer, disk }) => sum + 2 + Number(!!bouncer) + Number(!!disk), 0);
  const end = Date.now() + STEADY_WITHIN_MS;
  for (;;) {
    const now = Math.floor(Date.now() / 1000) - 1;
    const series = await seen(
      prometheus,
      ['up', 'pg_up', 'pgbouncer_up'],
      now - STEADY_SCRAPES * prometheus.interval,
      now,
    );
    const steady = series.filter(({ samples }) => samples.every((sample) => sample === 1));
    if (steady.length === expected) return;
    if (Date.now() > end) throw new Error(`not at rest: ${JSON.stringify(series)}`);
    await setTimeout(500);
  }
}
