/** pg-boss as the delivery of confirmed jobs to one of several exporters, and nothing more. */
import type pg from 'pg';
import { type Db, PgBoss } from 'pg-boss';
import type { Dsn } from '../config/types.ts';
import { type ClientPool, openPool } from '../db/pool.ts';
import { OWN_PATH } from '../db/session.ts';
import type { Log } from '../log.ts';
import { RUNTIME_ROLE } from '../store/roles.ts';
import type { Query } from '../store/store.ts';

/** Of pg-boss. */
export const QUEUE_SCHEMA = 'pgvigil_queue';
const QUEUE = 'pgvigil-action';

/** What is never wanted of pg-boss here: it owns nothing, and nothing is run twice. */
const OPTIONS = {
  schema: QUEUE_SCHEMA,
  schedule: false,
  reindex: false,
  monitorVacuum: false,
  registerInstance: false,
} as const;

/**
 * Makes the queue's schema and the queue. Re-runnable.
 * @param client of the owner of the state database.
 * @param expireSeconds when pg-boss gives a delivery up. Nothing depends on it: a delivery ends when the job has begun.
 * @throws Error when the role may not create a schema.
 */
export async function createQueues(client: pg.Client, expireSeconds = 60): Promise<void> {
  const boss = new PgBoss({ ...OPTIONS, db: onClient(client), supervise: false, migrate: true });
  let problem: Error | undefined;
  boss.on('error', (error) => (problem ??= error));
  await boss.start();
  try {
    const options = { retryLimit: 0, expireInSeconds: expireSeconds, deleteAfterSeconds: 86_400 };
    const known = await boss.getQueue(QUEUE);
    if (known === null) await boss.createQueue(QUEUE, { ...options, partition: false });
    else await boss.updateQueue(QUEUE, options);
  } finally {
    await boss.stop({ graceful: true, timeout: 10_000 });
  }
  if (problem !== undefined) throw problem;
  await client.query(`
    grant usage on schema ${QUEUE_SCHEMA} to ${RUNTIME_ROLE};
    grant select, insert, update, delete on all tables in schema ${QUEUE_SCHEMA} to ${RUNTIME_ROLE};
    grant usage on all sequences in schema ${QUEUE_SCHEMA} to ${RUNTIME_ROLE};
    grant execute on all functions in schema ${QUEUE_SCHEMA} to ${RUNTIME_ROLE}`);
}

/** Several statements in one text give an array of results, which pg-boss reads as it is. */
const onClient = (client: pg.ClientBase): Db => ({
  executeSql: async (text, values) => client.query(text, values),
});

/** A started queue; made again after the state database was away. */
export class ActionQueue {
  readonly #dsn: Dsn;
  readonly #log: Log;
  readonly #deliver: (job: string) => Promise<void>;
  #boss: PgBoss | undefined;
  #pool: ClientPool | undefined;

  /** @param deliver is called on one exporter for each job sent. It must know by itself whether the job is still to run. */
  constructor(dsn: Dsn, log: Log, deliver: (job: string) => Promise<void>) {
    this.#dsn = dsn;
    this.#log = log;
    this.#deliver = deliver;
  }

  get started(): boolean {
    return this.#boss !== undefined;
  }

  /** @throws Error when the state database is away or not migrated. */
  async start(): Promise<void> {
    this.#pool ??= await openPool(this.#dsn, {
      size: 1,
      overflow: 1,
      checkoutTimeoutMs: 5000,
      statementTimeoutMs: 30_000,
      applicationName: 'pgvigil queue',
      searchPath: OWN_PATH,
    });
    const pool = this.#pool;
    const db: Db = {
      executeSql: (text, values) => pool.use((client) => onClient(client).executeSql(text, values)),
    };
    const boss = new PgBoss({ ...OPTIONS, db, migrate: false, createSchema: false, supervise: true });
    // It goes on polling by itself; the sweep delivers what it could not.
    boss.on('error', (error) => this.#log.debug({ error: error.message }, 'queue'));
    try {
      await boss.start();
      await boss.work<{ job: string }>(QUEUE, { pollingIntervalSeconds: 1 }, async ([message]) =>
        this.#deliver(message.data.job),
      );
    } catch (error) {
      await boss.stop({ graceful: false }).catch(() => undefined);
      throw error;
    }
    this.#boss = boss;
  }

  /** In the transaction of `query`: the job is confirmed and sent, or neither. */
  async send(query: Query, job: string): Promise<void> {
    const db: Db = { executeSql: async (text, values) => ({ rows: await query(text, values ?? []) }) };
    await this.#boss?.send(QUEUE, { job }, { db, retryLimit: 0, singletonKey: job });
  }

  async close(): Promise<void> {
    await this.#boss?.stop({ graceful: true, timeout: 2000 }).catch(() => undefined);
    await this.#pool?.end();
  }
}
