import { nearest } from './nearest.ts';

/** One thing that keeps the exporter from starting. None of the three texts ever contains a secret. */
export interface Problem {
  /** `--flag`, `NAME (environment)` or `file:line:column field`. */
  readonly where: string;
  readonly message: string;
  /** What to do about it. */
  readonly cure: string;
}

/** Thrown by whatever parses a value; whoever knows the place turns it into a Problem. */
export class BadValue extends Error {
  readonly cure: string;
  constructor(message: string, cure: string) {
    super(message);
    this.name = 'BadValue';
    this.cure = cure;
  }
}

/** Every problem of the configuration at once, so that one restart is enough. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];
  /** @param what was read, as the beginning of a sentence. */
  constructor(problems: readonly Problem[], what = 'The configuration') {
    const title = problems.length === 1 ? `${what} has a problem:` : `${what} has ${problems.length} problems:`;
    super([title, ...problems.map((problem, index) => describe(problem, index + 1))].join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const describe = ({ where, message, cure }: Problem, number: number): string =>
  `\n  ${number}. ${where}\n     ${message}\n     -> ${cure}`;

/** Collects problems and warnings while the configuration is read. */
export class Findings {
  readonly problems: Problem[] = [];
  readonly warnings: string[] = [];

  problem(where: string, message: string, cure: string): void {
    this.problems.push({ where, message, cure });
  }

  warn(where: string, message: string): void {
    this.warnings.push(`${where}: ${message}`);
  }

  /** The result of `read`, or nothing when it throws a BadValue, which is then noted as a problem at `where`. */
  attempt<T>(where: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      this.problem(where, error.message, error.cure);
      return undefined;
    }
  }
}

/** A value as it may be shown: connection strings end up in the wrong field often enough to hide whatever looks like one. */
export const quote = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  if (/:\/\/|@|passw|secret/i.test(text)) return 'the value (not shown, it may hold a password)';
  return text.length > 60 ? `"${text.slice(0, 60)}…"` : `"${text}"`;
};

/** `Did you mean "x"?`, or the whole list where nothing is near. */
export const suggest = (name: string, candidates: readonly string[]): string => {
  const near = nearest(name, candidates);
  if (near !== undefined) return `Did you mean "${near}"?`;
  return candidates.length > 0 ? `Known: ${[...candidates].sort().join(', ')}.` : 'Remove it.';
};

/** What a system call said, without the path's content. */
export const systemError = (error: unknown): string => {
  const code = (error as NodeJS.ErrnoException)?.code;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES') return 'may not be read by this user';
  if (code === 'EISDIR') return 'is a directory';
  return `cannot be read (${code ?? 'unknown error'})`;
};
