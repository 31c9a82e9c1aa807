/** `pgvigil serve`: wiring and shutdown, nothing else. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import { startServer } from '../api/server.ts';
import { collectors as builtIn } from '../collectors/index.ts';
import type { Config } from '../config/types.ts';
import { createLog } from '../log.ts';
import { selectCollectors } from '../metrics/select.ts';
import { Target } from '../metrics/target.ts';
import { VERSION } from '../version.ts';
import { RunningServices } from './services.ts';

/** How long requests under way may take to finish after SIGTERM. */
const SHUTDOWN_MS = 5000;

/**
 * Idle before the exit. V8 compiles what is new in threads that may have to wait for the main thread to collect garbage;
 * told to exit, Node waits for them, and each for the other: a SIGTERM within the first moments hung for ever.
 */
const REST_MS = 200;

/** @throws Error when an address cannot be listened on. */
export async function serve(config: Config, warnings: readonly string[]): Promise<void> {
  const log = createLog(config.log);
  for (const warning of warnings) log.warn(warning);
  const collectors = selectCollectors(builtIn, config);
  const targets = new Map(config.targets.map((target) => [target.name, new Target(target, config, collectors, log)]));
  const processMetrics = new Registry();
  collectDefaultMetrics({ register: processMetrics });
  const connections = new Map([...targets].map(([name, target]) => [name, target.connections]));
  const services = new RunningServices({
    ...{ config, collectors, log, version: VERSION },
    connections,
    registry: processMetrics,
  });
  const server = await startServer({ config, targets, processMetrics, services, version: VERSION, log });
  for (const url of server.urls) log.info({ url: url + config.web.telemetryPath, targets: targets.size }, 'listening');
  for (const target of targets.values()) void target.warmUp();

  const stop = async (signal: string): Promise<void> => {
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(0), SHUTDOWN_MS).unref();
    await server.close();
    await services.close();
    await Promise.all([...targets.values()].map((target) => target.close()));
    setTimeout(() => process.exit(0), REST_MS);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await services.start();
}
