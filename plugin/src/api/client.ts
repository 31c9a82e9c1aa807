/** The only file that knows Grafana's proxy. Types come from the contract; nothing of it is bundled. */
import { getBackendSrv } from '@grafana/runtime';
import type { Answer, Call, EndpointKey } from '@pgvigil/exporter/contract';
import { lastValueFrom } from 'rxjs';
import { PLUGIN_ID } from '../constants';
import { Failure, toFailure } from './failure';

/** An object without any field; `{}` to the compiler. */
type Nothing = Record<never, never>;
/** A part without required fields may be left out; one that the endpoint does not have must be. */
type Needed<K extends EndpointKey> = {
  [P in keyof Call<K> as undefined extends Call<K>[P] ? never : Nothing extends Call<K>[P] ? never : P]: Call<K>[P];
};
type Free<K extends EndpointKey> = {
  [P in keyof Call<K> as undefined extends Call<K>[P] ? never : Nothing extends Call<K>[P] ? P : never]?: Call<K>[P];
};
export type CallInput<K extends EndpointKey> = Needed<K> & Free<K>;

/** The same for all endpoints, as `call` sees it. */
interface AnyInput {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
}

/**
 * Calls the exporter as the user who is signed in to Grafana.
 * @param input path parameters, query (absent and empty values are left out) and body, as the contract says.
 * @throws Failure, with the exporter's own words where it answered; `AbortError` when `signal` fired.
 */
export async function call<K extends EndpointKey>(
  key: K,
  input: CallInput<K>,
  signal?: AbortSignal,
): Promise<Answer<K>> {
  const { params = {}, query = {}, body } = input as AnyInput;
  const [method, template] = key.split(' ');
  const path = template.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name]));
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  try {
    const response = await lastValueFrom(
      getBackendSrv().fetch<Answer<K>>({
        url: `/api/plugin-proxy/${PLUGIN_ID}${path}${search && `?${search}`}`,
        method,
        data: method === 'POST' ? (body ?? {}) : undefined,
        // Pages say it themselves, where it happened; a toast would say it twice.
        showErrorAlert: false,
        showSuccessAlert: false,
        abortSignal: signal,
      }),
    );
    return response.data;
  } catch (error) {
    if (signal?.aborted) throw new DOMException('Replaced by a newer call.', 'AbortError');
    throw toFailure(error);
  }
}

export { Failure };
