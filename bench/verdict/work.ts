/** A statement whose work is a number: some milliseconds of a processor, and nothing else. */
export const WORK = 'pgvigil_bench.work';

export const SQL = `select sum(n) from (select generate_series(1, current_setting('${WORK}')::int) as n) as work`;

/** A round of the loop above is some tens of nanoseconds. */
export const BASE = 120_000;

/** Comparisons of this many blocks, each of four segments: half a second a block. */
export const BLOCKS = 20;

/** Seeds of two comparisons lie further apart than those of their blocks. */
export const SEED_STEP = 100;

/** A client that asks again as soon as it is answered. */
export const ONE_CLIENT = {
  clients: 1,
  load: { kind: 'closed' },
  length: { seconds: 0.125 },
  statements: [{ name: 'work', steps: [{ sql: SQL }] }],
};

/** An arm that does so much. */
export const arm = (work: number) => ({ session: { [WORK]: Math.round(work) } });
