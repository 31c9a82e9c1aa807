/** One segment of load: who sends what when. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeFailure, type DatabaseFailure } from '../../db/errors.ts';
import type { Drawn } from '../workload/parameters.ts';
import type { LoadClient, Listener, PreparedStep } from './client.ts';
import { now } from './clock.ts';
import { Recorder } from './recorder.ts';
import { BadStatement, type LoadTick, type SegmentResult, type Until } from './types.ts';

const WATCH_MS = 100;
/** Errors that the same statement need not meet again: serialization, resources, locks, an operator's doing. */
const PASSING = ['40', '53', '55P03', '57'];

export interface SegmentParts {
  readonly clients: readonly LoadClient[];
  readonly names: readonly string[];
  /** By statement. */
  readonly steps: readonly (readonly PreparedStep[])[];
  readonly next: () => Drawn;
  readonly until: Until;
  readonly strict: boolean;
  readonly onTick: (tick: LoadTick) => void;
}

/** When the next statement is sent differs; what happens to it then does not. */
export abstract class Segment implements Listener {
  protected readonly parts: SegmentParts;
  /** By `now`. */
  protected start = 0;
  protected due = 0;
  protected sent = 0;
  readonly #recorder: Recorder;
  #running = 0;
  #lastAnswer = 0;
  #over = false;
  #ended = false;
  readonly #end = Promise.withResolvers<void>();

  constructor(parts: SegmentParts) {
    this.parts = parts;
    this.#recorder = new Recorder(parts.names);
  }

  /** Becomes busy at `start`. */
  protected abstract begin(): void;
  /** Nothing more becomes due. */
  protected abstract stop(): Promise<void>;
  abstract free(client: LoadClient): void;

  /** @throws BadStatement when strict; DatabaseFailure when a client is gone for good; what `abort` was given. */
  async run(): Promise<SegmentResult> {
    const startedAt = new Date();
    this.start = now();
    const watching = setInterval(() => this.parts.clients.forEach((client) => client.watch()), WATCH_MS);
    const ticking = this.#tickEachSecond();
    try {
      this.begin();
      for (const client of this.parts.clients) client.serve(this);
      await this.#end.promise;
    } catch (error) {
      this.#ended = true;
      await this.stop();
      await this.#silence();
      throw error;
    } finally {
      clearInterval(watching);
      ticking.stop();
      for (const client of this.parts.clients) client.serve(undefined);
    }
    const lasted = ((this.#lastAnswer || now()) - this.start) / 1000;
    const { until } = this.parts;
    return {
      startedAt,
      seconds: 'seconds' in until ? Math.max(until.seconds, lasted) : lasted,
      due: this.due,
      sent: this.sent,
      statements: this.#recorder.statements(),
      ticks: this.#recorder.ticks,
      messages: this.#recorder.messages,
    };
  }

  /** Nothing of the load runs on the server any more when `run` has rejected. */
  abort(reason: Error): void {
    this.#ended = true;
    this.#end.reject(reason);
  }

  gaveUp(failure: DatabaseFailure): void {
    this.abort(failure);
  }

  /** No statement is begun any more; ends when all are answered. */
  protected over(): void {
    this.#over = true;
    if (this.#running === 0) this.#end.resolve();
  }

  protected get isOver(): boolean {
    return this.#over || this.#ended;
  }

  /** @param due by `now`: where the latency begins. */
  protected async send(client: LoadClient, due: number): Promise<void> {
    const { statement, values } = this.parts.next();
    this.sent++;
    this.#running++;
    try {
      const rows = await client.run(this.parts.steps[statement], values);
      this.#lastAnswer = now();
      this.#recorder.answered(statement, this.#lastAnswer - due, rows);
    } catch (error) {
      this.#lastAnswer = now();
      if (!this.#ended) this.#failed(statement, describeFailure(error));
    }
    this.#running--;
    client.release();
    if (this.#over && this.#running === 0) this.#end.resolve();
  }

  #failed(statement: number, { sqlState, message }: DatabaseFailure): void {
    this.#recorder.failed(statement, sqlState ?? 'connection', message);
    if (!this.parts.strict || sqlState === undefined || PASSING.some((prefix) => sqlState.startsWith(prefix))) return;
    this.abort(new BadStatement(this.parts.names[statement], message, sqlState));
  }

  /** A cancel request may arrive before what it shall cancel: it is repeated. Who does not answer at all is cut off. */
  async #silence(): Promise<void> {
    for (let busy = this.parts.clients; busy.length > 0; busy = busy.filter((client) => client.isBusy)) {
      for (const client of busy) client.stop();
      await sleep(WATCH_MS / 4);
    }
  }

  #tickEachSecond(): { stop(): void } {
    let second = 0;
    let timer: NodeJS.Timeout;
    const tick = (): void => this.parts.onTick(this.#recorder.tick(second++));
    const plan = (): void => {
      const left = this.start + (second + 1) * 1000 - now();
      timer = setTimeout(() => {
        tick();
        plan();
      }, left);
    };
    plan();
    return {
      stop: () => {
        clearTimeout(timer);
        if (this.#recorder.hasUntold) tick();
      },
    };
  }
}
