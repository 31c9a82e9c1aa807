import { appendFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepAsking, keepOn } from '../lib/lab/deeds.ts';
import type { Lab } from '../lib/lab/lab.ts';
import type { Fault } from './types.ts';

const GIBIBYTE = 1024 ** 3;

/** A file of nothing in the database's folder: it has a size, and takes no room. */
async function inflate({ primary }: Lab): Promise<void> {
  const [{ oid }] = await primary.query<{ oid: string }>("select oid::text from pg_database where datname = 'musicdb'");
  const file = join(primary.dataDir, 'base', oid, '4000000000');
  writeFileSync(file, '', { mode: 0o644 });
  truncateSync(file, 600 * GIBIBYTE);
}

const deflate = async ({ primary }: Lab): Promise<void> => {
  const [{ oid }] = await primary.query<{ oid: string }>("select oid::text from pg_database where datname = 'musicdb'");
  truncateSync(join(primary.dataDir, 'base', oid, '4000000000'), 0);
};

const MEBIBYTE = Buffer.alloc(1024 ** 2);

const fileOnDisk = ({ nodes: [{ disk }] }: Lab): string => join(disk!.folder, 'data');

const write = (lab: Lab, megabytes: number): void => {
  for (let n = 0; n < megabytes; n++) appendFileSync(fileOnDisk(lab), MEBIBYTE);
};

/** So much is there when it begins. */
const filled = (megabytes: number) => (lab: Lab) => Promise.resolve(write(lab, megabytes));

const keepWriting = (lab: Lab): Promise<void> =>
  Promise.resolve(keepOn(lab, 2000, () => Promise.resolve(write(lab, 1))));

const empty = (lab: Lab): Promise<void> => Promise.resolve(rmSync(fileOnDisk(lab)));

const DISK = {
  topology: 'disk',
  make: keepWriting,
  repair: empty,
  trending: ['node_filesystem_avail_bytes'],
} as const;
const PGDATA = { instance: 'db1:9100', device: 'pgdata', fstype: 'tmpfs', mountpoint: '/var/lib/pgdata' };

export const capacity: readonly Fault[] = [
  {
    name: 'database-large',
    topology: 'pair',
    make: inflate,
    repair: deflate,
    fires: [{ alert: 'PostgresDatabaseSizeHigh', severity: 'info', labels: { datname: 'musicdb' } }],
    // It has grown in no time.
    mayFire: ['PostgresDatabaseGrowthHigh/warning'],
  },
  {
    name: 'database-grows',
    topology: 'pair',
    make: async (lab) => {
      await lab.primary.query('create table musicdb.history (filler text)', 'musicdb');
      await keepAsking(lab, 1, "insert into musicdb.history select repeat('x', 1000) from generate_series(1, 5000)");
    },
    repair: ({ primary }) => primary.query('drop table musicdb.history', 'musicdb'),
    trending: ['pg_database_size_bytes'],
    fires: ['db1:9187', 'db2:9187'].map((instance) => ({
      alert: 'PostgresDatabaseGrowthHigh',
      severity: 'warning',
      labels: { instance, datname: 'musicdb' },
      after: 1800,
      clears: null,
    })),
  },
  {
    name: 'disk-fills',
    ...DISK,
    // Of 2,000.
    prepare: filled(1300),
    fires: [{ alert: 'PostgresDiskFullSoon', severity: 'warning', labels: PGDATA, after: 300 }],
    silent: ['PostgresDiskFullSoon/critical'],
  },
  {
    name: 'disk-nearly-full',
    ...DISK,
    prepare: filled(1700),
    fires: [
      { alert: 'PostgresDiskFullSoon', severity: 'warning', labels: PGDATA, after: 300 },
      { alert: 'PostgresDiskFullSoon', severity: 'critical', labels: PGDATA, after: 300 },
    ],
  },
];
