import type { Lab } from '../lib/lab/lab.ts';
import { abandonSlot, configure, dropSlot, writeWal } from '../lib/lab/deeds.ts';
import type { Fault } from './types.ts';

/** A slot keeps WAL until there is that many times what max_wal_size allows. */
async function pileUp({ primary }: Lab, times: number): Promise<void> {
  await abandonSlot(primary);
  await writeWal(primary, 200);
  const [{ megabytes }] = await primary.query<{ megabytes: number }>(
    'select (sum(size) / 1024 / 1024)::int as megabytes from pg_ls_waldir()',
  );
  await configure(primary, { min_wal_size: '32MB', max_wal_size: `${Math.floor(megabytes / times)}MB` });
}

const clearUp = async ({ primary }: Lab): Promise<void> => {
  await dropSlot(primary);
  await configure(primary, { min_wal_size: null, max_wal_size: null });
};

export const wal: readonly Fault[] = [
  {
    name: 'checkpoints-frequent',
    topology: 'pair',
    make: async ({ primary }) => {
      await configure(primary, { min_wal_size: '32MB', max_wal_size: '32MB' });
      await writeWal(primary, 40);
    },
    repair: ({ primary }) => configure(primary, { min_wal_size: null, max_wal_size: null }),
    fires: [{ alert: 'PostgresCheckpointsTooFrequent', severity: 'warning' }],
    alsoFires: [],
    mayFire: ['PostgresWalSizeHigh/warning'],
  },
  {
    name: 'archiving-fails',
    topology: 'pair',
    make: async ({ primary }) => {
      await configure(primary, { archive_command: '/bin/false' });
      await writeWal(primary, 1);
      await primary.query('select pg_switch_wal()');
    },
    repair: async ({ primary }) => {
      await configure(primary, { archive_command: null });
      await writeWal(primary, 1);
      await primary.query('select pg_switch_wal()');
    },
    scrapes: [4, 8, 12],
    fires: [{ alert: 'PostgresArchivingFailing', severity: 'critical', after: 720, clears: 300 }],
  },
  {
    name: 'wal-piles-up',
    topology: 'pair',
    make: (lab) => pileUp(lab, 3),
    repair: clearUp,
    silent: ['PostgresWalSizeHigh/critical'],
    fires: [{ alert: 'PostgresWalSizeHigh', severity: 'warning' }],
  },
  {
    name: 'wal-piles-up-far',
    topology: 'pair',
    make: (lab) => pileUp(lab, 6),
    repair: clearUp,
    fires: [
      { alert: 'PostgresWalSizeHigh', severity: 'warning' },
      { alert: 'PostgresWalSizeHigh', severity: 'critical' },
    ],
  },
];
