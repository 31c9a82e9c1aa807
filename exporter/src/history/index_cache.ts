/** Who is who: ids of lives and waits → what they are. Rows are never changed, so only new ones are fetched. */
import type { Store } from '../store/store.ts';
import type { Coverage } from './coverage.ts';

export interface StatementInfo {
  readonly id: number;
  readonly queryId: string;
  readonly database: string;
  readonly user: string;
  readonly firstSeen: Date;
  /** Null until the text has been parsed. */
  readonly kind: string | null;
  readonly tables: readonly string[];
}

export interface WaitInfo {
  readonly id: number;
  readonly queryId: string | null;
  readonly database: string | null;
  readonly user: string | null;
  readonly state: string;
  readonly type: string;
  readonly event: string;
}

/** More lives than this are forgotten and read again: a server that evicts all the time would fill the memory. */
const MOST_LIVES = 400_000;

export class Names {
  readonly created: Date;
  readonly statements = new Map<number, StatementInfo>();
  /** Life → statement. */
  readonly lives = new Map<number, number>();
  readonly waits = new Map<number, WaitInfo>();
  readonly #byKey = new Map<string, number>();
  /** Statement → its lives. */
  readonly #lives = new Map<number, number[]>();
  /** All that points up to then name is known; milliseconds. */
  #until = -Infinity;
  #lastStatement = 0;
  #lastLife = 0;
  #lastWait = 0;
  #unparsed = new Set<number>();
  #refreshing: Promise<void> | undefined;

  constructor(created: Date) {
    this.created = created;
  }

  /** Of a query id of a user in a database; undefined: it is in no statement's history. */
  find(key: Key): number | undefined {
    return this.#byKey.get(keyOf(key));
  }

  livesOf(statement: number): readonly number[] {
    return this.#lives.get(statement) ?? [];
  }

  /** After it everything that points up to `until` name is known. */
  async refresh(store: Store, target: number, until: Date): Promise<void> {
    while (this.#until < until.getTime() || this.#unparsed.size > 0) {
      // What another request has begun may be too old for us; then it is our turn.
      const running = this.#refreshing;
      if (running !== undefined) {
        await running.catch(() => undefined);
        if (this.#until < until.getTime()) continue;
        return;
      }
      this.#refreshing = this.#fetch(store, target).finally(() => (this.#refreshing = undefined));
      await this.#refreshing;
      this.#until = Math.max(this.#until, until.getTime());
      return;
    }
  }

  async #fetch(store: Store, target: number): Promise<void> {
    const [lives, waits, statements] = await Promise.all([
      store.query<{ id: number; statement: number }>(
        'select id, statement from pgvigil_state.life where target = $1 and id > $2 order by id',
        [target, this.#lastLife],
      ),
      store.query<WaitInfo>(
        `select id, query_id::text as "queryId", database_name as database, user_name as user, state,
                wait_type as type, wait_event as event
           from pgvigil_state.wait where target = $1 and id > $2 order by id`,
        [target, this.#lastWait],
      ),
      this.#fetchStatements(store, target),
    ]);
    this.#learn(statements);
    // Written between the two statements that were sent at once.
    if (lives.some(({ statement }) => !this.statements.has(statement))) {
      this.#learn(await this.#fetchStatements(store, target));
    }
    for (const { id, statement } of lives) this.#learnLife(id, statement);
    for (const wait of waits) this.waits.set(wait.id, wait);
    this.#lastLife = lives.at(-1)?.id ?? this.#lastLife;
    this.#lastWait = waits.at(-1)?.id ?? this.#lastWait;
  }

  #fetchStatements(store: Store, target: number): Promise<StatementInfo[]> {
    return store.query<StatementInfo & Record<string, unknown>>(
      `select id, query_id::text as "queryId", database_name as database, user_name as user, first_seen as "firstSeen",
              kind, coalesce(tables, '{}') as tables
         from pgvigil_state.statement
        where target = $1 and (id > $2 or id = any ($3) and kind is not null)`,
      [target, this.#lastStatement, [...this.#unparsed]],
    );
  }

  #learnLife(id: number, statement: number): void {
    this.lives.set(id, statement);
    const known = this.#lives.get(statement);
    if (known === undefined) this.#lives.set(statement, [id]);
    else known.push(id);
  }

  #learn(statements: readonly StatementInfo[]): void {
    for (const statement of statements) {
      this.statements.set(statement.id, statement);
      this.#byKey.set(keyOf(statement), statement.id);
      if (statement.kind === null) this.#unparsed.add(statement.id);
      else this.#unparsed.delete(statement.id);
      this.#lastStatement = Math.max(this.#lastStatement, statement.id);
    }
  }
}

interface Key {
  readonly queryId: string | null;
  readonly database: string | null;
  readonly user: string | null;
}
const keyOf = ({ queryId, database, user }: Key): string => JSON.stringify([queryId, database, user]);

const known = new WeakMap<Store, Map<number, Names>>();

export async function namesOf(store: Store, { target, created, to }: Coverage): Promise<Names> {
  const targets = known.get(store) ?? new Map<number, Names>();
  known.set(store, targets);
  let names = targets.get(target);
  if (names === undefined || names.created.getTime() !== created.getTime() || names.lives.size > MOST_LIVES) {
    names = new Names(created);
    targets.set(target, names);
  }
  await names.refresh(store, target, to);
  return names;
}
