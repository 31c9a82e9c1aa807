/** HTTP: metrics, probes, service discovery, health. One line per route. */
import express, { type NextFunction, type Request, type Response } from 'express';
import http from 'node:http';
import https from 'node:https';
import { setImmediate } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { type Registry } from 'prom-client';
import type { Config } from '../config/types.ts';
import type { Log } from '../log.ts';
import { Exposition } from '../metrics/exposition.ts';
import type { Target } from '../metrics/target.ts';
import { apiRouter } from './dispatch.ts';
import { answerOf } from './errors.ts';
import { ApiFailure } from './failure.ts';
import { handlers } from './handlers/index.ts';
import { landingPage } from './landing.ts';
import { deadlineOf, sendExposition } from './scrape.ts';
import type { Services } from './services.ts';
import { WebConfig } from './web_config.ts';

export interface ServerOptions {
  readonly config: Config;
  readonly targets: ReadonlyMap<string, Target>;
  /** Metrics of this process, served with `/metrics`. */
  readonly processMetrics: Registry;
  readonly services: Services;
  readonly version: string;
  readonly log: Log;
}

export interface RunningServer {
  /** Where it listens, e.g. `http://127.0.0.1:9187`. */
  readonly urls: readonly string[];
  close(): Promise<void>;
}

/** How often the web configuration file is looked at for changes. */
const WEB_CONFIG_CHECK_MS = 5000;

const KEEP_ALIVE_MS = 310_000;

const BASIC_AUTH_CURE = 'Give a user of basic_auth_users of --web.config.file.';

/** @throws Error when an address cannot be listened on or the web configuration file is wrong. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, log } = options;
  const web = config.web.configFile === undefined ? undefined : new WebConfig(config.web.configFile);
  const state = { closing: false };
  const app = createApp(options, web, state);
  const servers: http.Server[] = [];
  const close = async (): Promise<void> => {
    state.closing = true;
    clearInterval(timer);
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve).closeIdleConnections())));
  };
  const timer = setInterval(() => {
    const changed = web?.refresh((error) => log.error({ error: error.message }, 'web configuration not reloaded'));
    if (changed && web?.hasTls)
      for (const server of servers) (server as https.Server).setSecureContext(web.tlsOptions());
  }, WEB_CONFIG_CHECK_MS);
  timer.unref();
  const urls: string[] = [];
  try {
    for (const address of config.web.listenAddresses) {
      const server = web?.hasTls ? https.createServer(web.tlsOptions(), app) : http.createServer(app);
      // Longer than Prometheus keeps an idle connection: with Node's 5 s every scrape would need a new one.
      server.keepAliveTimeout = KEEP_ALIVE_MS;
      servers.push(server);
      urls.push(`${web?.hasTls ? 'https' : 'http'}://${await listen(server, address)}`);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { urls, close };
}

function createApp(options: ServerOptions, web: WebConfig | undefined, state: { closing: boolean }): express.Express {
  const { config, targets, version, services, processMetrics } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  if (web) app.use((request, response, next) => authorise(web, request, response, next));
  app.get(
    '/',
    (_, response) => void response.send(landingPage(version, config.web.telemetryPath, [...targets.keys()])),
  );
  app.get('/-/healthy', (_, response) => void response.type('text').send('pgvigil is healthy.\n'));
  app.get('/-/ready', (_, response) => sendReadiness(state.closing, response));
  app.get('/sd', (request, response) => void response.json(discovery(request, targets)));
  app.get('/probe', (request, response) => probe(request, response, options));
  app.use(apiRouter({ services, handlers, registry: processMetrics, isClosing: () => state.closing }));
  app.get(config.web.telemetryPath, (request, response) => metrics(request, response, options));
  app.use((_, response) => void response.status(404).type('text').send('Not found. See / for what there is.\n'));
  app.use((error: Error, _request: Request, response: Response, next: NextFunction) => {
    options.log.error({ error: error.message }, 'request failed');
    if (response.headersSent) return next(error);
    response.status(500).type('text').send('Internal error; the log says more.\n');
  });
  return app;
}

async function authorise(web: WebConfig, request: Request, response: Response, next: NextFunction): Promise<void> {
  response.set(web.headers);
  if (!web.acceptsClient(request.socket as TLSSocket)) {
    response.status(403).type('text').send('Forbidden: a valid client certificate is required.\n');
  } else if (await web.allows(request.get('Authorization'))) {
    next();
  } else if (request.path.startsWith('/api/')) {
    // A 401 through Grafana's proxy would log its user out.
    const failure = new ApiFailure('forbidden', 'basic auth is wrong or missing', BASIC_AUTH_CURE);
    response.status(403).json(answerOf(failure).body);
  } else {
    response.set('WWW-Authenticate', 'Basic').status(401).type('text').send('Unauthorized\n');
  }
}

function sendReadiness(closing: boolean, response: Response): void {
  if (closing) response.status(503).type('text').send('pgvigil is shutting down.\n');
  else response.type('text').send('pgvigil is ready.\n');
}

async function metrics(request: Request, response: Response, options: ServerOptions): Promise<void> {
  const deadlineAt = deadlineOf(request, options.config.scrape);
  const scrapes = [...options.targets.values()].map((target) => target.scrape(deadlineAt));
  // Our own metrics take a millisecond of this process: it passes while the servers work.
  await setImmediate();
  const processText = await options.processMetrics.metrics();
  const all = new Exposition();
  for (const exposition of await Promise.all(scrapes)) all.merge(exposition);
  all.addText(processText);
  await sendExposition(request, response, all);
}

async function probe(request: Request, response: Response, options: ServerOptions): Promise<void> {
  const name = request.query.target;
  const target = typeof name === 'string' ? options.targets.get(name) : undefined;
  if (target === undefined) {
    const known = [...options.targets.keys()].join(', ');
    const asked = typeof name === 'string' ? `There is no target "${name}"` : 'The parameter "target" is missing';
    response.status(400).type('text').send(`${asked}. Targets are named in the configuration: ${known}.\n`);
    return;
  }
  await sendExposition(request, response, await target.scrape(deadlineOf(request, options.config.scrape)));
}

/** https://prometheus.io/docs/prometheus/latest/http_sd/ */
function discovery(request: Request, targets: ReadonlyMap<string, Target>): unknown[] {
  return [...targets.keys()].map((name) => ({
    targets: [request.get('Host') ?? ''],
    // Without an instance of its own each would write the same `up`.
    labels: { __metrics_path__: '/probe', __param_target: name, __meta_pgvigil_target: name, instance: name },
  }));
}

/** @param address `host:port`, `:port` or `[v6]:port`. @returns what to put after `http://`. */
function listen(server: http.Server, address: string): Promise<string> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program listens there' : (error.code ?? error.message);
      reject(new Error(`cannot listen on ${address}: ${why}; choose another with --web.listen-address`));
    });
    server.listen({ port: Number(address.slice(colon + 1)), host: host === '' ? undefined : host }, () => {
      const { port } = server.address() as { port: number };
      resolve(`${host === '' ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`);
    });
  });
}
