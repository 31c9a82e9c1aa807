/** A session with what its catalogue says, running collectors. */
import type { Dsn } from '../config/types.ts';
import { describeFailure, LOCK_NOT_AVAILABLE } from '../db/errors.ts';
import { type Field, PostgresSession, type SessionSettings } from '../db/postgres.ts';
import { chooseSql, CollectorUnavailable, layOut, usedColumns } from './compile.ts';
import { Costs } from './costs.ts';
import { FACTS_SQL, type Facts, parseFacts, unmetNeeds } from './facts.ts';
import { keyOf, type Problem, type Result } from './result.ts';
import { Memory, Sink } from './sink.ts';
import type { Collector, Need } from './types.ts';

/** What runs share across sessions: settings and what collectors remember. One per target. */
export class RunContext {
  /** Labels that every metric of the collector has. */
  readonly labelsOf: (collector: Collector) => Readonly<Record<string, string>>;
  /** Rows that keep their own labels, by collector; undefined: no limit. */
  readonly budgetOf: (collector: Collector) => number | undefined;
  readonly costs = new Costs();
  private readonly memories = new Map<string, Memory>();

  constructor(options: Pick<RunContext, 'labelsOf' | 'budgetOf'>) {
    this.labelsOf = options.labelsOf;
    this.budgetOf = options.budgetOf;
  }

  sink(collector: Collector, database: string | undefined): Sink {
    const key = keyOf(collector, database);
    let memory = this.memories.get(key);
    if (memory === undefined) this.memories.set(key, (memory = new Memory()));
    const fixedLabels = this.labelsOf(collector);
    return new Sink({ collector, memory, fixedLabels, database, budget: this.budgetOf(collector) });
  }

  /** The database is gone. */
  forget(collector: Collector, database: string): void {
    this.memories.delete(keyOf(collector, database));
  }
}

interface Statement {
  /** Of the prepared statement. */
  readonly name: string;
  readonly text: string;
  /** What is wrong with it even when it runs. */
  readonly problems: readonly Problem[];
}

/** The catalogue is read again after this long: a function may have been installed, an extension, a role granted. */
const FACTS_MAX_AGE_MS = 300_000;
/** A relation may be locked between our look at pg_locks and the size function; a new look sees that lock. */
const LOCK_ATTEMPTS = 3;

export class Connected {
  readonly session: PostgresSession;
  facts: Facts;
  /** Set when a collector met something that the facts did not foretell, e.g. after ALTER EXTENSION. */
  private factsAreStale = false;
  private factsAt = Date.now();
  private readonly context: RunContext;
  private statements = new Map<string, Statement>();
  /** Part of the prepared statements' names, so that new facts never meet old statements. */
  private generation = 0;
  private lastDone = 0;
  private factsText: string;

  /** @throws DatabaseFailure */
  static async open(dsn: Dsn, settings: SessionSettings, context: RunContext): Promise<Connected> {
    const session = await PostgresSession.open(dsn, settings);
    // Every scrape to come shares this attempt: it must end, whatever becomes of the server.
    const timer = setTimeout(() => session.cancelAndDestroy(), dsn.connectTimeoutSeconds * 1000);
    try {
      return new Connected(session, await readFacts(session), context);
    } catch (error) {
      session.cancelAndDestroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  private constructor(session: PostgresSession, factsText: string, context: RunContext) {
    this.session = session;
    this.factsText = factsText;
    this.facts = parseFacts(factsText);
    this.context = context;
  }

  get alive(): boolean {
    return this.session.alive;
  }

  /** Whether `refreshFacts` is due. */
  get factsAreDue(): boolean {
    return this.factsAreStale || Date.now() - this.factsAt > FACTS_MAX_AGE_MS;
  }

  abort(): void {
    this.session.cancelAndDestroy();
  }

  close(): Promise<void> {
    return this.session.close();
  }

  /** Reads the catalogue again, off the scrape's path. @throws DatabaseFailure */
  async refreshFacts(): Promise<void> {
    const text = await readFacts(this.session);
    this.factsAt = Date.now();
    if (text === this.factsText && !this.factsAreStale) return;
    this.factsText = text;
    this.facts = parseFacts(text);
    this.factsAreStale = false;
    this.statements = new Map();
    this.generation++;
  }

  /** Prepares the statement without running it, so that a mistake shows at start. @throws DatabaseFailure */
  async validate(collector: Collector): Promise<readonly Problem[]> {
    try {
      return (await this.prepare(collector)).problems;
    } catch (error) {
      if (error instanceof CollectorUnavailable) return [];
      throw error;
    }
  }

  /** With the connection to itself, so that its cost can be told. Never throws. */
  async runAlone(collector: Collector): Promise<Result> {
    const result = await this.run(collector);
    this.context.costs.measured(collector, result.durationSeconds);
    return result;
  }

  /** Perhaps in a pipeline with others. Never throws: a failure is a result. */
  async run(collector: Collector): Promise<Result> {
    const sent = performance.now();
    const database = collector.scope === 'database' ? this.facts.database : undefined;
    const finish = (rest: Pick<Result, 'output' | 'success' | 'problems'>): Result => ({
      collector,
      database,
      durationSeconds: this.secondsSince(sent),
      at: Date.now(),
      ...rest,
    });
    try {
      const statement = this.statements.get(collector.name) ?? (await this.prepare(collector));
      for (let attempt = 1; ; attempt++) {
        try {
          const output = await this.execute(collector, database, statement);
          const problems = [...this.partialProblems(collector), ...statement.problems];
          if (output.notNumbers.length > 0) problems.push(notNumbers(output.notNumbers));
          return finish({ output, success: true, problems });
        } catch (error) {
          const retry = collector.keepLastWhen && describeFailure(error).sqlState === LOCK_NOT_AVAILABLE;
          if (!retry || attempt === LOCK_ATTEMPTS) throw error;
        }
      }
    } catch (error) {
      if (error instanceof CollectorUnavailable) {
        return finish({ output: undefined, success: true, problems: unavailable(error.missing) });
      }
      const { reason, message } = describeFailure(error);
      if (reason === 'missing_object' || reason === 'unsupported') this.factsAreStale = true;
      return finish({ output: undefined, success: false, problems: [{ reason, message }] });
    }
  }

  private async prepare(collector: Collector): Promise<Statement> {
    const sql = chooseSql(collector, this.facts);
    const fields = await this.asTheirs(collector, () => this.session.describe(sql));
    if (!collector.dynamic && !collector.reshape) {
      layOut(collector, fields, this.context.labelsOf(collector), this.facts.database);
    }
    const used = usedColumns(collector, fields);
    // The planner drops what nobody asks for: `select *` from a view computes only what is exposed.
    const columns = used.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ');
    const text = used.length === fields.length ? sql : `select ${columns} from (${sql}\n) as ${collector.name}`;
    const problems = collector.source === 'function' ? missingColumns(collector, fields) : [];
    const statement = { name: `pgvigil_${collector.name}_${this.generation}`, text, problems };
    this.statements.set(collector.name, statement);
    return statement;
  }

  private async execute(collector: Collector, database: string | undefined, statement: Statement) {
    const sink = this.context.sink(collector, database);
    await this.asTheirs(collector, () => this.session.stream(statement.name, statement.text, sink));
    return sink.finish();
  }

  /** Names in a query that the user brought are theirs to look up; in ours, pg_catalog's. */
  private asTheirs<T>(collector: Collector, send: () => Promise<T>): Promise<T> {
    return collector.source === 'function' ? this.session.withPath(this.facts.userPath, send) : send();
  }

  /** In a pipeline the server starts on a statement when the one before is done. */
  private secondsSince(sent: number): number {
    const now = performance.now();
    const seconds = (now - Math.max(sent, this.lastDone)) / 1000;
    this.lastDone = now;
    return seconds;
  }

  private partialProblems(collector: Collector): Problem[] {
    return unmetNeeds(collector.wants, this.facts).map((need) => ({
      reason: 'missing_privilege',
      message: `without ${need} the server hides part of it`,
    }));
  }
}

/** A user's query should give what it declares; of ours, the columns that a server lacks are simply skipped. */
function missingColumns(collector: Collector, fields: readonly Field[]): Problem[] {
  const given = new Set(fields.map((field) => field.name));
  const missing = Object.keys(collector.columns).filter((column) => !given.has(column));
  if (missing.length === 0 || collector.reshape) return [];
  return [{ reason: 'missing_object', message: `the result has no column ${missing.join(', ')}` }];
}

async function readFacts(session: PostgresSession): Promise<string> {
  const [[text]] = await session.query(FACTS_SQL);
  return text!;
}

const notNumbers = (names: readonly string[]): Problem => ({
  reason: 'not_a_number',
  message: `not a number: ${names.join(', ')}`,
});

/** A view that an older server lacks is no problem to cure; an extension or a role is. */
function unavailable(missing: readonly Need[]): Problem[] {
  return missing.flatMap((need): Problem[] => {
    if (need.startsWith('extension ')) return [{ reason: 'missing_extension', message: `needs ${need}` }];
    if (need.startsWith('role ')) return [{ reason: 'missing_privilege', message: `needs ${need}` }];
    return [];
  });
}
