import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgresServer } from '../../demo/servers/index.ts';
import type { Fault } from './types.ts';

/** So that no identifier of a cluster stands in a test: the recorder puts this one. */
export const SYSTEM_IDENTIFIER = '7000000000000000001';

const SYSTEM = { instance: null, system_identifier: SYSTEM_IDENTIFIER };

/** The end of a file, where no header is: the page's checksum fails, its layout holds. */
function damage(file: string): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, 'lost', 8192 - 64);
  closeSync(handle);
}

async function filePath(server: PostgresServer, table: string): Promise<string> {
  const [{ path }] = await server.query<{ path: string }>(`select pg_relation_filepath('${table}') as path`, 'musicdb');
  return join(server.dataDir, path);
}

export const availability: readonly Fault[] = [
  {
    name: 'postgres-down',
    topology: 'pair',
    make: ({ primary }) => Promise.resolve(process.kill(primary.pid, 'SIGINT')),
    repair: ({ primary }) => primary.restart(),
    fires: [
      { alert: 'PostgresDown', severity: 'critical' },
      { alert: 'PostgresNoPrimary', severity: 'critical', labels: SYSTEM, after: 30, clears: 30 },
      { alert: 'PostgresRestarted', severity: 'info', in: 'repaired', after: 30 },
    ],
  },
  {
    name: 'postgres-hangs',
    topology: 'pair',
    make: ({ primary }) => Promise.resolve(primary.pause()),
    repair: ({ primary }) => Promise.resolve(primary.resume()),
    fires: [
      { alert: 'PostgresDown', severity: 'critical', after: 60, clears: 60 },
      { alert: 'PostgresNoPrimary', severity: 'critical', labels: SYSTEM, after: 60, clears: 60 },
    ],
  },
  {
    name: 'standby-down',
    topology: 'pair',
    make: ({ standby }) => Promise.resolve(process.kill(standby.pid, 'SIGINT')),
    repair: ({ standby }) => standby.restart(),
    fires: [
      { alert: 'PostgresDown', severity: 'critical', labels: { instance: 'db2:9187' } },
      { alert: 'PostgresRestarted', severity: 'info', labels: { instance: 'db2:9187' }, in: 'repaired', after: 30 },
    ],
  },
  {
    name: 'split-brain',
    topology: 'pair',
    make: ({ standby }) => standby.query('select pg_promote()'),
    ruins: true,
    fires: [
      { alert: 'PostgresSplitBrain', severity: 'critical', labels: SYSTEM },
      { alert: 'PostgresRoleChanged', severity: 'warning', labels: { instance: 'db2:9187' }, after: 30 },
    ],
  },
  {
    name: 'restart-pending',
    topology: 'pair',
    make: async ({ primary }) => {
      await primary.query("alter system set max_connections = '60'");
      await primary.query('select pg_reload_conf()');
    },
    repair: async ({ primary }) => {
      await primary.query('alter system reset max_connections');
      await primary.query('select pg_reload_conf()');
    },
    fires: [{ alert: 'PostgresRestartPending', severity: 'info' }],
  },
  {
    name: 'checksum-failure',
    topology: 'pair',
    make: async ({ primary }) => {
      await primary.query('create table musicdb.damaged as select n from generate_series(1, 100) n', 'musicdb');
      await primary.query('checkpoint');
      const file = await filePath(primary, 'musicdb.damaged');
      // What is cached is not read again.
      await primary.restart();
      damage(file);
      await primary.query('select count(*) from musicdb.damaged', 'musicdb').catch(() => undefined);
    },
    repair: ({ primary }) => primary.query('drop table musicdb.damaged', 'musicdb'),
    fires: [
      {
        alert: 'PostgresChecksumFailure',
        severity: 'critical',
        labels: { datname: 'musicdb', datid: '16384' },
        after: 60,
      },
    ],
    alsoFires: ['PostgresRestarted/info'],
  },
];
