/**
 * Sessions of the load. Elsewhere a session's search_path is ours, because statements of ours run in it and whoever owns
 * the database could slip functions into them. Here it is the other way round: the statements are the workload's, written
 * for the path that their user has on that server, and the user is one who may do nothing but that. So the path stays as
 * the server gives it, and what we ask ourselves names every schema and every operator.
 */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Dsn } from '../../config/types.ts';
import { destroy, openClient, type Opened } from '../../db/connect.ts';
import { DatabaseFailure, describeFailure } from '../../db/errors.ts';
import { startupOptions } from '../../db/session.ts';
import { runStep } from './query.ts';
import type { Sessions } from './types.ts';

/** As the sessions of the load call themselves. */
export const LOAD_APPLICATION = 'pgvigil bench';

export type Settings = Readonly<Record<string, string | number>>;

/** Also for the workload's other SQL. @throws DatabaseFailure */
export const openLoadSession = (dsn: Dsn, settings: Settings = {}): Promise<Opened> =>
  openClient(dsn, {
    application_name: LOAD_APPLICATION,
    ...(Object.keys(settings).length > 0 && { options: startupOptions(settings) }),
  });

/** Of one arm: how its sessions are, and what they are opened with. */
export interface Way extends Sessions {
  readonly settings: Settings;
}

/**
 * Finds out with a session or two what is at the other end.
 * @param own settings of the arm. @throws DatabaseFailure, also where a pooler would drop a setting of the arm.
 */
export async function findWay(dsn: Dsn, own: Settings, statementTimeoutMs: number): Promise<Way> {
  // Whether settings arrive; its name is new each time, so that nobody can have set it before.
  const mark = `pgvigil.bench_${randomBytes(8).toString('hex')}`;
  // A session waits while the other arm's is measured.
  const direct = { statement_timeout: statementTimeoutMs, idle_session_timeout: 0, ...own };
  const arrived = await trySettings(dsn, { ...direct, [mark]: 'on' }, (client) => isSet(client, mark));
  if (arrived === true) return { pooled: false, prepared: true, settings: direct };

  // PgBouncer keeps a few settings for each of its clients. What it keeps is in force; what it drops is not.
  const kept = await trySettings(dsn, own, async (client) => {
    for (const [name, value] of Object.entries(own)) {
      if (!(await isInForce(client, name, String(value)))) return name;
    }
    return undefined;
  });
  if (kept !== undefined)
    throw lost(kept instanceof DatabaseFailure ? Object.keys(own).join(', ') : String(kept), kept);
  const prepared = await withSession(dsn, own, namesStatements);
  return { pooled: true, prepared, settings: own };
}

/** What `look` finds in a session with these settings, or the failure of a pooler that refuses them. */
async function trySettings<T>(dsn: Dsn, settings: Settings, look: (client: pg.Client) => Promise<T>) {
  try {
    return await withSession(dsn, settings, look);
  } catch (error) {
    if (error instanceof DatabaseFailure && error.reason === 'unsupported') return error;
    throw error;
  }
}

async function withSession<T>(dsn: Dsn, settings: Settings, look: (client: pg.Client) => Promise<T>): Promise<T> {
  const { client } = await openLoadSession(dsn, settings);
  const timer = setTimeout(() => destroy(client), dsn.connectTimeoutSeconds * 1000);
  try {
    const found = await look(client);
    await client.end();
    return found;
  } catch (error) {
    destroy(client);
    throw describeFailure(error);
  } finally {
    clearTimeout(timer);
  }
}

async function isSet(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `select pg_catalog.current_setting('${name}', true) is not null as there`,
  );
  return rows[0].there;
}

/** The server alone knows that 65536kB is 64MB: it sets the value for a transaction and says how it calls it. */
async function isInForce(client: pg.Client, name: string, value: string): Promise<boolean> {
  const current = async (): Promise<string> =>
    (await client.query<{ now: string }>('select pg_catalog.current_setting($1) as now', [name])).rows[0].now;
  const found = await current();
  await client.query('begin');
  await client.query('select pg_catalog.set_config($1, $2, true)', [name, value]);
  const wanted = await current();
  await client.query('rollback');
  return found === wanted;
}

/**
 * A pooler that keeps prepared statements for its clients gives them names of its own. If a statement has the name that
 * we gave it, it belongs to the server's session, which the next transaction may not get again.
 */
async function namesStatements(client: pg.Client): Promise<boolean> {
  const name = `pgvigil_${randomBytes(8).toString('hex')}`;
  // One transaction, one session of the server.
  await client.query('begin');
  await runStep(client, name, 'select 1', []);
  const { rows } = await client.query<{ there: boolean }>(
    `select exists (select from pg_catalog.pg_prepared_statements s
                     where s.name operator(pg_catalog.=) '${name}'::pg_catalog.text) as there`,
  );
  if (rows[0].there) await client.query(`deallocate ${name}`);
  await client.query('commit');
  return !rows[0].there;
}

const lost = (names: string, cause: unknown): DatabaseFailure =>
  new DatabaseFailure(
    'unsupported',
    `the connection goes through a pooler such as PgBouncer, which does not keep this setting for its clients: ${names}.\n` +
      '  Cure: set it for the whole server (settings: of the arm instead of session:), or run the workload directly (through: direct).',
    { fatal: true, cause },
  );
