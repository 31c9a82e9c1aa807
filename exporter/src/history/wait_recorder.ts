/** The stream of session samples: running seconds by what sessions did. */
import type { Query } from '../store/store.ts';
import { toEntries } from './codec.ts';
import { Keyframes } from './keyframes.ts';
import { loadLast } from './past.ts';
import { keyOf, type Sample, SampleSums } from './samples.ts';
import { insertPoint, insertWaits, type NewWait, type Point } from './writer.ts';

interface Running {
  readonly id: number;
  readonly seconds: number;
  /** When it last grew. */
  readonly at: number;
}

/** What nobody has done for an hour ends; done again, it begins anew. */
const IDLE_MS = 3_600_000;

export class WaitRecorder {
  readonly #sums = new SampleSums();
  readonly #keyframes: Keyframes;
  #running: ReadonlyMap<string, Running>;
  #next: { readonly running: Map<string, Running>; readonly at: Date; keyframe: boolean; written: number } | undefined;

  static async load(query: Query, target: number): Promise<WaitRecorder> {
    const last = await loadLast(query, target, 'wait');
    if (last === null) return new WaitRecorder(new Map(), new Keyframes(null, 0));
    const rows = await query<NewWait & { id: number }>(
      `select id, query_id::text as "queryId", database_name as database, user_name as user, application, state,
              wait_type as "waitType", wait_event as "waitEvent", blocked_by::text as "blockedBy"
         from pgvigil_state.wait where target = $1 and ended is null`,
      [target],
    );
    const running = rows
      .filter(({ id }) => last.totals.has(id))
      .map(({ id, ...wait }): [string, Running] => [
        keyOf(wait),
        { id, seconds: last.totals.get(id, 0), at: last.at.getTime() },
      ]);
    return new WaitRecorder(new Map(running), new Keyframes(last.keyframe, last.changesSince));
  }

  private constructor(running: ReadonlyMap<string, Running>, keyframes: Keyframes) {
    this.#running = running;
    this.#keyframes = keyframes;
  }

  add(samples: readonly Sample[], seconds: number): void {
    this.#sums.add(samples, seconds);
  }

  /** Inside the point's transaction; `committed` makes it so here. What a failed transaction took along is lost: it is within a gap. */
  async write(query: Query, point: Omit<Point, 'stream' | 'keyframe' | 'entries' | 'ended' | 'notes'>): Promise<void> {
    const now = point.at.getTime();
    const sums = this.#sums.take();
    const running = new Map(this.#running);
    const fresh = [...sums].filter(([key]) => !running.has(key));
    const ids =
      fresh.length === 0
        ? []
        : await insertWaits(
            query,
            point.target,
            point.at,
            fresh.map(([, { wait }]) => wait),
          );
    for (const [place, [key]] of fresh.entries()) running.set(key, { id: ids[place], seconds: 0, at: now });
    for (const [key, { seconds }] of sums) {
      const known = running.get(key)!;
      running.set(key, { ...known, seconds: known.seconds + seconds, at: now });
    }
    const idle = [...running].filter(([, { at }]) => now - at > IDLE_MS);
    for (const [key] of idle) running.delete(key);
    const rows = (all: Iterable<Running>): { id: number; values: number[] }[] =>
      Array.from(all, ({ id, seconds }) => ({ id, values: [seconds] }));
    const changed = [...sums.keys()].map((key) => running.get(key)!);
    const keyframe = this.#keyframes.isDue(point.at, changed.length, running.size);
    const entries = toEntries('wait', rows(keyframe ? running.values() : changed));
    const ended = idle.length === 0 ? null : toEntries('wait', rows(idle.map(([, one]) => one)));
    await insertPoint(query, { ...point, stream: 'wait', keyframe, entries, ended, notes: [] });
    this.#next = { running, at: point.at, keyframe, written: entries.ids.length };
  }

  committed(): void {
    if (this.#next === undefined) return;
    const { running, at, keyframe, written } = this.#next;
    this.#running = running;
    this.#keyframes.wrote(at, keyframe, written);
    this.#next = undefined;
  }
}
