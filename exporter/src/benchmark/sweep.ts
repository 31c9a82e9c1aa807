/** An exporter takes back what killed benchmarks have set, also where nobody begins another one. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TargetConfig } from '../config/types.ts';
import type { Log } from '../log.ts';
import { StateMissing, StateUnavailable, type Store } from '../store/store.ts';
import { restoreAbandoned } from './restore.ts';

/** Longer than a lease would be too long: the server runs with settings that nobody wants. */
const SWEEP_MS = 15_000;

export interface SweepOptions {
  readonly store: Store;
  readonly targets: readonly TargetConfig[];
  readonly log: Log;
}

export class BenchmarkSweep {
  readonly #options: SweepOptions;
  readonly #closing = new AbortController();
  #sweeping: Promise<void> | undefined;
  /** What was said last, by run: the same problem is logged once. */
  readonly #said = new Map<string, string>();

  constructor({ targets, ...options }: SweepOptions) {
    this.#options = { ...options, targets: targets.filter(({ benchmark }) => benchmark === 'allowed') };
  }

  /** Where no target allows a benchmark, nothing is asked. */
  start(): void {
    if (this.#options.targets.length > 0) this.#sweeping = this.#sweep();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#once();
      await sleep(SWEEP_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #once(): Promise<void> {
    const { store, targets, log } = this.#options;
    try {
      for (const { target, benchmark, problems } of await restoreAbandoned(store, targets)) {
        const text = problems.join('; ');
        if (this.#said.get(benchmark) === text) continue;
        this.#said.set(benchmark, text);
        if (text === '') log.info({ target, benchmark }, 'what a benchmark had set is taken back');
        else log.error({ target, benchmark, problems: text }, 'not all that a benchmark had set could be taken back');
      }
    } catch (error) {
      // It is away, or not brought up to this version: what records the history says so already.
      if (!(error instanceof StateUnavailable) && !(error instanceof StateMissing)) {
        log.error({ error: (error as Error).message }, 'looking after benchmarks failed');
      }
    }
  }
}
