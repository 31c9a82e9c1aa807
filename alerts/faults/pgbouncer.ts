import type { Lab } from '../lib/lab/lab.ts';
import type { Fault } from './types.ts';

/** On the console. */
async function tell(lab: Lab, command: string): Promise<void> {
  const session = await lab.session(lab.bouncer.url());
  await session.query(command);
}

/** Clients of a pool that are at work, each in a transaction of its own, until the fault is over. */
async function work(lab: Lab, url: string, clients: number): Promise<void> {
  for (let n = 0; n < clients; n++) {
    const session = await lab.session(url);
    // Who gets no server waits here.
    void session.query('begin').catch(() => undefined);
  }
}

/** Clients that come back for more as soon as they are served, each for `seconds`. */
async function queue(lab: Lab, url: string, clients: number, seconds: number): Promise<void> {
  for (let n = 0; n < clients; n++) {
    const session = await lab.session(url);
    const again = (): void => void session.query(`select pg_sleep(${seconds})`).then(again, () => undefined);
    again();
  }
}

/** Clients that do nothing, until PgBouncer has that many. */
async function fill(lab: Lab, clients: number): Promise<void> {
  const console = await lab.session(lab.bouncer.url());
  for (;;) {
    const { rows } = await console.query<{ list: string; items: number }>('show lists');
    if (rows.find(({ list }) => list === 'used_clients')!.items >= clients) return;
    await lab.session(lab.bouncer.url('musicdb'));
  }
}

const POOL = { database: 'musicdb', user: 'postgres' };
const SHOP = { database: 'musicdb', user: 'musicdb_shop' };
const nothing = (): Promise<void> => Promise.resolve();

export const pgbouncer: readonly Fault[] = [
  {
    name: 'pgbouncer-down',
    topology: 'pair',
    make: ({ bouncer }) => Promise.resolve(process.kill(bouncer.pid, 'SIGKILL')),
    repair: ({ bouncer }) => bouncer.restart(),
    fires: [{ alert: 'PgBouncerDown', severity: 'critical' }],
  },
  {
    name: 'pgbouncer-paused',
    topology: 'pair',
    make: (lab) => tell(lab, 'pause musicdb'),
    repair: (lab) => tell(lab, 'resume musicdb'),
    fires: [
      { alert: 'PgBouncerPaused', severity: 'critical', labels: { name: 'musicdb' } },
      { alert: 'PgBouncerClientsWaiting', severity: 'critical', labels: SHOP, after: 180 },
    ],
    // Its servers are closed while it is paused.
    alsoFires: ['PgBouncerNoServer/critical', 'PgBouncerClientsWaiting/warning'],
  },
  {
    name: 'pgbouncer-paused-whole',
    topology: 'pair',
    make: (lab) => tell(lab, 'pause'),
    repair: (lab) => tell(lab, 'resume'),
    fires: [{ alert: 'PgBouncerPaused', severity: 'critical' }],
    mayFire: ['PgBouncerNoServer/critical', 'PgBouncerClientsWaiting/warning', 'PgBouncerClientsWaiting/critical'],
  },
  {
    name: 'pgbouncer-disabled',
    topology: 'pair',
    make: (lab) => tell(lab, 'disable musicdb'),
    repair: (lab) => tell(lab, 'enable musicdb'),
    fires: [{ alert: 'PgBouncerDatabaseDisabled', severity: 'warning', labels: { name: 'musicdb' } }],
  },
  {
    name: 'pgbouncer-no-server',
    topology: 'pair',
    make: (lab) => {
      lab.primary.pause();
      // A pool that has no server yet, and gets none: PostgreSQL does not answer its login.
      const client = lab.session(lab.bouncer.url('postgres', 'batch'));
      void client.then((session) => session.query('select 1')).catch(() => undefined);
      return Promise.resolve();
    },
    repair: ({ primary }) => Promise.resolve(primary.resume()),
    fires: [
      {
        alert: 'PgBouncerNoServer',
        severity: 'critical',
        labels: { database: 'postgres', user: 'batch' },
        after: 60,
      },
    ],
  },
  {
    // All servers at work and nobody waits: a well-sized pool, nearly.
    name: 'pgbouncer-pool-busy',
    topology: 'pair',
    make: (lab) => work(lab, lab.bouncer.url('musicdb'), 5),
    repair: nothing,
    silent: ['PgBouncerPoolSaturated/critical'],
    fires: [{ alert: 'PgBouncerPoolSaturated', severity: 'warning', labels: POOL }],
  },
  {
    name: 'pgbouncer-pool-exhausted',
    topology: 'pair',
    make: (lab) => work(lab, lab.bouncer.url('musicdb'), 7),
    repair: nothing,
    fires: [
      { alert: 'PgBouncerPoolSaturated', severity: 'warning', labels: POOL },
      { alert: 'PgBouncerPoolSaturated', severity: 'critical', labels: POOL },
      { alert: 'PgBouncerClientsWaiting', severity: 'warning', labels: POOL, after: 60 },
      { alert: 'PgBouncerClientsWaiting', severity: 'critical', labels: POOL, after: 180 },
    ],
  },
  {
    // Each waits for some seconds, and is served.
    name: 'pgbouncer-queue',
    topology: 'pair',
    scrapes: [6, 16, 6],
    make: (lab) => queue(lab, lab.bouncer.url('musicdb'), 15, 2.5),
    repair: nothing,
    fires: [
      { alert: 'PgBouncerClientsWaiting', severity: 'warning', labels: POOL, after: 120 },
      { alert: 'PgBouncerPoolSaturated', severity: 'critical', labels: POOL, after: 120 },
    ],
    alsoFires: ['PgBouncerPoolSaturated/warning'],
  },
  {
    // The user's own size counts: its database would allow five.
    name: 'pgbouncer-user-pool-busy',
    topology: 'pair',
    make: (lab) => work(lab, lab.bouncer.url('musicdb', 'reports'), 2),
    repair: nothing,
    fires: [{ alert: 'PgBouncerPoolSaturated', severity: 'warning', labels: { database: 'musicdb', user: 'reports' } }],
  },
  {
    name: 'pgbouncer-clients-high',
    topology: 'pair',
    make: (lab) => fill(lab, 43),
    repair: nothing,
    fires: [{ alert: 'PgBouncerClientsHigh', severity: 'warning' }],
  },
  {
    name: 'pgbouncer-clients-exhausted',
    topology: 'pair',
    make: (lab) => fill(lab, 48),
    repair: nothing,
    fires: [
      { alert: 'PgBouncerClientsHigh', severity: 'warning' },
      { alert: 'PgBouncerClientsHigh', severity: 'critical' },
    ],
  },
  {
    name: 'pgbouncer-limits',
    topology: 'pair',
    make: async (lab) => {
      await work(lab, lab.bouncer.url('limited'), 3);
      await work(lab, lab.bouncer.url('musicdb', 'batch'), 3);
    },
    repair: nothing,
    fires: [
      { alert: 'PgBouncerDatabaseConnectionsHigh', severity: 'warning', labels: { name: 'limited' } },
      { alert: 'PgBouncerUserConnectionsHigh', severity: 'warning', labels: { user: 'batch' } },
    ],
  },
];
