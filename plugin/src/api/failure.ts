import type { ApiErrorBody, ErrorCode } from '@pgvigil/exporter/contract';

/** The exporter's own codes, and what may go wrong before it is reached. */
export type FailureCode =
  | ErrorCode
  /** No settings, or the app is switched off. */
  | 'not_configured'
  /** Grafana refused: its role check, before the exporter was asked. */
  | 'role_denied'
  /** plugin.json has no route for it, or the address is not an exporter's. */
  | 'no_route'
  /** Grafana could not reach the exporter. */
  | 'unreachable'
  | 'timeout'
  /** The browser could not reach Grafana. */
  | 'offline';

/** What pages show when a call fails: what is wrong and what to do about it. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  readonly hint: string;

  constructor(code: FailureCode, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** What `getBackendSrv().fetch` throws, as far as we rely on it. */
interface FetchError {
  status?: number;
  data?: unknown;
}

const isApiError = (data: unknown): data is ApiErrorBody =>
  typeof (data as Partial<ApiErrorBody> | null)?.error?.code === 'string';

/** Grafana's proxy answers for itself in these words (12.x); the status alone does not tell them from the exporter's. */
const ROLE_DENIED = 'plugin proxy route access denied';
const NO_ROUTE = 'plugin route match not found';

/** The exporter begins small and ends without a full stop, as its log does. */
const sentence = (text: string): string =>
  text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');

export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { status = 0, data } = (error ?? {}) as FetchError;
  if (isApiError(data)) return new Failure(data.error.code, sentence(data.error.message), data.error.hint);
  const words = (data as { message?: string } | null | undefined)?.message ?? '';
  if (status === 403 && words === ROLE_DENIED) {
    return new Failure('role_denied', 'Your role in Grafana may not do this.', 'Ask an Admin of this organisation.');
  }
  if (status === 404 && words === NO_ROUTE) {
    return new Failure(
      'no_route',
      'Grafana has no route for this request.',
      'Install the app again: its plugin.json differs.',
    );
  }
  if (status === 404 && /plugin/i.test(words)) {
    return new Failure(
      'not_configured',
      'The app is not set up.',
      'An Admin enters the address of the exporter on the configuration page.',
    );
  }
  if (status === 404) {
    return new Failure(
      'no_route',
      'What answers at the configured address is not this exporter.',
      'Check the address and the version of the exporter.',
    );
  }
  if (status === 502) {
    return new Failure(
      'unreachable',
      'Grafana cannot reach the exporter.',
      'Is it running, and is its address right on the configuration page?',
    );
  }
  if (status === 504) {
    return new Failure(
      'timeout',
      'The exporter did not answer in time.',
      'Look at its log; the database may be slow to answer.',
    );
  }
  if (status === 0) return new Failure('offline', 'Grafana does not answer.', 'Check the network, then refresh.');
  return new Failure(
    'unreachable',
    `Unexpected answer ${status}${words && `: ${words}`}.`,
    'Look at the log of Grafana and of the exporter.',
  );
}
