/** Sessions that set what an arm asks for: the maintenance role's, and PgBouncer's console. */
import type pg from 'pg';
import { BadValue } from '../../config/problems.ts';
import type { Dsn } from '../../config/types.ts';
import { destroy } from '../../db/connect.ts';
import { ConsoleSession } from '../../db/pgbouncer.ts';
import { openMaintenance } from '../../jobs/sessions.ts';

export const CONTROL_APPLICATION = 'pgvigil bench control';

export interface Control {
  /** Opened when first asked for. @throws TargetUnavailable; BadValue without a maintenance login */
  server(): Promise<pg.Client>;
  /** As `server`. @throws DatabaseFailure; BadValue without a PgBouncer */
  console(): Promise<ConsoleSession>;
  close(): Promise<void>;
}

export interface ControlLogins {
  /** In the workload's database. */
  readonly maintenance?: Dsn;
  /** PgBouncer's console. */
  readonly console?: Dsn;
}

/** An index may take as long as it takes; what waits for a lock holds up all who come after it. */
const SETTINGS_SQL = "set statement_timeout = 0; set lock_timeout = '10s'";

export function openControl({ maintenance, console }: ControlLogins): Control {
  let server: pg.Client | undefined;
  let pooler: ConsoleSession | undefined;
  return {
    async server() {
      if (server) return server;
      if (maintenance === undefined)
        throw new BadValue(
          'the target has no maintenance login, and the arms change the server',
          'Add maintenance: to it.',
        );
      server = await openMaintenance(maintenance, maintenance.database, CONTROL_APPLICATION);
      await server.query(SETTINGS_SQL);
      return server;
    },
    async console() {
      if (pooler?.alive) return pooler;
      if (console === undefined)
        throw new BadValue('the arms change PgBouncer, and the target has none', 'Add pgbouncer: to it.');
      pooler = await ConsoleSession.open(console);
      return pooler;
    },
    async close() {
      const ending = server;
      server = undefined;
      await ending?.end().catch(() => destroy(ending));
      await pooler?.close();
    },
  };
}
