/** What the server did during a segment. What could not be asked is null: a measurement does not fail for it. */
import type pg from 'pg';
import type { ServerWork } from '../recording.ts';

const SAMPLE_MS = 100;

/** The columns moved in PostgreSQL 17. */
const COUNTERS_SQL = (checkpoints: string): string => `
  select case when pg_catalog.pg_is_in_recovery() then null
              else pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), '0/0')::float8 end as "walBytes",
         (${checkpoints})::float8 as checkpoints,
         (select sessions from pg_catalog.pg_stat_database where datname = pg_catalog.current_database())::float8 as sessions`;
const CHECKPOINTER = 'select num_timed + num_requested from pg_catalog.pg_stat_checkpointer';
const BGWRITER = 'select checkpoints_timed + checkpoints_req from pg_catalog.pg_stat_bgwriter';
const WITH_CHECKPOINTER = 170000;

/** PgBouncer gives its sessions the name of the client that has them. */
const WAITS_SQL = `
  select coalesce(wait_event_type || ':' || wait_event, 'CPU') as wait, pg_catalog.count(*)::int as count
    from pg_catalog.pg_stat_activity
   where application_name = $1 and datname = pg_catalog.current_database() and state = 'active'
     and backend_type = 'client backend'
   group by 1`;

type Counters = Record<'walBytes' | 'checkpoints' | 'sessions', number | null>;

export class WorkMeter {
  readonly #client: pg.Client;
  readonly #application: string;
  /** Of its version; null: it could not be asked. */
  readonly #sql: string | null;
  readonly #before: Counters | null;
  #waits: Record<string, number> | null = null;
  readonly #timer: NodeJS.Timeout;
  #sampling: Promise<void> | undefined;

  /** @param client in the workload's database, free for it until `stop`. @param application the sessions of the load. */
  static async start(client: pg.Client, application: string): Promise<WorkMeter> {
    const sql = await countersSql(client);
    return new WorkMeter(client, application, sql, await countersOf(client, sql));
  }

  private constructor(client: pg.Client, application: string, sql: string | null, before: Counters | null) {
    this.#client = client;
    this.#application = application;
    this.#sql = sql;
    this.#before = before;
    this.#timer = setInterval(() => {
      // A server that answers late is not asked twice at once.
      this.#sampling ??= this.#sample().finally(() => (this.#sampling = undefined));
    }, SAMPLE_MS);
  }

  async stop(): Promise<ServerWork> {
    clearInterval(this.#timer);
    await this.#sampling;
    const after = await countersOf(this.#client, this.#sql);
    const grown = (name: keyof Counters): number | null => {
      const [from, to] = [this.#before?.[name] ?? null, after?.[name] ?? null];
      // Statistics may be reset meanwhile.
      return from === null || to === null || to < from ? null : to - from;
    };
    return {
      walBytes: grown('walBytes'),
      checkpoints: grown('checkpoints'),
      sessions: grown('sessions'),
      waits: this.#waits,
    };
  }

  async #sample(): Promise<void> {
    const query = { name: 'pgvigil_bench_waits', text: WAITS_SQL, values: [this.#application] };
    const found = await this.#client.query<{ wait: string; count: number }>(query).catch(() => null);
    if (found === null) return;
    // Nobody waiting is not the same as nobody knowing.
    this.#waits ??= {};
    for (const { wait, count } of found.rows) this.#waits[wait] = (this.#waits[wait] ?? 0) + count;
  }
}

async function countersSql(client: pg.Client): Promise<string | null> {
  const asked = await client
    .query<{ version: number }>("select pg_catalog.current_setting('server_version_num')::int as version")
    .catch(() => null);
  return asked && COUNTERS_SQL(asked.rows[0].version >= WITH_CHECKPOINTER ? CHECKPOINTER : BGWRITER);
}

async function countersOf(client: pg.Client, sql: string | null): Promise<Counters | null> {
  const asked = sql === null ? null : await client.query<Counters>(sql).catch(() => null);
  return asked && asked.rows[0];
}
