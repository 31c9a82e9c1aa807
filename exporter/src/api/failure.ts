import type { ErrorCode } from '../contract/index.ts';

/** What a handler throws to answer with an error; everything else is a 500 and a line in the log. */
export class ApiFailure extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  /** @param message what is wrong, naming the field. @param hint what to do about it. */
  constructor(code: ErrorCode, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
