import type { ErrorCode } from '../contract/index.ts';

/** What the jobs cannot or may not do, with the code that the API answers. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  /** @param message what is wrong. @param hint what to do about it. */
  constructor(code: ErrorCode, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
