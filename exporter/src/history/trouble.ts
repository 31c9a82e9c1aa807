import type { Log } from '../log.ts';

/** Says that something fails when it begins, when its reason changes and when it has ended; not each time it is met. */
export class Trouble {
  readonly #log: Log;
  readonly #fields: Readonly<Record<string, string>>;
  #message = '';

  constructor(log: Log, fields: Readonly<Record<string, string>>) {
    this.#log = log;
    this.#fields = fields;
  }

  began(message: string): void {
    if (message === this.#message) return;
    this.#message = message;
    this.#log.warn(this.#fields, message);
  }

  ended(message: string): void {
    if (this.#message === '') return;
    this.#message = '';
    this.#log.info(this.#fields, message);
  }
}
