import { vacuumLike } from './vacuum_like.ts';

const MIB = 1024 ** 2;

export const analyze = vacuumLike({
  id: 'analyze',
  title: 'Analyze',
  description: "Collects the planner's statistics anew from a sample of the rows.",
  role: 'Editor',
  heavy: false,
  lock: 'Blocks nobody who reads or writes; keeps out other maintenance and changes of the table meanwhile.',
  statement: 'analyze %s',
  counter: 'analyze_count',
  bytesPerSecond: 60 * MIB,
  // 30,000 pages at the default statistics target.
  readsAtMost: 30_000 * 8192,
  removesRows: false,
  figures: ({ changedRows }) => [{ title: 'Rows changed since the last analyze', unit: 'rows', value: changedRows }],
  predicted: ({ changedRows }) => [
    { title: 'Rows changed since the last analyze', unit: 'rows', before: changedRows, after: 0 },
  ],
});
