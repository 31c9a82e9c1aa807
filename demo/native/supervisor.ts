/** Starts again what ends by itself, as a container's restart policy does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../servers/proc.ts';
import type { Running } from './programs.ts';

const LOOK_EVERY_MS = 200;
/** Between the end and the first try; doubled at each failure. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

/**
 * Watches one service until `end`, and keeps this process running until then: the services are processes of their own,
 * which do not, and a stack that nobody watches would end as soon as it is up.
 */
export class Supervisor {
  readonly #running: Running;
  readonly #report: (line: string) => void;
  readonly #name: string;
  readonly #ended = new AbortController();
  #watching = true;
  /** How often it was started again. */
  restarts = 0;
  readonly #work: Promise<void>;

  constructor(name: string, running: Running, report: (line: string) => void) {
    this.#name = name;
    this.#running = running;
    this.#report = report;
    this.#work = running.pid === 0 ? Promise.resolve() : this.#watch();
  }

  /** While off, what ends stays so. */
  set watching(on: boolean) {
    this.#watching = on;
  }

  /** Resolves when nothing is being started any more. */
  async end(): Promise<void> {
    this.#ended.abort();
    await this.#work;
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#ended.signal }).catch(() => undefined);
  }

  async #watch(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await this.#pause(LOOK_EVERY_MS);
      if (this.#watching && !isAlive(this.#running.pid)) await this.#bringBack();
    }
  }

  async #bringBack(): Promise<void> {
    this.#report(`${this.#name} has ended: it is started again`);
    for (let wait = FIRST_WAIT_MS; this.#watching; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      await this.#pause(wait);
      if (this.#ended.signal.aborted) return;
      try {
        await this.#running.restart();
        this.restarts++;
        return;
      } catch (error) {
        this.#report(`${this.#name} does not start: ${(error as Error).message}`);
      }
    }
  }
}
