/** Each client sends its next statement when the last is answered, after a pause. Latency counts from the sending. */
import type { LoadClient } from './client.ts';
import { now } from './clock.ts';
import { Segment, type SegmentParts } from './segment.ts';

export class ClosedLoop extends Segment {
  readonly #thinkMs: number;
  readonly #most: number;
  readonly #thinking = new Map<LoadClient, NodeJS.Timeout>();
  readonly #begun = new WeakSet<LoadClient>();
  #end: NodeJS.Timeout | undefined;

  /** @param thinkMs at least; timers count whole milliseconds. */
  constructor(parts: SegmentParts, thinkMs: number) {
    super(parts);
    this.#thinkMs = thinkMs;
    this.#most = 'count' in parts.until ? parts.until.count : Infinity;
  }

  protected begin(): void {
    const { until } = this.parts;
    if ('seconds' in until) this.#end = setTimeout(() => this.over(), until.seconds * 1000);
  }

  protected override over(): void {
    for (const timer of this.#thinking.values()) clearTimeout(timer);
    super.over();
  }

  override free(client: LoadClient): void {
    const isFirst = !this.#begun.has(client);
    this.#begun.add(client);
    if (this.#thinkMs === 0 || isFirst) return this.#next(client);
    // It is free a second time when it was lost while it thought: it still has only one pause.
    clearTimeout(this.#thinking.get(client));
    this.#thinking.set(
      client,
      setTimeout(() => this.#next(client), this.#thinkMs),
    );
  }

  #next(client: LoadClient): void {
    if (this.isOver || !client.isFree) return;
    this.due++;
    void this.send(client, now());
    if (this.sent === this.#most) this.over();
  }

  protected stop(): Promise<void> {
    clearTimeout(this.#end);
    for (const timer of this.#thinking.values()) clearTimeout(timer);
    return Promise.resolve();
  }
}
