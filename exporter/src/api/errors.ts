/** What a handler threw → what the caller is told. */
import { Busy } from '../benchmark/benchmarks.ts';
import { BadValue } from '../config/problems.ts';
import { type ApiErrorBody, ERROR_STATUS, type ErrorCode } from '../contract/index.ts';
import { DatabaseFailure } from '../db/errors.ts';
import { Refusal } from '../jobs/refusal.ts';
import { TargetUnavailable } from '../live/live_target.ts';
import { StateMissing, StateUnavailable } from '../store/store.ts';
import { ApiFailure } from './failure.ts';

export interface ErrorAnswer {
  readonly status: number;
  readonly body: ApiErrorBody;
}

export const answerOf = ({ code, message, hint }: ApiFailure): ErrorAnswer => ({
  status: ERROR_STATUS[code],
  body: { error: { code, message, hint } },
});

/** @returns undefined for what nobody expected: a fault of ours. */
export function toApiFailure(error: unknown): ApiFailure | undefined {
  if (error instanceof ApiFailure) return error;
  if (error instanceof Refusal) return new ApiFailure(error.code, error.message, error.hint);
  if (error instanceof BadValue)
    return new ApiFailure(error instanceof Busy ? 'conflict' : 'bad_request', error.message, error.cure);
  if (error instanceof StateUnavailable)
    return new ApiFailure(
      'state_unavailable',
      `the state database is not available: ${error.message}`,
      'Check that the server of PGVIGIL_STATE_URL runs and that `pgvigil state status` is content.',
    );
  if (error instanceof StateMissing)
    return new ApiFailure(
      'state_missing',
      `the state database is not prepared: ${error.message}`,
      'Run `pgvigil state migrate` with the login that shall own it.',
    );
  if (error instanceof TargetUnavailable) return ofTarget(error);
  if (error instanceof DatabaseFailure) return ofDatabase(error);
  return ofRequest(error);
}

export const stateMissing = (): ApiFailure =>
  new ApiFailure(
    'state_missing',
    'there is no state database, so nothing is recorded',
    'Set PGVIGIL_STATE_URL to a PostgreSQL database and run `pgvigil state migrate`.',
  );

function ofTarget(error: TargetUnavailable): ApiFailure {
  if (error.cause instanceof DatabaseFailure && error.cause.reason === 'unknown_database')
    return new ApiFailure('not_found', error.message, 'Choose one of the databases that GET /api/v1/targets lists.');
  return new ApiFailure(
    'database_unavailable',
    error.message,
    'Check that the server runs, and that the exporter can log in to it.',
  );
}

/** SQLSTATE class 22: a value that PostgreSQL cannot take, such as a date out of its range. */
const BAD_VALUE = /^22/;

function ofDatabase(error: DatabaseFailure): ApiFailure {
  const { message, reason, sqlState = '' } = error;
  if (BAD_VALUE.test(sqlState)) return new ApiFailure('bad_request', message, 'Correct the value.');
  if (reason === 'timeout')
    return new ApiFailure('deadline', message, 'Ask for less, or again when the server has less to do.');
  return new ApiFailure('database_error', message, HINTS[reason] ?? 'The log of the database says more.');
}

const HINTS: Readonly<Partial<Record<DatabaseFailure['reason'], string>>> = {
  permission_denied: 'Grant pg_monitor to the monitoring role; `pgvigil check` says what it lacks.',
  locked: 'Something else holds a lock on it: see the page Activity, and try again.',
  missing_object: 'It may have been dropped in the meantime: load the page again.',
};

/** Of body-parser and the router: `status` and `type` say what was wrong with the request. */
function ofRequest(error: unknown): ApiFailure | undefined {
  const { status, type = '', message } = error as { status?: number; type?: string; message?: string };
  if (status === undefined || status < 400 || status > 499) return undefined;
  const code: ErrorCode = status === 413 ? 'too_large' : 'bad_request';
  return new ApiFailure(code, REQUEST_FAULTS[type] ?? message ?? 'the request cannot be read', 'Correct the request.');
}

const REQUEST_FAULTS: Readonly<Record<string, string>> = {
  'entity.too.large': 'the body is larger than 64 KiB',
  // The parser's own message repeats what was sent.
  'entity.parse.failed': 'the body is not a JSON object',
  'encoding.unsupported': 'the body is in an encoding that is not supported',
  'charset.unsupported': 'the body is not in UTF-8',
};
