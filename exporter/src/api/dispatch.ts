/** The API: one loop over the contract's table of endpoints. */
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Registry } from 'prom-client';
import { roleOf } from '../actions/index.ts';
import { type EndpointKey, endpoints, type Endpoint, type Role } from '../contract/index.ts';
import type { Log } from '../log.ts';
import { Authenticator, requireRole } from './auth.ts';
import { answerOf, toApiFailure } from './errors.ts';
import { ApiFailure } from './failure.ts';
import { ApiMetrics } from './metrics.ts';
import { openApi } from './openapi.ts';
import { RateLimit } from './rate_limit.ts';
import type { Handler, Handlers, Services } from './services.ts';
import { maintenanceTarget } from './targets.ts';
import { parsePart } from './validate.ts';

const BODY_LIMIT = '64kb';
const LONGEST_URL = 8192;
/** The last resort: what handlers wait for has shorter limits of its own. */
const DEADLINE_MS = 45_000;

export interface ApiOptions {
  readonly services: Services;
  readonly handlers: Handlers;
  /** Takes the metrics of the API. */
  readonly registry: Registry;
  /** True from the moment that the process is told to stop. */
  readonly isClosing: () => boolean;
}

interface Route {
  readonly key: EndpointKey;
  readonly endpoint: Endpoint;
}

export function apiRouter(options: ApiOptions): express.Router {
  const { log, version } = options.services;
  const router = express.Router({ caseSensitive: true, strict: true });
  const api = new Api(options);
  const metrics = new ApiMetrics(options.registry);
  const description = JSON.stringify(openApi(version));
  router.get('/openapi.json', (_, response) => void response.type('json').send(description));
  for (const [path, routes] of routesByPath())
    router.all(path, async (request, response) => {
      const { status, seconds } = await answer(request, response, log, () => api.call(path, routes, request, response));
      const route = routeOf(routes, request);
      if (route) metrics.answered(route.key, status, seconds);
    });
  router.use('/api', (request, response) =>
    answer(request, response, log, () => {
      throw new ApiFailure('not_found', 'there is no such path', 'See /openapi.json for those there are.');
    }),
  );
  // What the router itself throws: a path that is not well encoded.
  router.use('/api', (error: Error, request: Request, response: Response, _next: NextFunction) =>
    answer(request, response, log, () => Promise.reject(error)),
  );
  return router;
}

function routesByPath(): Map<string, Map<string, Route>> {
  const paths = new Map<string, Map<string, Route>>();
  for (const key of Object.keys(endpoints) as EndpointKey[]) {
    const [method, path] = key.split(' ');
    if (!paths.has(path)) paths.set(path, new Map());
    paths.get(path)!.set(method, { key, endpoint: endpoints[key] });
  }
  return paths;
}

const routeOf = (routes: Map<string, Route>, { method }: Request): Route | undefined =>
  routes.get(method === 'HEAD' ? 'GET' : method);

class Api {
  readonly #options: ApiOptions;
  readonly #authenticator: Authenticator;
  readonly #limit = new RateLimit();
  readonly #json = express.json({ limit: BODY_LIMIT, strict: true });

  constructor(options: ApiOptions) {
    this.#options = options;
    this.#authenticator = new Authenticator(options.services.config.api, options.services.log);
  }

  /** What the handler says. @throws whatever is to be told to the caller. */
  async call(path: string, routes: Map<string, Route>, request: Request, response: Response): Promise<unknown> {
    const { services, handlers, isClosing } = this.#options;
    if (isClosing()) throw new ApiFailure('shutting_down', 'the exporter is shutting down', 'Try again in a moment.');
    if (request.url.length > LONGEST_URL)
      throw new ApiFailure('bad_request', `the URL is longer than ${LONGEST_URL} characters`, 'Ask for less.');
    const { caller, mayWrite } = this.#authenticator.identify(request);
    const route = routeOf(routes, request);
    if (route === undefined) {
      response.set('Allow', [...routes.keys()].join(', '));
      throw new ApiFailure(
        'method_not_allowed',
        `${path} does not take this method`,
        `Use ${[...routes.keys()].join(' or ')}.`,
      );
    }
    const { endpoint, key } = route;
    const writes = !key.startsWith('GET ');
    if (writes) this.#requireWrite(mayWrite);
    const params = parsePart('params', endpoint.params, { ...request.params });
    requireRole(caller, leastRole(endpoint, params));
    if (writes) this.#limit.take(caller.login);
    const query = parsePart('query', endpoint.query, { ...request.query });
    const body = endpoint.body && parsePart('body', endpoint.body, await this.#bodyOf(request, response));
    if (endpoint.role === 'action' && body !== undefined && 'database' in endpoint.body!.shape)
      maintenanceTarget(services, (body as { target?: string }).target);
    const handler = handlers[key] as unknown as Handler<EndpointKey>;
    return inTime(handler({ params, query, body } as never, caller, services));
  }

  #requireWrite(mayWrite: boolean): void {
    if (!this.#authenticator.writesConfigured)
      throw new ApiFailure(
        'actions_off',
        'nothing can be changed: there is no write secret',
        "Set --api.write-secret-file, and put its content into the app's configuration in Grafana.",
      );
    if (!mayWrite)
      throw new ApiFailure(
        'forbidden',
        'this changes something, and only the write secret may',
        "Check the write secret in the app's configuration in Grafana.",
      );
  }

  /** No body counts as an empty object. */
  async #bodyOf(request: Request, response: Response): Promise<unknown> {
    const isEmpty = request.get('Transfer-Encoding') === undefined && Number(request.get('Content-Length') ?? 0) === 0;
    if (isEmpty) return {};
    if (!request.is('application/json'))
      throw new ApiFailure('bad_request', 'the body is not JSON', 'Send it with Content-Type: application/json.');
    await new Promise<void>((resolve, reject) => {
      this.#json(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error as Error)));
    });
    return request.body;
  }
}

/** Of an action: its own, by the path; where the path names a job, its handler looks closer. */
function leastRole({ role }: Endpoint, params: unknown): Role {
  if (role !== 'action') return role;
  const { action } = params as { action?: string };
  if (action === undefined) return 'Editor';
  const least = roleOf(action);
  if (least !== undefined) return least;
  throw new ApiFailure('not_found', `there is no action "${action}"`, 'GET /api/v1/actions lists those there are.');
}

async function inTime<T>(work: Promise<T> | T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new ApiFailure('deadline', `no answer within ${DEADLINE_MS / 1000} s`, 'Try again later.')),
      DEADLINE_MS,
    );
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

interface Answered {
  readonly status: number;
  readonly seconds: number;
}

/** Sends what `work` gives, or its error, both as JSON. */
async function answer(request: Request, response: Response, log: Log, work: () => unknown): Promise<Answered> {
  const began = performance.now();
  response.set('Cache-Control', 'no-store').set('X-Content-Type-Options', 'nosniff');
  const send = (status: number, body: unknown): Answered => {
    const made = performance.now();
    const text = JSON.stringify(body);
    const parts = [`handler;dur=${(made - began).toFixed(1)}`, `json;dur=${(performance.now() - made).toFixed(1)}`];
    response.status(status).set('Server-Timing', parts.join(', ')).type('json').send(text);
    return { status, seconds: (performance.now() - began) / 1000 };
  };
  try {
    return send(200, await work());
  } catch (error) {
    const failure = toApiFailure(error);
    if (failure !== undefined) {
      const { status, body } = answerOf(failure);
      if (failure.code === 'too_many_requests') response.set('Retry-After', '5');
      return send(status, body);
    }
    log.error({ error: (error as Error)?.stack, path: request.path }, 'request failed');
    return send(500, { error: { code: 'internal', message: 'a fault of the exporter', hint: 'Its log says more.' } });
  }
}
