/** A state database as `pgvigil state migrate` makes it. */
import type { PostgresServer } from '../../../demo/servers/index.ts';
import { groups } from '../../src/cli/groups.ts';
import { runCli } from '../../src/cli/main.ts';

/** The exporter's login. */
const RUNTIME = 'pgvigil_exporter';

export interface StateDatabase {
  readonly database: string;
  /** Connection strings. */
  readonly owner: string;
  readonly runtime: string;
}

/** @throws Error with what the command said. */
export async function prepareState(server: PostgresServer, database = 'state'): Promise<StateDatabase> {
  await server.query(`create database ${database}`);
  const roles = await server.query(`select from pg_roles where rolname = '${RUNTIME}'`);
  if (roles.length === 0) await server.query(`create role ${RUNTIME} login`);
  const { status, text } = await pgvigil(
    'state',
    'migrate',
    '--state',
    server.url(database),
    '--runtime-role',
    RUNTIME,
  );
  if (status !== 0) throw new Error(text);
  return { database, owner: server.url(database), runtime: server.url(database, RUNTIME) };
}

/** A command in this process. @returns its exit status, and what it printed. */
export async function pgvigil(...argv: string[]): Promise<{ status: number; text: string }> {
  let text = '';
  const say = (more: string): void => void (text += more);
  const never = async (): Promise<void> => {};
  const status = await runCli({
    argv,
    env: {},
    version: '',
    commands: { serve: never, check: never },
    groups,
    out: say,
    err: say,
  });
  return { status, text };
}
