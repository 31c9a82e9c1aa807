/** One PgBouncer: its SHOW commands, one after the other, on one console connection. */
import type { Dsn } from '../config/types.ts';
import { describeFailure } from '../db/errors.ts';
import { ConsoleSession } from '../db/pgbouncer.ts';
import type { Receiver } from '../db/postgres.ts';
import type { RunContext } from './connected.ts';
import type { Deadline } from './deadline.ts';
import type { Result } from './result.ts';
import { DEADLINE, Round } from './round.ts';
import { type Closable, Slot } from './slot.ts';
import type { Collector } from './types.ts';

class Console implements Closable {
  readonly session: ConsoleSession;
  /** Commands that this PgBouncer does not know; asked once per connection. */
  readonly unsupported = new Set<string>();

  constructor(session: ConsoleSession) {
    this.session = session;
  }

  get alive(): boolean {
    return this.session.alive;
  }

  abort(): void {
    this.session.destroy();
  }

  close(): Promise<void> {
    return this.session.close();
  }
}

export class BouncerSource {
  readonly slot: Slot<Console>;
  private readonly collectors: readonly Collector[];
  private readonly context: RunContext;

  constructor(dsn: Dsn, collectors: readonly Collector[], context: RunContext) {
    this.collectors = collectors;
    this.context = context;
    this.slot = new Slot(async () => new Console(await ConsoleSession.open(dsn)));
  }

  /** Never throws, never late. */
  async collect(deadline: Deadline): Promise<Round> {
    const round = new Round();
    round.expect(this.collectors, () => undefined);
    const done = await deadline.race(this.run(round));
    if (!done) {
      this.slot.abort();
      round.problem ??= DEADLINE;
    }
    round.close();
    return round;
  }

  close(): Promise<void> {
    return this.slot.close();
  }

  private async run(round: Round): Promise<void> {
    try {
      const reused = this.slot.held;
      await this.runOn(await this.slot.get(), round);
      if (!round.up && reused && !round.closed) await this.runOn(await this.slot.get(), round);
    } catch (error) {
      const { reason, message } = describeFailure(error);
      round.fail({ reason, message });
    }
  }

  private async runOn(console: Console, round: Round): Promise<void> {
    for (const collector of this.collectors) {
      const result = await this.runOne(console, collector);
      if (!console.alive) {
        round.fail(result.problems[0] ?? { reason: 'connection_lost', message: 'the connection broke' });
        return;
      }
      round.set(result);
    }
    // With every collector switched off, nothing has been asked yet.
    if (round.up || !console.alive) return;
    await console.session.show('SHOW VERSION', NOBODY).then(
      () => (round.up = !round.closed),
      () => {},
    );
  }

  private async runOne(console: Console, collector: Collector): Promise<Result> {
    const started = performance.now();
    const finish = (rest: Pick<Result, 'output' | 'success' | 'problems'>): Result => ({
      collector,
      database: undefined,
      durationSeconds: (performance.now() - started) / 1000,
      at: Date.now(),
      ...rest,
    });
    if (console.unsupported.has(collector.name)) return finish({ output: undefined, success: true, problems: [] });
    try {
      const sink = this.context.sink(collector, undefined);
      await console.session.show(collector.sql as string, sink);
      return finish({ output: await sink.finish(), success: true, problems: [] });
    } catch (error) {
      const { reason, message } = describeFailure(error);
      if (reason !== 'unsupported')
        return finish({ output: undefined, success: false, problems: [{ reason, message }] });
      console.unsupported.add(collector.name);
      return finish({ output: undefined, success: true, problems: [] });
    }
  }
}

const NOBODY: Receiver = { describe: () => {}, row: () => {} };
