/** 1,000 clients over 100 server connections, through PgBouncer as `sql/pgbouncer` sets it up: four users, 25 for each. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { canUnpack } from '../../demo/servers/index.ts';
import { parseDsn } from '../../exporter/src/config/dsn.ts';
import { ConsoleSession } from '../../exporter/src/db/pgbouncer.ts';
import { type Pooler, startPooler } from '../../exporter/test/support/pooler.ts';
import { type Measure, measure, oursAtLeast, oursAtMost } from '../report.ts';
import { quantile } from '../statistics.ts';
import type { Findings, Order } from './pool_clients.ts';
import { measureOverhead } from './pool_overhead.ts';

const USERS = ['one', 'two', 'three', 'four'];
const CLIENTS = 1000;
const SERVERS = 100;
const PROCESSES = 2;
const SECONDS = 60;
/** PgBouncer's clients, its server connections, and some for itself. */
const FILES = CLIENTS + SERVERS + 100;

export async function pool(): Promise<Measure[]> {
  requireFiles();
  const pooler = await startPooler({ version: canUnpack('trixie') ? 'newer' : 'any', users: USERS });
  try {
    await pooler.postgres.query('create table visits (id integer primary key, n integer not null)', 'musicdb');
    await pooler.postgres.query('insert into visits select g, 0 from generate_series(1, 10000) g', 'musicdb');
    await pooler.postgres.query(`grant select, update on visits to ${USERS.join(', ')}`, 'musicdb');
    console.log(
      `PgBouncer ${pooler.bouncer.version}, PostgreSQL ${pooler.postgres.version}, TLS and SCRAM on both sides`,
    );
    return [...(await crowd(pooler)), ...(await overhead(pooler))];
  } finally {
    await pooler.stop();
  }
}

/** Node has raised the soft limit to the hard one by now, and its children inherit it. @throws Error with the cure. */
function requireFiles(): void {
  const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  if (found && Number(found[1]) < FILES)
    throw new Error(
      `${CLIENTS} clients need ${FILES} open files in one process and ${found[1]} are allowed: run "ulimit -Hn ${FILES}" as root, or raise LimitNOFILE or limits.conf`,
    );
}

async function crowd(pooler: Pooler): Promise<Measure[]> {
  const urls = Array.from({ length: CLIENTS }, (_, n) => pooler.url(USERS[n % USERS.length]));
  const sessionsBefore = await sessions(pooler);
  const children = Array.from({ length: PROCESSES }, () => fork(join(import.meta.dirname, 'pool_clients.ts')));
  const watch = await Watch.open(pooler);
  try {
    const ready = Promise.all(children.map((child) => message<'connected'>(child)));
    const connectBegan = performance.now();
    children.forEach((child, i) => {
      const order: Order = { urls: urls.filter((_, n) => n % PROCESSES === i), seconds: SECONDS };
      child.send(order);
    });
    await ready;
    console.log(`connected in ${((performance.now() - connectBegan) / 1000).toFixed(1)} s; ${SECONDS} s of work …`);
    const before = await watch.totals();
    const done = Promise.all(children.map((child) => message<Findings>(child)));
    for (const child of children) child.send('go');
    await watch.until(done);
    const after = await watch.totals();
    const opened = (await sessions(pooler)) - sessionsBefore;
    return judge(
      await done,
      opened,
      watch,
      (after.waitUs - before.waitUs) / (after.transactions - before.transactions),
    );
  } finally {
    watch.close();
    for (const child of children) child.kill('SIGKILL');
  }
}

/** @throws Error when the process ends first. */
async function message<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the clients' process ended with ${String(code)}`);
  });
  ended.catch(() => {});
  return Promise.race([once(child, 'message').then(([sent]) => sent as T), ended]);
}

function judge(all: readonly Findings[], opened: number, watch: Watch, meanWaitUs: number): Measure[] {
  const flat = <T>(pick: (findings: Findings) => readonly T[]): T[] => all.flatMap(pick);
  const latencies = flat(({ latencies }) => latencies);
  const waits = flat(({ waits }) => waits);
  const errors = flat(({ errors }) => errors);
  for (const [text, same] of Map.groupBy(errors, (error) => error)) console.log(`  ${same.length} × ${text}`);
  const timeouts = errors.filter((error) => /time|wait/i.test(error)).length;
  const connected = all.reduce((sum, findings) => sum + findings.connected, 0);
  const at = (values: readonly number[], name: string): Measure[] =>
    [0.5, 0.95, 0.99].map((p) => measure(`pool: ${name} p${p * 100}`, 'ms', quantile(values, p)));
  return [
    measure('pool: clients connected', '', connected, null, oursAtLeast(CLIENTS)),
    measure('pool: server connections, most', '', watch.mostServers, null, oursAtMost(SERVERS)),
    measure('pool: server connections in use, most', '', watch.mostActive),
    measure('pool: transactions/s', '1/s', latencies.length / SECONDS),
    measure('pool: errors', '', errors.length, null, oursAtMost(0)),
    measure('pool: of them timeouts', '', timeouts, null, oursAtMost(0)),
    measure('pool: efficiency', '', 1 - opened / latencies.length, null, oursAtLeast(0.9)),
    measure('pool: new server connections', '', opened),
    ...at(latencies, 'transaction'),
    ...at(waits, 'until the first answer'),
    measure('pool: wait for a server connection, mean', 'ms', meanWaitUs / 1000),
    measure('pool: clients waiting, most', '', watch.mostWaiting),
    measure('pool: oldest wait seen', 'ms', watch.longestWaitUs / 1000),
  ];
}

async function overhead(pooler: Pooler): Promise<Measure[]> {
  const [user] = USERS;
  const times = await measureOverhead(pooler.url(user, { direct: true }), pooler.url(user));
  const saved = 1 - (times.pooled - times.open) / (times.direct - times.open);
  return [
    measure('pool: request on an open connection, pooled / direct', 'ms', times.pooled, times.open),
    measure('pool: request with its own connection, pooled / direct', 'ms', times.throughPooler, times.direct),
    measure('pool: connection overhead saved', '', saved, null, oursAtLeast(0.95)),
  ];
}

/** Sessions that the database has ever had. */
async function sessions(pooler: Pooler): Promise<number> {
  // The server counts a session when it reports its first statistics.
  await setTimeout(1500);
  const sql = "select sessions::int as n from pg_stat_database where datname = 'musicdb'";
  return (await pooler.postgres.query<{ n: number }>(sql))[0].n;
}

type Line = Readonly<Record<string, string | null>>;

/** PgBouncer's own view, once a second. */
class Watch {
  mostServers = 0;
  mostActive = 0;
  mostWaiting = 0;
  longestWaitUs = 0;
  private readonly console: ConsoleSession;

  static async open(pooler: Pooler): Promise<Watch> {
    const url = pooler.url('pgbouncer_stats', { database: 'pgbouncer' });
    return new Watch(await ConsoleSession.open(parseDsn(url, { env: {}, service: 'pgbouncer' })));
  }

  private constructor(console: ConsoleSession) {
    this.console = console;
  }

  async until(done: Promise<unknown>): Promise<void> {
    let running = true;
    const stop = (): void => void (running = false);
    done.then(stop, stop);
    while (running) {
      await this.look();
      await Promise.race([setTimeout(1000), done]);
    }
    await done;
  }

  async totals(): Promise<{ transactions: number; waitUs: number }> {
    const line = (await this.show('SHOW STATS')).find(({ database }) => database === 'musicdb')!;
    return { transactions: Number(line.total_xact_count), waitUs: Number(line.total_wait_time) };
  }

  close(): void {
    this.console.destroy();
  }

  private async look(): Promise<void> {
    const pools = (await this.show('SHOW POOLS')).filter(({ database }) => database === 'musicdb');
    const sum = (...columns: string[]): number =>
      pools.reduce((total, pool) => total + columns.reduce((all, column) => all + Number(pool[column]), 0), 0);
    this.mostServers = Math.max(this.mostServers, sum('sv_active', 'sv_idle', 'sv_used', 'sv_tested', 'sv_login'));
    this.mostActive = Math.max(this.mostActive, sum('sv_active'));
    this.mostWaiting = Math.max(this.mostWaiting, sum('cl_waiting'));
    const waits = pools.map(({ maxwait, maxwait_us }) => Number(maxwait) * 1e6 + Number(maxwait_us));
    this.longestWaitUs = Math.max(this.longestWaitUs, ...waits);
  }

  private async show(command: string): Promise<Line[]> {
    let names: readonly string[] = [];
    const lines: Line[] = [];
    await this.console.show(command, {
      describe: (fields) => void (names = fields.map(({ name }) => name)),
      row: (values) => void lines.push(Object.fromEntries(values.map((value, i) => [names[i], value]))),
    });
    return lines;
  }
}
