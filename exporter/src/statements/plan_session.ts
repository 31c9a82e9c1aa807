/** Where statements of others are planned: read-only, with a time limit, names looked up as their user's would be. */
import type pg from 'pg';
import { DatabaseFailure } from '../db/errors.ts';
import type { LiveTarget } from '../live/live_target.ts';
import { StatementRefusal } from './refusal.ts';
import { PATH_SQL } from './search_path.ts';
import type { FoundStatement } from './statement_text.ts';

export interface PlanSession {
  readonly client: pg.Client;
  /** As it is set. */
  readonly searchPath: string;
  /** The schemas that it stands for, pg_catalog included. */
  readonly schemas: readonly string[];
  /** For statements of our own: with the path of somebody else, even `=` may be theirs. */
  readonly trusted: <T>(work: () => Promise<T>) => Promise<T>;
  /** Parameter types of the prepared statement, in words, in order. */
  readonly prepare: (text: string) => Promise<readonly string[]>;
}

export interface PlanLimits {
  readonly statementMs: number;
}

const LOCK_MS = 500;
const PREPARED = 'pgvigil_plan';

/** What `prepare` prepared. */
export const EXECUTE = `execute ${PREPARED}`;

/** One transaction, always rolled back. @throws StatementRefusal, DatabaseFailure, TargetUnavailable */
export async function withPlanSession<T>(
  live: LiveTarget,
  { database, user }: FoundStatement,
  { statementMs }: PlanLimits,
  work: (session: PlanSession) => Promise<T>,
): Promise<T> {
  try {
    return await live.use(
      async (client) => {
        await client.query('begin transaction read only');
        let prepared = false;
        try {
          const searchPath = await settle(client, user, statementMs);
          const prepare = async (text: string): Promise<readonly string[]> => {
            // The extended protocol takes one statement: a server may read a text in another way than our parser did.
            await client.query({ text: `prepare ${PREPARED} as ${text}`, queryMode: 'extended' } as pg.QueryConfig);
            prepared = true;
            return typesOf(client);
          };
          const [{ schemas }] = (await client.query<{ schemas: string[] }>(SCHEMAS_SQL)).rows;
          const setPath = (path: string): Promise<unknown> =>
            client.query("select pg_catalog.set_config('search_path', $1, true)", [path]);
          const trusted = async <R>(ours: () => Promise<R>): Promise<R> => {
            await setPath('pg_catalog');
            const result = await ours();
            await setPath(searchPath);
            return result;
          };
          return await work({ client, searchPath, schemas, trusted, prepare });
        } finally {
          await client.query('rollback').catch(() => undefined);
          if (prepared) await client.query(`deallocate ${PREPARED}`).catch(() => undefined);
        }
      },
      database,
      { withinMs: statementMs + 5000 },
    );
  } catch (error) {
    throw error instanceof DatabaseFailure ? inWords(error) : error;
  }
}

/** Asked with our own path; then the path is theirs, until the transaction ends. */
async function settle(client: pg.Client, user: string, statementMs: number): Promise<string> {
  const [{ path }] = (await client.query<{ path: string }>(PATH_SQL, [user])).rows;
  await client.query(SETTLE_SQL, [path, `${statementMs}`, `${LOCK_MS}`]);
  return path;
}

const SETTLE_SQL = `
  select pg_catalog.set_config('search_path', $1, true), pg_catalog.set_config('statement_timeout', $2, true),
         pg_catalog.set_config('lock_timeout', $3, true)`;

const SCHEMAS_SQL = 'select pg_catalog.current_schemas(true)::pg_catalog.text[] as schemas';

async function typesOf(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ types: string[] }>(
    `select parameter_types::pg_catalog.text[] as types from pg_catalog.pg_prepared_statements
      where name operator(pg_catalog.=) '${PREPARED}'`,
  );
  return rows[0].types;
}

/** Of what a server says to a statement that is not ours. */
function inWords(failure: DatabaseFailure): Error {
  const { message, reason, sqlState = '' } = failure;
  const refuse = (hint: string): StatementRefusal => new StatementRefusal('database_error', message, hint);
  if (reason === 'permission_denied') {
    return refuse(
      'Even without running a statement, PostgreSQL plans it only for a role that may: for reading, grant pg_read_all_data to the monitoring role; for INSERT, UPDATE, DELETE and MERGE, it takes that right on the table.',
    );
  }
  if (reason === 'locked')
    return refuse('Somebody holds a lock on a table of it: see the page Activity, and try again.');
  if (reason === 'missing_object') {
    return refuse(
      'It may have been dropped, be temporary, or be found only with the search_path that the session had set itself.',
    );
  }
  // Class 42: without its literals, a text may no longer say which types are meant.
  if (sqlState.startsWith('42')) {
    return refuse(
      'With parameters in place of its literals PostgreSQL cannot tell what is meant, so there is no plan.',
    );
  }
  return failure;
}
