/** One target's history, as long as this process leads it. */
import type { LiveTarget } from '../live/live_target.ts';
import { toEntries } from './codec.ts';
import { type Comparison, compare, type Life } from './compare.ts';
import { Keyframes } from './keyframes.ts';
import { loadPast, type Past } from './past.ts';
import { sampleSessions } from './samples.ts';
import type { RecordingSession } from './session.ts';
import { type Reading, readNames, readStatements, readTexts, type Row } from './source.ts';
import { WaitRecorder } from './wait_recorder.ts';
import { type Facts, findStatements, insertLives, insertPoint, insertStatements, type NewStatement } from './writer.ts';

export interface TargetRecorderOptions {
  readonly live: LiveTarget;
  readonly session: RecordingSession;
  /** Its id in the state database. */
  readonly target: number;
  readonly intervalSeconds: number;
  readonly sampleSeconds: number;
}

/** More than so many intervals without a point are a gap. */
const GAP_INTERVALS = 2.5;

export class TargetRecorder {
  readonly #options: TargetRecorderOptions;
  readonly #waits: WaitRecorder;
  readonly #keyframes: Keyframes;
  #lives: Map<string, Life>;
  #facts: Facts;
  #last: Date | null;

  /** Takes up where the last leader left off. */
  static async load(options: TargetRecorderOptions): Promise<TargetRecorder> {
    const { session, target } = options;
    return new TargetRecorder(
      options,
      await loadPast(session.query, target),
      await WaitRecorder.load(session.query, target),
    );
  }

  private constructor(options: TargetRecorderOptions, past: Past, waits: WaitRecorder) {
    this.#options = options;
    this.#waits = waits;
    this.#lives = past.lives;
    this.#facts = past.facts;
    this.#last = past.last;
    this.#keyframes = new Keyframes(past.keyframe, past.changesSince);
  }

  /** A look at the sessions. @throws TargetUnavailable, DatabaseFailure */
  async sample(): Promise<void> {
    const { live } = this.#options;
    this.#waits.add(await live.use(sampleSessions), this.#options.sampleSeconds);
  }

  /**
   * A point of both streams, in one transaction: a failure leaves nothing behind, here and there.
   * @param youngest seconds; default half an interval.
   * @returns false where the last point is younger, as after another exporter's.
   * @throws TargetUnavailable, DatabaseFailure, NoStatements; what the state database says.
   */
  async snapshot(youngest = this.#options.intervalSeconds / 2): Promise<boolean> {
    const { live, session, target, intervalSeconds, sampleSeconds } = this.#options;
    // The state database's clock: exporters' own may differ, and one takes over from the other.
    const [{ at }] = await session.query<{ at: Date }>("select date_trunc('milliseconds', clock_timestamp()) as at");
    const sinceLast = this.#last === null ? Infinity : (at.getTime() - this.#last.getTime()) / 1000;
    if (sinceLast < youngest) return false;
    const reading = await live.use(readStatements);
    const comparison = compare(this.#lives, this.#facts, reading);
    const described = await this.#describe(comparison.begun);
    const previous = this.#last;
    const gap = previous !== null && sinceLast > intervalSeconds * GAP_INTERVALS;
    const point = { target, at, previous, gap };
    const facts = factsOf(reading);
    const ends = previous === null ? { ...comparison, notes: [] } : comparison;
    const { lives, keyframe, written } = await session.transaction(async (query) => {
      const ids = await this.#insertBegun(query, at, comparison.begun, described);
      const lives = follow(this.#lives, comparison, ids);
      const fresh = comparison.begun.map((row) => lives.get(row.key)!);
      const changed = comparison.changed.map(({ life, row }) => ({ ...life, values: row.values }));
      const keyframe = this.#keyframes.isDue(at, fresh.length + changed.length, lives.size);
      const entries = toEntries('statement', keyframe ? [...lives.values()] : [...changed, ...fresh]);
      const ended =
        ends.ended.length === 0
          ? null
          : toEntries(
              'statement',
              ends.ended.map(([, life]) => life),
            );
      await insertPoint(query, { ...point, stream: 'statement', keyframe, entries, ended, notes: ends.notes, facts });
      await this.#waits.write(query, { ...point, facts: { sampleSeconds } });
      return { lives, keyframe, written: entries.ids.length };
    });
    // Only what is committed counts as seen.
    this.#lives = lives;
    this.#facts = facts;
    this.#last = at;
    this.#keyframes.wrote(at, keyframe, written);
    this.#waits.committed();
    return true;
  }

  /** Names and, where the state database has none yet, texts of statements that are new. */
  async #describe(begun: readonly Row[]): Promise<readonly Described[]> {
    if (begun.length === 0) return [];
    const { live, session, target } = this.#options;
    const names = await live.use(readNames);
    const keys = begun.map(({ queryId, dbOid, userOid }) => ({
      queryId,
      database: names.databases.get(dbOid) ?? `dropped (oid ${dbOid})`,
      user: names.users.get(userOid) ?? `dropped (oid ${userOid})`,
    }));
    const found = await findStatements(session.query, target, keys);
    const missing = begun.filter((_, place) => found[place] === null);
    const texts =
      missing.length === 0
        ? new Map<string, string>()
        : await live.use((client) => readTexts(client, [...new Set(missing.map(({ queryId }) => queryId))]));
    return begun.map(({ dbOid, userOid, queryId }, place) => ({
      ...keys[place],
      id: found[place],
      // Evicted between two looks: what it was is not known any more.
      text: texts.get(`${dbOid}/${userOid}/${queryId}`) ?? '',
    }));
  }

  async #insertBegun(
    query: RecordingSession['query'],
    at: Date,
    begun: readonly Row[],
    described: readonly Described[],
  ): Promise<number[]> {
    if (begun.length === 0) return [];
    const { target } = this.#options;
    const keyOf = ({ queryId, database, user }: NewStatement): string => JSON.stringify([queryId, database, user]);
    // One statement is two lives where it runs both at top level and inside a function.
    const fresh = [...new Map(described.filter(({ id }) => id === null).map((one) => [keyOf(one), one])).values()];
    const inserted = fresh.length === 0 ? [] : await insertStatements(query, target, at, fresh);
    const ids = new Map(fresh.map((one, place) => [keyOf(one), inserted[place]]));
    const lives = begun.map((row, place) => ({
      ...row,
      statement: described[place].id ?? ids.get(keyOf(described[place]))!,
    }));
    return insertLives(query, target, at, lives);
  }
}

type Described = NewStatement & { readonly id: number | null; readonly text: string };

const factsOf = ({ serverStart, statsReset, evictions, ioTiming }: Reading): Facts => ({
  serverStart,
  statsReset,
  evictions,
  ioTiming,
});

/** The lives after a comparison; those before stay as they are, for the transaction may fail. */
function follow(before: ReadonlyMap<string, Life>, comparison: Comparison, ids: readonly number[]): Map<string, Life> {
  const lives = new Map(before);
  for (const [key] of comparison.ended) lives.delete(key);
  for (const { life, row } of comparison.changed) lives.set(row.key, { ...life, values: row.values });
  for (const [place, row] of comparison.begun.entries()) {
    lives.set(row.key, { id: ids[place], since: row.since, values: row.values });
  }
  return lives;
}
