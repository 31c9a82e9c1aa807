/** Two thousand million transactions in a second: the counters of a stopped server are set forward. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { unpack } from '../../demo/servers/apt.ts';
import { run } from '../../demo/servers/index.ts';
import { giveToServer, serverUser } from '../../demo/servers/user.ts';
import type { Lab } from '../lib/lab/lab.ts';
import type { Fault } from './types.ts';

/** Transactions that one file of pg_xact tells of, and multixacts of pg_multixact/offsets. */
const XACTS_PER_FILE = 8192 * 4 * 32;
const OFFSETS_PER_FILE = (8192 / 4) * 32;
const FILE_BYTES = 8192 * 32;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function setForward({ primary }: Lab, counters: { xid?: number; multixact?: number }): Promise<void> {
  const resetwal = await unpack({
    title: 'pg_resetwal of PostgreSQL 15',
    packages: ['postgresql-15'],
    program: 'usr/lib/postgresql/15/bin/pg_resetwal',
    suite: 'bookworm',
    dependencies: false,
    discard: ['usr/share', 'etc', 'var', 'usr/lib/postgresql/15/lib'],
  });
  const { pid, dataDir } = primary;
  process.kill(pid, 'SIGINT');
  while (isAlive(pid)) await setTimeout(50);
  const { xid, multixact } = counters;
  const file = (folder: string, number: number): void => {
    const path = join(dataDir, folder, number.toString(16).toUpperCase().padStart(4, '0'));
    writeFileSync(path, Buffer.alloc(FILE_BYTES), { mode: 0o600 });
    giveToServer(path);
  };
  if (xid !== undefined) file('pg_xact', xid / XACTS_PER_FILE);
  if (multixact !== undefined) file('pg_multixact/offsets', multixact / OFFSETS_PER_FILE);
  const args = [
    ...(xid === undefined ? [] : ['-x', String(xid)]),
    ...(multixact === undefined ? [] : ['-m', `${multixact},1`]),
  ];
  const { code, stderr } = await run(resetwal, [...args, '-D', dataDir], { user: serverUser(), cwd: '/' });
  if (code !== 0) throw new Error(`pg_resetwal: ${stderr}`);
  await primary.restart();
}

/** 47 and 65 in a hundred of 2^31, where a file begins. */
const WARNING = 954 * XACTS_PER_FILE;
const CRITICAL = 1336 * XACTS_PER_FILE;

/** Of all databases that may be connected to; templates too. */
const inAll = ['postgres', 'template0', 'template1'];

const fires = (alert: string, severity: 'warning' | 'critical') =>
  inAll.map((datname) => ({ alert, severity, labels: { datname }, after: 180 }));

export const wraparound: readonly Fault[] = [
  {
    name: 'horizon-held',
    topology: 'plain15',
    ruins: true,
    make: async (lab) => {
      await lab.primary.query("begin; create table t (); prepare transaction 'import'");
      await setForward(lab, { xid: 8 * XACTS_PER_FILE });
    },
    fires: [
      { alert: 'PostgresXminHorizonHeld', severity: 'warning', labels: { holder: 'prepared_transaction' }, after: 180 },
    ],
  },
  {
    name: 'xids-used-up',
    topology: 'plain15',
    ruins: true,
    make: (lab) => setForward(lab, { xid: WARNING }),
    fires: [...fires('PostgresXidWraparound', 'warning'), ...fires('PostgresFreezeOverdue', 'warning')],
  },
  {
    name: 'xids-nearly-gone',
    topology: 'plain15',
    ruins: true,
    make: (lab) => setForward(lab, { xid: CRITICAL }),
    fires: [...fires('PostgresXidWraparound', 'warning'), ...fires('PostgresXidWraparound', 'critical')],
  },
  {
    name: 'multixacts-used-up',
    topology: 'plain15',
    ruins: true,
    make: (lab) => setForward(lab, { multixact: WARNING }),
    fires: [...fires('PostgresMultixactWraparound', 'warning'), ...fires('PostgresFreezeOverdue', 'warning')],
  },
  {
    name: 'multixacts-nearly-gone',
    topology: 'plain15',
    ruins: true,
    make: (lab) => setForward(lab, { multixact: CRITICAL }),
    fires: [...fires('PostgresMultixactWraparound', 'warning'), ...fires('PostgresMultixactWraparound', 'critical')],
  },
];
