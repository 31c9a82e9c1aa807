/** An exporter for component tests: one function per endpoint. Use with `jest.mock('…/api/client')`. */
import { call } from '../../../api/client';
import { forgetActions } from '../../../api/actions';
import { Failure, type FailureCode } from '../../../api/failure';

type Answers = Record<string, (input: never) => unknown>;
export interface Call {
  readonly key: string;
  readonly input: { body?: unknown; params?: unknown; query?: unknown };
}

/** Answers calls; gives the list of those made. What has no answer fails the test that waits for it. */
export function answerWith(answers: Answers): Call[] {
  const calls: Call[] = [];
  forgetActions();
  (call as jest.Mock).mockImplementation((key: string, input: never) => {
    calls.push({ key, input });
    const answer = answers[key];
    if (!answer) return Promise.reject(new Failure('not_found', `no answer for ${key}`, ''));
    return Promise.resolve().then(() => answer(input));
  });
  return calls;
}

export const failure = (code: FailureCode, message: string, hint = '') => new Failure(code, message, hint);
