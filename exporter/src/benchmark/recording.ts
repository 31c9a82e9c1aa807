/** What a run leaves behind: rows of the state database, an exported file and a report hold the same. */
import { z } from 'zod';

const count = z.int().min(0);
const seconds = z.number().min(0);

/** One statement of a workload in one segment. */
export const statementRecord = z.strictObject({
  /** Answered without an error. */
  count,
  /** By SQLSTATE, or `connection` where the server did not say one. They are in no other figure. */
  errors: z.record(z.string(), count),
  /** Returned or changed. */
  rows: count,
  /** Of all latencies, microseconds: the histogram's own mean is only as exact as its buckets. */
  sumUs: z.number().min(0),
  /** HDR histogram (V2, compressed, base64) of latencies in microseconds, three significant digits. Can be added up. */
  histogram: z.string(),
});
export type StatementRecord = z.output<typeof statementRecord>;

/** What the server did meanwhile; null where it could not be known. */
export const serverWork = z.strictObject({
  walBytes: z.number().nullable(),
  checkpoints: z.number().nullable(),
  /** Connections that the database has begun: with a pooler, far fewer than transactions. */
  sessions: z.number().nullable(),
  /** Sampled: sessions of the load by what they waited for, e.g. `Lock:transactionid`; `CPU` where for nothing. */
  waits: z.record(z.string(), count).nullable(),
});
export type ServerWork = z.output<typeof serverWork>;

/** An uninterrupted piece of load on one arm. A block has each arm twice (ABBA or BAAB); a plain run has one arm. */
export const segment = z.strictObject({
  block: count,
  /** Within the block, from 0. */
  position: count,
  arm: z.string(),
  startedAt: z.iso.datetime(),
  seconds,
  /** How many arrivals were due; in a closed loop, as many as were sent. */
  due: count,
  sent: count,
  statements: z.record(z.string(), statementRecord),
  server: serverWork.nullable(),
});
export type Segment = z.output<typeof segment>;

/** One second of a run, for charts. */
export const tick = z.strictObject({
  /** Seconds since the run's first segment began. */
  at: seconds,
  arm: z.string(),
  count,
  errors: count,
  /** Null where nothing was answered. */
  p50Us: z.number().nullable(),
  p99Us: z.number().nullable(),
});
export type Tick = z.output<typeof tick>;

/** Microseconds: an hour. What takes longer counts as this. */
export const LONGEST_US = 3_600_000_000;
