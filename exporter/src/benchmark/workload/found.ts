/** Asks what `query` generators take their values from. */
import pg from 'pg';
import { describeFailure } from '../../db/errors.ts';
import type { Found } from './parameters.ts';
import type { Statement } from './schema.ts';

/** The rest is not even fetched. */
const MOST_VALUES = 100_000;

/**
 * Runs each query once, as the user of `client` and with its path: it is the workload's own SQL. How long one may take is
 * for the session's statement_timeout to say.
 * @throws DatabaseFailure
 */
export async function findValues(client: pg.Client, statements: readonly Statement[]): Promise<Found> {
  const found: Record<string, readonly (string | null)[]> = {};
  const generators = statements.flatMap(({ steps }) => steps.flatMap(({ parameters }) => parameters));
  for (const generator of generators) {
    if (generator.kind === 'query') found[generator.sql] ??= await firstColumn(client, generator.sql);
  }
  return found;
}

const firstColumn = (client: pg.Client, text: string): Promise<(string | null)[]> =>
  new Promise((resolve, reject) => {
    const query = new FirstColumn(text, (error) => {
      if (error) reject(describeFailure(error));
      else resolve(query.values);
    });
    client.query(query as unknown as pg.Submittable);
  });

interface ProtocolConnection {
  sync(): void;
}
interface QueryConfig {
  text: string;
  rows: number;
  callback: (error: unknown) => void;
}
/** The part of pg's Query that its client calls and that the published types leave out. */
const QueryBase = pg.Query as unknown as new (config: QueryConfig) => {
  handleError(error: unknown, connection: ProtocolConnection): void;
};

/** With a limit on rows the server stops there and waits to be asked for more. */
class FirstColumn extends QueryBase {
  readonly values: (string | null)[] = [];

  constructor(text: string, callback: (error: unknown) => void) {
    super({ text, rows: MOST_VALUES, callback });
  }

  handleRowDescription(): void {}

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.values.push(fields[0]);
  }

  /** Nobody asks. */
  handlePortalSuspended(connection: ProtocolConnection): void {
    connection.sync();
  }

  /** With a limit pg sends no Sync before the end: without one, the server would ignore all that follows. */
  override handleError(error: unknown, connection: ProtocolConnection): void {
    connection.sync();
    super.handleError(error, connection);
  }
}
