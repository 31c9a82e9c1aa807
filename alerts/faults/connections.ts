import type { Lab } from '../lib/lab/lab.ts';
import type { Fault } from './types.ts';

/** Opens sessions until as many as that are in use, of the 37 that ordinary roles may open. */
async function fillUp(lab: Lab, connections: number): Promise<void> {
  const used = "select count(*)::int as used from pg_stat_activity where backend_type = 'client backend'";
  for (;;) {
    const [{ used: now }] = await lab.primary.query<{ used: number }>(used);
    // The question itself was one of them.
    if (now - 1 >= connections) return;
    await lab.session(lab.primary.url('musicdb'));
  }
}

const open = async (lab: Lab, url: string, count: number): Promise<void> => {
  for (let n = 0; n < count; n++) await lab.session(url);
};

export const connections: readonly Fault[] = [
  {
    name: 'connections-high',
    topology: 'pair',
    make: (lab) => fillUp(lab, 33),
    repair: () => Promise.resolve(),
    silent: ['PostgresConnectionsHigh/critical'],
    fires: [{ alert: 'PostgresConnectionsHigh', severity: 'warning' }],
  },
  {
    name: 'connections-exhausted',
    topology: 'pair',
    // The last three are for superusers, such as these sessions.
    make: (lab) => fillUp(lab, 37),
    repair: () => Promise.resolve(),
    fires: [
      { alert: 'PostgresConnectionsHigh', severity: 'warning' },
      { alert: 'PostgresConnectionsHigh', severity: 'critical' },
    ],
  },
  {
    name: 'connection-limits',
    topology: 'pair',
    make: async (lab) => {
      // One is left for the exporter, which looks into every database.
      await lab.primary.query('alter database copy connection limit 13');
      await lab.primary.query('create role interns login connection limit 12');
      await open(lab, lab.primary.url('copy', 'interns'), 12);
    },
    repair: async ({ primary }) => {
      await primary.query('alter database copy connection limit -1');
      await primary.query('drop role interns');
    },
    fires: [
      { alert: 'PostgresDatabaseConnectionsHigh', severity: 'warning', labels: { datname: 'copy' } },
      { alert: 'PostgresRoleConnectionsHigh', severity: 'warning', labels: { rolname: 'interns' } },
    ],
  },
  {
    // Closed to all but superusers, who are no fault.
    name: 'connections-closed',
    topology: 'pair',
    make: async (lab) => {
      await lab.primary.query('alter database copy connection limit 0');
      await lab.primary.query('create role auditor superuser login connection limit 0');
      await lab.session(lab.primary.url('copy', 'auditor'));
    },
    repair: async ({ primary }) => {
      await primary.query('alter database copy connection limit -1');
      await primary.query('drop role auditor');
    },
    silent: ['PostgresDatabaseConnectionsHigh/warning', 'PostgresRoleConnectionsHigh/warning'],
    fires: [],
  },
  {
    name: 'idle-in-transaction',
    topology: 'pair',
    make: async (lab) => {
      const session = await lab.session(lab.primary.url('musicdb'));
      await session.query('begin');
      await session.query('select 1');
    },
    repair: () => Promise.resolve(),
    fires: [
      { alert: 'PostgresIdleInTransaction', severity: 'warning', after: 500 },
      { alert: 'PostgresIdleInTransaction', severity: 'critical', after: 2000 },
      { alert: 'PostgresTransactionLong', severity: 'warning', after: 3800 },
    ],
  },
  {
    name: 'transaction-long',
    topology: 'pair',
    make: async (lab) => {
      const session = await lab.session(lab.primary.url('musicdb'));
      void session.query('select pg_sleep(600)').catch(() => undefined);
    },
    repair: ({ primary }) =>
      primary.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()",
      ),
    fires: [{ alert: 'PostgresTransactionLong', severity: 'warning', after: 3800 }],
  },
  {
    name: 'prepared-transaction',
    topology: 'pair',
    make: ({ primary }) =>
      primary.query(
        "begin; update musicdb.albums set title = title where album_id = 1; prepare transaction 'import'",
        'musicdb',
      ),
    repair: ({ primary }) => primary.query("rollback prepared 'import'", 'musicdb'),
    fires: [
      { alert: 'PostgresPreparedTransactionOld', severity: 'warning', labels: { datname: 'musicdb' }, after: 800 },
    ],
  },
  {
    name: 'password-expires',
    topology: 'pair',
    make: async ({ primary }) => {
      for (const [role, until] of [
        ['leaves_soon', '3 days'],
        ['left_today', '-12 hours'],
        ['left_long_ago', '-3 days'],
        ['stays', '30 days'],
      ])
        await primary.query(
          `do $$ begin execute format('create role ${role} valid until %L', now() + interval '${until}'); end $$`,
        );
    },
    repair: ({ primary }) => primary.query('drop role leaves_soon, left_today, left_long_ago, stays'),
    // A standby has the same roles.
    fires: ['db1:9187', 'db2:9187'].flatMap((instance) =>
      ['leaves_soon', 'left_today'].map((rolname) => ({
        alert: 'PostgresPasswordExpires',
        severity: 'warning',
        labels: { instance, rolname },
      })),
    ),
  },
];
