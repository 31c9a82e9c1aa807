/** Which functions and operators a text or a tree of it calls. */
import { scanSync } from 'libpg-query';
import type { Named } from './names.ts';
import { type Fields, strings, walk } from './parser.ts';
import { StatementRefusal } from './refusal.ts';

export interface Call {
  readonly schema: string | undefined;
  readonly name: string;
  /** Undefined: any number. */
  readonly arguments: number | undefined;
  /** In whichever schema, not only where search_path would find it. */
  readonly anywhere: boolean;
}

export interface Calls {
  readonly functions: readonly Call[];
  readonly operators: readonly string[];
}

export const NO_CALLS: Calls = { functions: [], operators: [] };

export const merge = (...all: readonly Calls[]): Calls => ({
  functions: all.flatMap(({ functions }) => functions),
  operators: [...new Set(all.flatMap(({ operators }) => operators))],
});

/** Of a parsed statement. Field notation (`row.function`) looks like a column: the plan shows those. */
export function callsIn(tree: unknown): Calls {
  const functions: Call[] = [];
  const operators = new Set<string>();
  walk(tree, (tag: string, fields: Fields) => {
    if (tag === 'FuncCall') functions.push(callOf(fields));
    if (tag === 'A_Expr') for (const name of strings(fields.name).slice(-1)) operators.add(name);
    for (const name of [...strings(fields.operName), ...strings(fields.useOp)].slice(-1)) operators.add(name);
  });
  return { functions, operators: [...operators] };
}

function callOf({ funcname, args, agg_within_group: within, agg_order: order }: Fields): Call {
  const names = strings(funcname);
  const count = (args as unknown[] | undefined)?.length ?? 0;
  const ordered = within === true ? ((order as unknown[] | undefined)?.length ?? 0) : 0;
  return { schema: names.at(-2), name: names.at(-1) ?? '', arguments: count + ordered, anywhere: false };
}

export interface Mentions {
  readonly calls: Calls;
  /** After FROM and JOIN. */
  readonly relations: readonly Named[];
}

/**
 * Of a text that need not be a statement, a function's body or expressions of a plan: each name before a parenthesis, each
 * operator. More than is called, never less, except what a text that is made at run time calls.
 * @param anywhere a function's body may have a search_path of its own.
 * @throws StatementRefusal when it cannot be read.
 */
export function mentionsIn(text: string, anywhere: boolean): Mentions {
  const words = wordsOf(text);
  const functions: Call[] = [];
  const operators = new Set<string>();
  const relations: Named[] = [];
  words.forEach((word, i) => {
    if (OPERATOR.test(word)) operators.add(word);
    if (/^(?:from|join)$/i.test(word) && NAME.test(words[i + 1] ?? '')) {
      const [first, dot, second] = words.slice(i + 1);
      const isTwo = dot === '.' && second !== undefined;
      relations.push({ schema: isTwo ? unquoted(first) : undefined, name: unquoted(isTwo ? second : first) });
    }
    if (words[i + 1] !== '(' || !NAME.test(word)) return;
    const schema = words[i - 1] === '.' ? unquoted(words[i - 2] ?? '') : undefined;
    functions.push({ schema, name: unquoted(word), arguments: undefined, anywhere });
  });
  return { calls: { functions, operators: [...operators] }, relations };
}

const OPERATOR = /^[-+*/<>=~!@#%^&|`?]+$/;
const NAME = /^(?:[a-z_\u0080-\uffff]|")/i;

function wordsOf(text: string): string[] {
  if (text.trim() === '') return [];
  const bytes = Buffer.from(text);
  try {
    return scanSync(text)
      .tokens.filter(({ tokenName }) => !tokenName.endsWith('COMMENT'))
      .map(({ start, end }) => bytes.subarray(start, end).toString());
  } catch {
    throw new StatementRefusal(
      'bad_request',
      'a function or view behind this statement cannot be read',
      'ANALYZE would run it. The plan without ANALYZE runs nothing.',
    );
  }
}

const unquoted = (word: string): string =>
  word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.toLowerCase();
