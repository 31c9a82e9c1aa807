/** Every session of ours on a PostgreSQL server begins here: what it may not inherit from whoever owns the database. */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Dsn } from '../config/types.ts';
import { destroy, openClient, type Opened } from './connect.ts';
import { describeFailure, poolerFailure } from './errors.ts';

export interface SessionOptions {
  readonly applicationName: string;
  /** In force from the first statement on. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Sends statements before those ahead are done. */
  readonly pipeline?: boolean;
  /** Milliseconds without an answer after which a statement fails here. Default: never. */
  readonly answerMs?: number;
}

/** Names without a schema are looked up in pg_catalog and nowhere else. */
export const OWN_PATH = 'pg_catalog';

/**
 * Whoever owns a database can set a search_path for all who connect to it. With theirs, even `=` could be a function of
 * theirs that runs with our rights; so the path is ours before the first statement that has a name or an operator to look
 * up. By SET and not when connecting: then pg_settings.reset_val still has what the server would give anybody else.
 * @throws DatabaseFailure, also where something between here and the server drops the settings of sessions: there a SET
 * would stay with a connection that others get next.
 */
export async function openSession(
  dsn: Dsn,
  { applicationName, settings = {}, pipeline, answerMs }: SessionOptions,
): Promise<Opened> {
  // That it is there says that settings arrive; its name is new each time, so that nobody can have set it before.
  const mark = `pgvigil.session_${randomBytes(8).toString('hex')}`;
  const opened = await openClient(dsn, {
    application_name: applicationName,
    options: startupOptions({ ...settings, [mark]: 'on' }),
    ...(answerMs !== undefined && { query_timeout: answerMs }),
    ...(pipeline && { pipeline }),
  } as pg.ClientConfig);
  const timer = setTimeout(() => destroy(opened.client), dsn.connectTimeoutSeconds * 1000);
  try {
    const { rows } = await opened.client.query<{ path: string | null }>(pinSql(mark));
    if (rows[0].path === OWN_PATH) return opened;
    throw poolerFailure();
  } catch (error) {
    destroy(opened.client);
    throw describeFailure(error);
  } finally {
    clearTimeout(timer);
  }
}

/** No operator and no name without its schema: it runs with the path of others. */
const pinSql = (mark: string): string => `
  select case when pg_catalog.current_setting('${mark}', true) is not null
              then pg_catalog.set_config('search_path', '${OWN_PATH}', false) end as path`;

/** As libpq's `options`. */
export const startupOptions = (settings: Readonly<Record<string, string | number>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${String(value).replace(/[\\\s]/g, '\\$&')}`)
    .join(' ');
