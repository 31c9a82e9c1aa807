/** The services that Grafana sets at its start, as far as this app and @grafana/ui ask for them. */
import { EventBusSrv, locationUtil, setTimeZoneResolver, standardEditorsRegistry } from '@grafana/data';
import {
  type BackendSrv,
  type BackendSrvRequest,
  config,
  type FetchResponse,
  setAppEvents,
  setBackendSrv,
  setCurrentUser,
  setEchoSrv,
  setPluginComponentHook,
  setPluginComponentsHook,
  setPluginFunctionsHook,
  setPluginLinksHook,
  setTemplateSrv,
} from '@grafana/runtime';
import { setPluginPage } from '@grafana/runtime/__plugin_page';
import { from, type Observable } from 'rxjs';
import { boot } from './boot';
import { editors } from './editors';
import { PluginPage } from './PluginPage';
import { interpolate } from './variables';

/** With the fields that Grafana's has. */
class FetchFailure extends Error {
  constructor(fields: { status: number; statusText: string; data: unknown; config: object; cancelled?: boolean }) {
    super(fields.statusText);
    Object.assign(this, fields);
  }
}

/** @throws FetchFailure where the answer is not 2xx, or there is none. */
async function ask<T>(options: BackendSrvRequest): Promise<FetchResponse<T>> {
  const { url, method = 'GET', headers, abortSignal } = options;
  const { data, params } = options as { data?: unknown; params?: Record<string, string> };
  const search = params ? `?${new URLSearchParams(params).toString()}` : '';
  let response: Response;
  try {
    response = await fetch(url + search, {
      method,
      headers: {
        Accept: 'application/json',
        ...(data === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: data === undefined ? undefined : JSON.stringify(data),
      signal: abortSignal,
    });
  } catch (error) {
    const cancelled = abortSignal?.aborted === true;
    throw new FetchFailure({ status: 0, statusText: String(error), data: {}, config: options, cancelled });
  }
  const text = await response.text();
  const body = parsed(text) as T;
  const { status, statusText } = response;
  if (!response.ok) throw new FetchFailure({ status, statusText, data: body ?? {}, config: options });
  const { ok, redirected, type, headers: answered } = response;
  return {
    data: body,
    status,
    statusText,
    ok,
    headers: answered,
    redirected,
    type,
    url: response.url,
    config: options,
  };
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return { message: text };
  }
}

const backend: Partial<BackendSrv> = {
  fetch: <T>(options: BackendSrvRequest): Observable<FetchResponse<T>> => from(ask<T>(options)),
  get: async (url) => (await ask<never>({ url })).data,
  post: async (url, data: unknown) => (await ask<never>({ url, data, method: 'POST' })).data,
};

const nothing = { isLoading: false };

export function startServices(): void {
  setBackendSrv(backend as BackendSrv);
  setCurrentUser(config.bootData.user);
  setAppEvents(new EventBusSrv());
  setEchoSrv({ flush: () => undefined, addBackend: () => undefined, addEvent: () => undefined });
  setTemplateSrv({
    replace: (text = '') => interpolate(text),
    getVariables: () => [],
    containsTemplate: (text = '') => text.includes('$'),
    updateTimeRange: () => undefined,
  });
  setPluginLinksHook(() => ({ ...nothing, links: [] }));
  setPluginComponentsHook(() => ({ ...nothing, components: [] }));
  setPluginComponentHook(() => ({ ...nothing, component: null }));
  setPluginFunctionsHook(() => ({ ...nothing, functions: [] }));
  setPluginPage(PluginPage);
  setTimeZoneResolver(() => 'browser');
  locationUtil.initialize({
    config: config as never,
    getVariablesUrlParams: () => ({}),
    getTimeRangeForUrl: () => ({ from: 'now-1h', to: 'now' }),
  });
  // A panel's options name their editors when its defaults are read.
  standardEditorsRegistry.setInit(() => editors);
  window.document.title = `pgvigil preview (${boot.role})`;
}
