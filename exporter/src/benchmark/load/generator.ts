/** The load generator, as the exporter has it. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type FromClients, packPlan, type ToClients, unpackFailure } from './messages.ts';
import type { LoadPlan, LoadTick, SegmentOrder, SegmentResult, Sessions } from './types.ts';

export interface RunOptions {
  /** Ends the segment at once: what runs on the server is cancelled. */
  readonly signal?: AbortSignal;
  /** Each second. */
  readonly onTick?: (tick: LoadTick) => void;
}

/** Longer than a client waits for a server that does not answer. */
const CLOSE_WITHIN_MS = 15_000;

export class LoadGenerator {
  /** By arm. */
  readonly sessions: Readonly<Record<string, Sessions>>;
  readonly #worker: Worker;
  readonly #gone: Promise<never>;
  #running = false;

  /**
   * Starts the thread and connects all clients of all arms.
   * @throws DatabaseFailure; BadStatement; RangeError where a generator has nothing to give.
   */
  static async open(plan: LoadPlan): Promise<LoadGenerator> {
    // .ts as it is written, .js as it is built.
    const url = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url);
    const worker = new Worker(url, { workerData: packPlan(plan), name: 'benchmark' });
    const gone = new Promise<never>((_, reject) => {
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the load generator is closed')));
    });
    gone.catch(() => {});
    const first = await Promise.race([gone, next(worker)]);
    if (first.kind === 'ready') return new LoadGenerator(worker, gone, first.sessions);
    await gone.catch(() => {});
    throw first.kind === 'failed' ? unpackFailure(first.failure) : new Error(`unexpected: ${first.kind}`);
  }

  private constructor(worker: Worker, gone: Promise<never>, sessions: Readonly<Record<string, Sessions>>) {
    this.#worker = worker;
    this.#gone = gone;
    this.sessions = sessions;
  }

  /**
   * One segment. Afterwards the clients stay connected, also when it has failed.
   * @throws what aborted it; BadStatement when strict; DatabaseFailure when the server has been away for a minute.
   */
  async run(order: SegmentOrder, { signal, onTick }: RunOptions = {}): Promise<SegmentResult> {
    signal?.throwIfAborted();
    if (this.#running) throw new Error('one segment at a time');
    if (!(order.arm in this.sessions)) throw new RangeError(`there is no arm ${order.arm}`);
    this.#running = true;
    const abort = (): void => this.#tell({ kind: 'abort' });
    const hear = (message: FromClients): void => {
      if (message.kind === 'tick') onTick?.(message.tick);
    };
    this.#worker.on('message', hear);
    signal?.addEventListener('abort', abort);
    try {
      const { arm, seed, until, strict } = order;
      const ended = next(this.#worker);
      this.#tell({ kind: 'run', order: { arm, seed, until, strict } });
      const last = await Promise.race([this.#gone, ended]);
      signal?.throwIfAborted();
      if (last.kind === 'result') return last.result;
      throw last.kind === 'failed' ? unpackFailure(last.failure) : new Error(`unexpected: ${last.kind}`);
    } finally {
      this.#running = false;
      this.#worker.off('message', hear);
      signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * Ends an arm's sessions and begins others: see `renew` in clients.ts. Not while a segment runs.
   * @throws DatabaseFailure; then the arm has none.
   */
  async renew(arm: string): Promise<void> {
    if (this.#running) throw new Error('not while a segment runs');
    this.#running = true;
    try {
      const ended = next(this.#worker);
      this.#tell({ kind: 'renew', arm });
      const last = await Promise.race([this.#gone, ended]);
      if (last.kind === 'failed') throw unpackFailure(last.failure);
    } finally {
      this.#running = false;
    }
  }

  /** Ends all sessions, and what they still do. Harmless when repeated. */
  async close(): Promise<void> {
    this.#tell({ kind: 'close' });
    const timer = setTimeout(() => void this.#worker.terminate(), CLOSE_WITHIN_MS);
    await this.#gone.catch(() => {});
    clearTimeout(timer);
  }

  #tell(message: ToClients): void {
    this.#worker.postMessage(message);
  }
}

/** The next message that is not a tick. */
const next = (worker: Worker): Promise<FromClients> =>
  new Promise((resolve) => {
    const hear = (message: FromClients): void => {
      if (message.kind === 'tick') return;
      worker.off('message', hear);
      resolve(message);
    };
    worker.on('message', hear);
  });
