import type { ErrorCode } from '../contract/index.ts';

/** What cannot or must not be done with a statement, with the code that the API answers. */
export class StatementRefusal extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  /** @param message what is wrong. @param hint what to do about it. */
  constructor(code: ErrorCode, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
