import { appendFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepOn } from '../lib/lab/deeds.ts';
import type { Lab } from '../lib/lab/lab.ts';
import type { Fault, Firing } from './types.ts';

const GIBIBYTE = 1024 ** 3;

const MUSICDB_OID = "select oid::text from pg_database where datname = 'musicdb'";

/** Makes MusicDB so much larger, on the standby too: a file of nothing in its folder has a size, and takes no room. */
const inflate =
  (bytes: number) =>
  async ({ primary, nodes }: Lab): Promise<void> => {
    const [{ oid }] = await primary.query<{ oid: string }>(MUSICDB_OID);
    for (const { postgres } of nodes) {
      const file = join(postgres.dataDir, 'base', oid, '4000000000');
      writeFileSync(file, '', { mode: 0o644 });
      truncateSync(file, bytes);
    }
  };

const deflate = inflate(0);

/** Some 5 MB a second: in the test, where time is slower, half of a database of 100 GiB in a day. */
async function keepFilling(lab: Lab): Promise<void> {
  const session = await lab.session(lab.primary.url('musicdb'));
  await session.query('create table musicdb.history (filler text)');
  keepOn(lab, 200, () =>
    session.query("insert into musicdb.history select repeat('x', 1000) from generate_series(1, 1000)"),
  );
}

const onBoth = (firing: Firing): Firing[] =>
  ['db1:9187', 'db2:9187'].map((instance) => ({ ...firing, labels: { instance, datname: 'musicdb' } }));

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
    make: inflate(600 * GIBIBYTE),
    repair: deflate,
    fires: onBoth({ alert: 'PostgresDatabaseSizeHigh', severity: 'info' }),
    // It has grown in no time.
    mayFire: ['PostgresDatabaseGrowthHigh/warning'],
  },
  {
    name: 'database-grows',
    topology: 'pair',
    prepare: inflate(100 * GIBIBYTE),
    make: keepFilling,
    repair: async (lab) => {
      await lab.primary.query('drop table musicdb.history', 'musicdb');
      await deflate(lab);
    },
    trending: ['pg_database_size_bytes'],
    fires: onBoth({ alert: 'PostgresDatabaseGrowthHigh', severity: 'warning', after: 1800, clears: null }),
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
