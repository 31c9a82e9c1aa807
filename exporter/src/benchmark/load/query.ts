/** One step of a statement on its way: rows are counted and not read, so that the clients cost little. */
import pg from 'pg';

interface QueryConfig {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly queryMode?: 'extended';
}
/** The part of pg's Query that its client calls and that the published types leave out. */
const QueryBase = pg.Query as unknown as new (config: QueryConfig & { callback: (error: unknown) => void }) => object;

class Step extends QueryBase {
  rows = 0;

  handleRowDescription(): void {}
  handleDataRow(): void {}

  /** `SELECT 5`, `INSERT 0 5`, `UPDATE 5`; others end without a number. */
  handleCommandComplete({ text }: { text: string }): void {
    this.rows += Number(/ (\d+)$/.exec(text)?.[1] ?? 0);
  }
}

/**
 * By the extended protocol: one statement, as it is with values.
 * @param name of the prepared statement; without one it is parsed each time.
 * @returns rows returned or changed. @throws what pg has.
 */
export const runStep = (
  client: pg.Client,
  name: string | undefined,
  text: string,
  values: readonly unknown[],
): Promise<number> => run(client, { ...(name !== undefined && { name }), text, values, queryMode: 'extended' });

/** Nothing to parse: `begin`, `commit`, `rollback`. @throws what pg has. */
export const runCommand = (client: pg.Client, text: string): Promise<number> => run(client, { text });

const run = (client: pg.Client, config: QueryConfig): Promise<number> =>
  new Promise((resolve, reject) => {
    const callback = (error: unknown): void => {
      if (error) reject(error as Error);
      else resolve(step.rows);
    };
    const step = new Step({ ...config, callback });
    client.query(step as unknown as pg.Submittable);
  });

interface ProtocolConnection {
  parse(message: { name: string; text: string }): void;
  describe(message: { type: 'S'; name: string }): void;
  sync(): void;
}

/** Parse and Describe: the statement is not run. */
class Description extends QueryBase {
  submit(connection: ProtocolConnection): null {
    connection.parse({ name: '', text: (this as unknown as { text: string }).text });
    connection.describe({ type: 'S', name: '' });
    connection.sync();
    return null;
  }
  handleRowDescription(): void {}
}

/** How many parameters the server finds in it. @throws what pg has. */
export function countParameters(client: pg.Client, text: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0;
    const heard = ({ parameterCount }: { parameterCount: number }): void => void (count = parameterCount);
    // pg parses this message and gives it to no query.
    const connection = client.connection as unknown as NodeJS.EventEmitter;
    connection.on('parameterDescription', heard);
    const done = (error: unknown): void => {
      connection.off('parameterDescription', heard);
      if (error) reject(error as Error);
      else resolve(count);
    };
    client.query(new Description({ text, queryMode: 'extended', callback: done }) as unknown as pg.Submittable);
  });
}
