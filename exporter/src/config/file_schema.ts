import { z } from 'zod';
import {
  boolean,
  count,
  duration,
  type Kind,
  list,
  LABEL_NAME,
  LABEL_RULE,
  METRIC_NAME,
  METRIC_RULE,
} from './kinds.ts';
import { BadValue, quote, suggest } from './problems.ts';
import { fileKey, settings } from './settings.ts';

/** An issue's message carries its cure behind a line break; `splitIssue` takes them apart. */
const issueText = (message: string, cure: string): string => `${message}\n${cure}`;

export const splitIssue = (text: string): [message: string, cure: string] => {
  const [message, cure = 'See docs/configuration.md for what is expected here.'] = text.split('\n');
  return [message, cure];
};

/** A mapping with these keys and no others. `key:` with nothing after it counts as absent. */
const section = <S extends z.ZodRawShape>(shape: S) => {
  const unknownKey: z.core.$ZodErrorMap = (issue) =>
    issueText('unknown key', suggest(String(issue.path?.at(-1)), Object.keys(shape)));
  const mapping = z.object(shape, { error: (issue) => notA('a mapping (key: value)', issue.input) });
  return mapping.catchall(z.custom<never>(() => false, { error: unknownKey }));
};

const notA = (expected: string, input: unknown): string =>
  input === undefined
    ? issueText('is missing', `Add it: ${expected}.`)
    : issueText(`expected ${expected}, got ${kindOf(input)}`, 'Check the indentation and the quotes.');

const kindOf = (input: unknown): string =>
  input === null
    ? 'nothing'
    : Array.isArray(input)
      ? 'a list'
      : typeof input === 'object'
        ? 'a mapping'
        : `a ${typeof input}`;

/** A value that one of our kinds parses; absent and empty stay absent. */
const leaf = <T>({ parse }: Kind<T>) =>
  z.unknown().transform((value, context): T | undefined => {
    if (value === undefined || value === null) return undefined;
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      context.addIssue({ code: 'custom', message: issueText(error.message, error.cure), input: undefined });
      return z.NEVER;
    }
  });

const words = (expected: string) => z.string({ error: (issue) => notA(expected, issue.input) });

const named = (expected: string, rule: RegExp, cure: string) =>
  words(expected).regex(rule, { error: (issue) => issueText(`${quote(issue.input)} is not ${expected}`, cure) });

/** A number in YAML, or text, as libpq's keywords take it. */
const keyword = z
  .union([z.string(), z.number()], { error: (issue) => notA('text', issue.input) })
  .transform(String)
  .nullish();

const selection = section({
  discover: leaf(boolean),
  include: leaf(settings.find(({ key }) => key === 'databases.include')!.kind as Kind<readonly string[]>),
  exclude: leaf(settings.find(({ key }) => key === 'databases.exclude')!.kind as Kind<readonly string[]>),
});

const connectionFields = section({
  dsn: words('a connection string').nullish(),
  host: keyword,
  port: keyword,
  user: keyword,
  password: words('text (a password of digits needs quotes)').nullish(),
  password_file: words('a path').nullish(),
  database: keyword,
  sslmode: keyword,
  sslrootcert: keyword,
  sslcert: keyword,
  sslkey: keyword,
  connect_timeout: keyword,
  application_name: keyword,
});

/** `postgres: <dsn>` is short for `postgres: { dsn: <dsn> }`. */
const connection = z.preprocess((value) => (typeof value === 'string' ? { dsn: value } : value), connectionFields);

/** Times and names are looked at where all of them are known (`windows.ts`). */
const window = section({
  name: words('a name').min(1, { error: issueText('is empty', 'Give the window a name; refusals show it.') }),
  days: leaf(list('<day,…>')),
  from: words('a time of day such as "02:00"'),
  until: words('a time of day such as "05:00"'),
  timezone: words('a time zone such as Europe/Berlin').nullish(),
  targets: leaf(list('<name,…>')),
});

const target = section({
  name: words('a name').min(1, {
    error: issueText('is empty', 'Give the target a name; it becomes the label "target".'),
  }),
  postgres: connection.nullish(),
  pgbouncer: connection.nullish(),
  maintenance: connection.nullish(),
  benchmark: z
    .enum(['allowed', 'forbidden'], {
      error: issueText('is neither allowed nor forbidden', 'Write benchmark: allowed or benchmark: forbidden.'),
    })
    .nullish(),
  load: connection.nullish(),
  databases: selection.nullish(),
});

const collector = section({
  enabled: leaf(boolean),
  budget: leaf(count),
  interval: leaf(duration),
  timeout: leaf(duration),
});

const column = section({
  type: z.enum(['counter', 'gauge'], {
    error: issueText('is neither counter nor gauge', 'Write type: counter or type: gauge.'),
  }),
  help: words('a sentence').min(1, {
    error: issueText('is empty', 'Say what the number means and where it comes from.'),
  }),
  scale: z.number({ error: (issue) => notA('a number', issue.input) }).nullish(),
  name: named('a metric name', METRIC_NAME, METRIC_RULE).nullish(),
});

const labelList = z.array(named('a label name', LABEL_NAME, LABEL_RULE), {
  error: (issue) => notA('a list', issue.input),
});

const sqlFunction = section({
  name: named(
    'a metric name',
    /^[a-zA-Z_]\w*$/,
    'The name begins every metric of the function: letters, digits and _.',
  ),
  sql: words('a SELECT').min(1, { error: issueText('is empty', 'Write one SELECT.') }),
  labels: labelList.nullish(),
  columns: z
    .record(z.string(), column, { error: (issue) => notA('a mapping of result columns', issue.input) })
    .refine((columns) => Object.keys(columns).length > 0, {
      error: issueText('no column', 'Declare at least one column of the result.'),
    }),
  ttl: leaf(duration),
  timeout: leaf(duration),
  scope: z
    .enum(['server', 'database'], {
      error: issueText('is neither server nor database', 'Write scope: server or scope: database.'),
    })
    .nullish(),
  needs: z.array(words('text'), { error: (issue) => notA('a list', issue.input) }).nullish(),
  budget: leaf(count),
});

/** An item that is left out after a problem (`withoutInvalid`) is undefined, which no YAML is. */
const listOf = <T extends z.ZodType>(item: T) =>
  z.array(item.optional(), { error: (issue) => notA('a list (- item)', issue.input) }).nullish();

/** The scalar settings' part of the schema grows out of their table. */
const scalarShape = (): z.ZodRawShape => {
  const tree: Record<string, z.ZodRawShape> = { '': {} };
  for (const setting of settings) {
    if (setting.inFile === false || setting.key.startsWith('collectors.')) continue;
    const path = fileKey(setting).split('.');
    const parent = path.length > 1 ? path[0] : '';
    tree[parent] = { ...tree[parent], [path.at(-1)!]: leaf(setting.kind) };
  }
  const { '': top, ...sections } = tree;
  return {
    ...top,
    ...Object.fromEntries(Object.entries(sections).map(([name, shape]) => [name, section(shape).nullish()])),
  };
};

const lists = {
  targets: listOf(target),
  collectors: z
    .record(z.string(), collector.nullish(), { error: (issue) => notA('a mapping by collector', issue.input) })
    .nullish(),
  functions: listOf(sqlFunction),
  windows: listOf(window),
};

export const fileSchema = section({ ...scalarShape(), ...lists });

export type FileTarget = z.output<typeof target>;
export type FileConnection = z.output<typeof connectionFields>;
export type FileWindow = z.output<typeof window>;
export type FileFunction = z.output<typeof sqlFunction>;
export type FileCollector = z.output<typeof collector>;

/** What the schema makes of a valid file. Scalars stay under their file keys. */
export interface FileContent {
  readonly targets?: (FileTarget | undefined)[] | null;
  readonly collectors?: Record<string, FileCollector | null | undefined> | null;
  readonly functions?: (FileFunction | undefined)[] | null;
  readonly windows?: (FileWindow | undefined)[] | null;
  readonly [key: string]: unknown;
}
