/** What happened between points that follow each other, life by life: what trends are made of. */
import type { Entries } from './codec.ts';
import { AT } from './columns.ts';
import type { Totals } from './totals.ts';

/** Of the columns that trends need; milliseconds and blocks, as in the points. */
export interface Delta {
  /** Milliseconds since 1970. */
  readonly end: number;
  readonly durationMs: number;
  readonly calls: number;
  readonly execMs: number;
  readonly sharedRead: number;
}

export interface PointInTime {
  readonly at: Date;
  readonly previous: Date | null;
  readonly gap: boolean;
  readonly entries: Entries;
}

/**
 * @param totals at the point before the first; laid over with each of `points` in turn.
 * @param wanted default: all lives.
 */
export function* deltasOf(
  totals: Totals,
  points: Iterable<PointInTime>,
  wanted?: { has(life: number): boolean },
): Generator<readonly [life: number, Delta]> {
  for (const { at, previous, gap, entries } of points) {
    const { ids, columns } = entries;
    // When in a gap it happened is not known; and what was counted before the first point is nobody's window.
    if (previous !== null && !gap) {
      const end = at.getTime();
      const durationMs = end - previous.getTime();
      for (let entry = 0; entry < ids.length; entry++) {
        const life = ids[entry];
        if (wanted !== undefined && !wanted.has(life)) continue;
        const calls = columns[AT.calls][entry] - totals.get(life, AT.calls);
        const execMs = columns[AT.exec_ms][entry] - totals.get(life, AT.exec_ms);
        const sharedRead = columns[AT.shared_read][entry] - totals.get(life, AT.shared_read);
        if (calls === 0 && execMs === 0 && sharedRead === 0) continue;
        yield [life, { end, durationMs, calls, execMs, sharedRead }];
      }
    }
    totals.lay(entries, wanted);
  }
}

/** End and duration as milliseconds, 32 bits each; three figures as float32. */
const BYTES = 20;

/** @param from start of the chunk: ends are stored relative to it. */
export function packDeltas(from: number, deltas: readonly Delta[]): Buffer {
  const bytes = Buffer.alloc(deltas.length * BYTES);
  for (const [place, { end, durationMs, calls, execMs, sharedRead }] of deltas.entries()) {
    const at = place * BYTES;
    bytes.writeUInt32LE(end - from, at);
    bytes.writeUInt32LE(durationMs, at + 4);
    bytes.writeFloatLE(calls, at + 8);
    bytes.writeFloatLE(execMs, at + 12);
    bytes.writeFloatLE(sharedRead, at + 16);
  }
  return bytes;
}

export function unpackDeltas(from: number, bytes: Buffer): Delta[] {
  const deltas: Delta[] = [];
  eachDelta(from, bytes, (end, durationMs, calls, execMs, sharedRead) =>
    deltas.push({ end, durationMs, calls, execMs, sharedRead }),
  );
  return deltas;
}

/** Without an object each: a day of 50 statements has 72,000. */
export function eachDelta(
  from: number,
  bytes: Buffer,
  visit: (end: number, durationMs: number, calls: number, execMs: number, sharedRead: number) => void,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + BYTES <= bytes.byteLength; at += BYTES) {
    visit(
      from + view.getUint32(at, true),
      view.getUint32(at + 4, true),
      view.getFloat32(at + 8, true),
      view.getFloat32(at + 12, true),
      view.getFloat32(at + 16, true),
    );
  }
}
