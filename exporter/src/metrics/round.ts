/** One collection: started by a scrape, over by its deadline, whatever the servers do. */
import { type Problem, type Result, Results } from './result.ts';
import type { Collector } from './types.ts';

export class Round {
  readonly results = new Results();
  /** True as soon as the server has answered anything. */
  up = false;
  /** Why the server could not be asked. */
  problem: Problem | undefined;
  /** Set by `close`: what comes later belongs to nobody. */
  closed = false;
  private readonly expected: { collector: Collector; database: string | undefined }[] = [];
  private readonly started = performance.now();

  expect(collectors: readonly Collector[], databaseOf: (collector: Collector) => string | undefined): void {
    for (const collector of collectors) this.expected.push({ collector, database: databaseOf(collector) });
  }

  set(result: Result): void {
    if (this.closed) return;
    // A collector that is not for this server has a result without having asked.
    if (result.output !== undefined || !result.success) this.up = true;
    this.results.set(result);
  }

  /** The server could not be asked. What is found out after the end is the next round's. */
  fail(problem: Problem): void {
    if (!this.closed) this.problem = problem;
  }

  /** Ends the round: every expected collector without a result has failed. */
  close(): void {
    this.closed = true;
    const problem = this.problem ?? DEADLINE;
    for (const { collector, database } of this.expected) {
      if (this.results.get(collector, database) !== undefined) continue;
      const durationSeconds = (performance.now() - this.started) / 1000;
      this.results.set({
        collector,
        database,
        output: undefined,
        success: false,
        problems: [problem],
        durationSeconds,
        at: Date.now(),
      });
    }
  }
}

export const DEADLINE: Problem = { reason: 'timeout', message: 'not ready by the deadline of the scrape' };
