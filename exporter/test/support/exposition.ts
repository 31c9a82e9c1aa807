/**
 * A strict reader of Prometheus' text format 0.0.4: what Prometheus would forgive (a family in two places, a sample
 * before its TYPE) is an Error here, with the line's number.
 */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** As written, for counters beyond 2^53. */
  readonly text: string;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: Sample[];
}

export class Samples {
  readonly families: ReadonlyMap<string, Family>;

  constructor(families: ReadonlyMap<string, Family>) {
    this.families = families;
  }

  /** All samples of that name whose labels include these. */
  series(name: string, labels: Readonly<Record<string, string>> = {}): Sample[] {
    const family = this.families.get(name) ?? this.families.get(name.replace(SUFFIX, ''));
    return (family?.samples ?? []).filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
  }

  /** The one sample that fits, or undefined. @throws Error when several do. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.series(name, labels);
    if (found.length > 1) throw new Error(`${found.length} series fit ${name} ${JSON.stringify(labels)}`);
    return found[0]?.value;
  }

  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.series(name, labels).reduce((sum, sample) => sum + sample.value, 0);
  }
}

const SUFFIX = /_(bucket|sum|count)$/;
const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped'];
const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*/;
/** `Nan` is how prom-client writes it, and Go reads it. */
const VALUE = /^([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]Inf|NaN|Nan)$/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', '"': '"', n: '\n' };

/** @throws Error naming the line. */
export function parseExposition(text: string): Samples {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let current: Family | undefined;
  let help: { name: string; text: string } | undefined;
  text
    .slice(0, -1)
    .split('\n')
    .forEach((line, index) => {
      const fail = (what: string): never => {
        throw new Error(`line ${index + 1}: ${what}: ${line.slice(0, 300)}`);
      };
      const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
      if (comment?.[1] === 'HELP') {
        if (families.has(comment[2])) fail('the family stands in two places');
        help = { name: comment[2], text: comment[3] };
        if (/\\[^\\n]|\\$/.test(comment[3].replaceAll('\\\\', ''))) fail('a wrong escape in HELP');
        return;
      }
      if (comment) {
        const [, , name, type] = comment;
        if (!TYPES.includes(type)) fail('no such type');
        if (help?.name !== name) fail('TYPE without its HELP right before');
        current = { name, help: help!.text, type, samples: [] };
        families.set(name, current);
        return;
      }
      if (line.startsWith('#')) fail('neither HELP nor TYPE');
      // prom-client sets its families apart.
      if (line === '') return;
      const sample = parseSample(line, fail);
      if (current === undefined || !belongs(sample, current)) return fail('outside its family');
      const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (seen.has(key)) fail('the same series again');
      seen.add(key);
      current.samples.push(sample);
    });
  for (const family of families.values()) {
    // prom-client keeps the header of its own families that have nothing to say.
    if (family.samples.length === 0 && !family.name.startsWith('nodejs_')) {
      throw new Error(`${family.name} has a header and no sample`);
    }
  }
  return new Samples(families);
}

function belongs({ name, labels }: Sample, { name: family, type }: Family): boolean {
  if (name === family) return type !== 'histogram' && (type !== 'summary' || labels.quantile !== undefined);
  if (type !== 'histogram' && type !== 'summary') return false;
  if (name.replace(SUFFIX, '') !== family) return false;
  return !name.endsWith('_bucket') || (type === 'histogram' && labels.le !== undefined);
}

function parseSample(line: string, fail: (what: string) => never): Sample {
  const name = METRIC.exec(line)?.[0] ?? fail('no metric name');
  const labels: Record<string, string> = {};
  let rest = line.slice(name.length);
  if (rest.startsWith('{')) {
    rest = rest.slice(1);
    while (!rest.startsWith('}')) {
      const label = LABEL.exec(rest)?.[0] ?? fail('no label name');
      if (Object.hasOwn(labels, label)) fail(`label ${label} twice`);
      rest = rest.slice(label.length);
      if (!rest.startsWith('="')) fail('no value for a label');
      const { value, length } = parseQuoted(rest.slice(2), fail);
      labels[label] = value;
      rest = rest.slice(2 + length);
      if (rest.startsWith(',')) rest = rest.slice(1);
      else if (!rest.startsWith('}')) fail('labels without a comma between them');
    }
    rest = rest.slice(1);
  }
  if (!rest.startsWith(' ')) fail('no space before the value');
  const text = rest.slice(1);
  if (!VALUE.test(text)) fail('not a number');
  return { name, labels, value: Number(text.replace('Inf', 'Infinity')), text };
}

/** @param text behind the opening quote. @returns the value, and how long it was with its closing quote. */
function parseQuoted(text: string, fail: (what: string) => never): { value: string; length: number } {
  let value = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') return { value, length: i + 1 };
    if (text[i] === '\\') value += ESCAPES[text[++i]] ?? fail('a wrong escape in a label');
    else value += text[i];
  }
  return fail('a label value without end');
}
