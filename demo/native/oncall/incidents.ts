/** What goes wrong, for real, in the running stack; how it is mended; and who must be told what in between. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { NativeStack } from '../stack.ts';

/** An alert as people get it. */
export interface Told {
  readonly alert: string;
  readonly severity: 'critical' | 'warning';
  /** Beside those of the server that has it; null where the alert has none of that name. */
  readonly labels?: Readonly<Record<string, string | null>>;
  /** In its description: what it says of this very trouble. */
  readonly says: RegExp;
}

type Mend = () => Promise<unknown>;

export interface Incident {
  readonly what: string;
  /** A query of Prometheus that must give something first. */
  readonly once?: string;
  readonly make: (stack: NativeStack) => Promise<Mend>;
  readonly tells: readonly Told[];
  /** These fire as well, and people are spared them. */
  readonly spares?: readonly Omit<Told, 'says'>[];
}

const STANDBY = { target: 'musicdb-replica' };
const REPORTS = 'reports';

/** As the application, past PgBouncer; ends when it is closed, whatever it is doing then. */
async function session(stack: NativeStack, database?: string): Promise<{ client: pg.Client; close: Mend }> {
  const client = new pg.Client({ connectionString: stack.dsn('musicdb_shop', { server: 'postgres', database }) });
  // Whoever is cut off in the middle of a statement says so.
  client.on('error', () => undefined);
  await client.connect();
  const close = (): Promise<void> => {
    client.connection.stream.destroy();
    return Promise.resolve();
  };
  return { client, close };
}

async function tellPgBouncer(stack: NativeStack, command: string): Promise<void> {
  const client = new pg.Client({ connectionString: stack.dsn('pgbouncer_admin') });
  await client.connect();
  await client.query(command).finally(() => client.end());
}

/** Settings of the primary, null for what its files say, taken up at once. */
async function configure(stack: NativeStack, name: string, value: string | null): Promise<void> {
  await stack.query(value === null ? `alter system reset ${name}` : `alter system set ${name} = '${value}'`);
  await stack.query('select pg_reload_conf()');
}

const exporterEnds: Incident = {
  what: 'the exporter has ended',
  make: async (stack) => {
    await stack.service('exporter').halt();
    return () => stack.service('exporter').start();
  },
  tells: [
    {
      alert: 'PgvigilExporterDown',
      severity: 'critical',
      // Known of the exporter itself, and of no server.
      labels: { target: null },
      says: /^pgvigil at .* has not been scraped for two minutes/,
    },
  ],
};

const pgbouncerEnds: Incident = {
  what: 'PgBouncer has ended',
  make: async (stack) => {
    await stack.service('pgbouncer').halt();
    return () => stack.service('pgbouncer').start();
  },
  tells: [
    {
      alert: 'PgBouncerDown',
      severity: 'critical',
      says: /\(musicdb\) for a minute: .+\. Applications that go through it/,
    },
  ],
};

const pgbouncerHoldsBack: Incident = {
  what: 'somebody has said PAUSE and gone',
  make: async (stack) => {
    await tellPgBouncer(stack, 'pause musicdb');
    return () => tellPgBouncer(stack, 'resume musicdb');
  },
  tells: [
    {
      alert: 'PgBouncerPaused',
      severity: 'critical',
      labels: { name: 'musicdb' },
      says: /^Database musicdb of PgBouncer at .* is paused/,
    },
  ],
};

/**
 * A slot that nobody uses loses its WAL at the next checkpoint after this. Less WAL for all slots would do it as well, and
 * now and then take the standby's too: on a busy machine it falls behind.
 */
const UNUSED_SECONDS = 10;

const slotLost: Incident = {
  what: 'the WAL that a slot needs is gone',
  make: async (stack) => {
    await stack.query("select pg_create_physical_replication_slot('left_behind', true)");
    await configure(stack, 'idle_replication_slot_timeout', `${UNUSED_SECONDS}s`);
    for (let isLost = false; !isLost; ) {
      await sleep(1000);
      await stack.query('checkpoint');
      [{ isLost }] = await stack.query<{ isLost: boolean }>(
        `select wal_status = 'lost' as "isLost" from pg_replication_slots where slot_name = 'left_behind'`,
      );
    }
    await configure(stack, 'idle_replication_slot_timeout', null);
    return () => stack.query("select pg_drop_replication_slot('left_behind')");
  },
  tells: [
    {
      alert: 'PostgresReplicationSlotLost',
      severity: 'critical',
      labels: { slot_name: 'left_behind', slot_type: 'physical', wal_status: 'lost' },
      says: /^Slot left_behind \(physical\) on .* needs WAL that is gone/,
    },
  ],
};

const standbyEnds: Incident = {
  what: 'the synchronous standby has ended: it is gone, and commits wait for it',
  once: 'instance:pg_standbys_streaming:count{target="musicdb"} == 1',
  make: async (stack) => {
    await configure(stack, 'synchronous_standby_names', 'replica');
    await stack.service('replica').halt();
    return () =>
      stack
        .service('replica')
        .start()
        .finally(() => configure(stack, 'synchronous_standby_names', null));
  },
  tells: [
    { alert: 'PostgresDown', severity: 'critical', labels: STANDBY, says: /\(musicdb-replica\) for a minute: .+\.$/ },
    { alert: 'PostgresSyncStandbysMissing', severity: 'critical', says: /lacks 1 of the synchronous standbys/ },
    { alert: 'PostgresStandbyLost', severity: 'warning', says: /\(musicdb\) has -1 standbys compared to/ },
  ],
};

const sessionsBlocked: Incident = {
  what: 'a session holds a table and goes to sleep, another one wants it',
  make: async (stack) => {
    await stack.query('create table public.orders (id int); grant all on public.orders to musicdb_shop');
    const holder = await session(stack);
    await holder.client.query('begin; lock table public.orders');
    const waiter = await session(stack);
    void waiter.client.query('select count(*) from public.orders').catch(() => undefined);
    return () => Promise.all([holder.close(), waiter.close()]);
  },
  tells: [{ alert: 'PostgresSessionsBlocked', severity: 'warning', says: /\(musicdb\): 1 sessions have to wait/ }],
};

const lockTableFills: Incident = {
  what: 'a session takes most of the lock table',
  make: async (stack) => {
    const [{ places }] = await stack.query<{ places: number }>(
      `select current_setting('max_locks_per_transaction')::int
            * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int) as places`,
    );
    const taker = await session(stack);
    await taker.client.query(
      `select count(pg_advisory_lock(n)) from generate_series(1, ${Math.ceil(0.87 * places)}) n`,
    );
    return taker.close;
  },
  tells: [
    { alert: 'PostgresLockTableFull', severity: 'critical', says: /\(musicdb\): 8\d.*% of the lock table is used/ },
  ],
  // Its turn comes minutes later, when whoever must act knows already.
  spares: [{ alert: 'PostgresLockTableFull', severity: 'warning' }],
};

const databaseSlow: Incident = {
  what: 'statements of a database take so long that its connections run out',
  make: async (stack) => {
    // Nobody else's, so that no quick statement draws the mean down: who looks into databases may not enter this one.
    await stack.query(`create database ${REPORTS} allow_connections false`);
    await stack.query(`revoke connect on database ${REPORTS} from public`);
    await stack.query(`grant connect on database ${REPORTS} to musicdb_shop`);
    await stack.query(`alter database ${REPORTS} allow_connections true connection limit 3`);
    const sessions = await Promise.all([1, 2, 3].map(() => session(stack, REPORTS)));
    for (const { client } of sessions) {
      const again = (): void => void client.query('select pg_sleep(0.7)').then(again, () => undefined);
      again();
    }
    return () => Promise.all(sessions.map(({ close }) => close()));
  },
  tells: [
    {
      alert: 'PostgresQueryLatencyHigh',
      severity: 'critical',
      labels: { datname: REPORTS },
      says: /^Database reports on .*: a statement takes [\d.]+m?s on average/,
    },
    {
      alert: 'PostgresDatabaseConnectionsHigh',
      severity: 'warning',
      labels: { datname: REPORTS },
      says: /^Database reports on .* has 100% of the connections/,
    },
  ],
};

/** Without it nothing else is seen. */
export const first = exporterEnds;

/** Each chain runs beside the others. In a chain one thing after the other goes wrong: those would get into each other's way. */
export const chains: readonly (readonly Incident[])[] = [
  [pgbouncerEnds, pgbouncerHoldsBack],
  // Checkpoints of the first, and a standby that is not there, would be in each other's way.
  [slotLost, standbyEnds],
  [databaseSlow],
  [lockTableFills],
  [sessionsBlocked],
];
