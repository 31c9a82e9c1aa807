import { vacuumLike } from './vacuum_like.ts';

export const VACUUM_LOCK =
  'Blocks nobody who reads or writes; keeps out other maintenance and changes of the table meanwhile. ' +
  'At its end it may cut off empty pages under ACCESS EXCLUSIVE, which it gives up as soon as somebody waits.';

export const vacuum = vacuumLike({
  id: 'vacuum',
  title: 'Vacuum',
  description: 'Makes the space of dead rows usable again. The table seldom gets smaller; it stops growing.',
  role: 'Editor',
  heavy: true,
  lock: VACUUM_LOCK,
  statement: 'vacuum %s',
  counter: 'vacuum_count',
  bytesPerSecond: 80 * 1024 ** 2,
  removesRows: true,
  figures: ({ deadRows, bytes }) => [
    { title: 'Dead rows', unit: 'rows', value: deadRows },
    { title: 'Size with indexes', unit: 'bytes', value: bytes },
  ],
  predicted: ({ deadRows }) => [{ title: 'Dead rows', unit: 'rows', before: deadRows, after: 0 }],
});
