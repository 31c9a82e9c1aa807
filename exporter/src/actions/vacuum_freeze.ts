import { VACUUM_LOCK } from './vacuum.ts';
import { vacuumLike } from './vacuum_like.ts';

export const vacuum_freeze = vacuumLike({
  id: 'vacuum_freeze',
  title: 'Vacuum and freeze',
  description: 'Vacuums and freezes all rows, so that an autovacuum against wraparound has nothing left to do.',
  role: 'Admin',
  heavy: true,
  lock: VACUUM_LOCK,
  statement: 'vacuum (freeze) %s',
  counter: 'vacuum_count',
  bytesPerSecond: 50 * 1024 ** 2,
  removesRows: true,
  figures: ({ freezeAge, deadRows }) => [
    { title: 'Transactions since the oldest unfrozen row', unit: 'count', value: freezeAge },
    { title: 'Dead rows', unit: 'rows', value: deadRows },
  ],
  predicted: ({ freezeAge }) => [
    { title: 'Transactions since the oldest unfrozen row', unit: 'count', before: freezeAge, after: 0 },
  ],
});
