/** What several faults do to a server. */
import { setTimeout } from 'node:timers/promises';
import type { PostgresServer } from '../../../demo/servers/index.ts';
import type { Api } from '../../../exporter/test/support/caller.ts';
import type { Lab } from './lab.ts';

/** Settings of the server, null for what it had before, taken up at once. */
export async function configure(
  server: PostgresServer,
  settings: Readonly<Record<string, string | null>>,
): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    await server.query(value === null ? `alter system reset ${name}` : `alter system set ${name} = '${value}'`);
  }
  await server.query('select pg_reload_conf()');
}

/** Megabytes of WAL that mean nothing to anybody. */
export const writeWal = (server: PostgresServer, megabytes: number): Promise<unknown> =>
  server.query(
    `select pg_logical_emit_message(false, 'filler', repeat('x', 1024 * 1024)) from generate_series(1, ${megabytes})`,
  );

/** Waits until the standby has all that the primary has written. @throws Error when it does not get it */
export async function untilCaughtUp({ nodes, primary }: Pick<Lab, 'nodes' | 'primary'>): Promise<void> {
  if (nodes.length === 1) return;
  for (const end = Date.now() + CATCH_UP_WITHIN_MS; Date.now() < end; await setTimeout(200)) {
    const streaming = await primary.query(
      "select from pg_stat_replication where application_name ^@ 'standby' and replay_lsn >= pg_current_wal_lsn() - 8192",
    );
    if (streaming.length > 0) return;
  }
  throw new Error('the standby does not follow any more');
}

const CATCH_UP_WITHIN_MS = 60_000;

/** A slot that was made for somebody who never comes. */
export const abandonSlot = (server: PostgresServer): Promise<unknown> =>
  server.query("select pg_create_physical_replication_slot('left_behind', true)");

export const dropSlot = (server: PostgresServer): Promise<unknown> =>
  server.query("select pg_drop_replication_slot('left_behind')");

/** Does it again and again, with a pause, until the fault is over. A turn that fails is a turn. */
export function keepOn(lab: Lab, pauseMs: number, turn: () => Promise<unknown>): void {
  let over = false;
  const work = (async () => {
    while (!over) {
      await turn().catch(() => undefined);
      await setTimeout(pauseMs);
    }
  })();
  lab.later(() => {
    over = true;
    return work;
  });
}

/** A statement that several sessions run without a pause until the fault is over. */
export async function keepAsking(lab: Lab, sessions: number, sql: string): Promise<void> {
  for (let n = 0; n < sessions; n++) {
    const session = await lab.session(lab.primary.url('musicdb'));
    keepOn(lab, 0, () => session.query(sql));
  }
}

/** The API of the first node's exporter, as `ask` wants it. @throws Error where it has none */
export function apiOf({ nodes: [node] }: Lab): Api {
  const { secrets, exporter, instance } = node;
  if (!secrets) throw new Error(`the exporter of ${instance} has no secrets: nothing can be asked of it`);
  return { url: exporter.url, secrets };
}
