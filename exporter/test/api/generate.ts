/** Random requests, made from the OpenAPI that the exporter serves: some as it says, some as nobody should. */
import fc from 'fast-check';
import { ROLES } from '../../src/contract/index.ts';

type Schema = Readonly<Record<string, unknown>>;

export interface OpenApi {
  readonly paths: Record<string, Record<string, Operation>>;
}
interface Operation {
  readonly parameters: { name: string; in: 'path' | 'query'; required: boolean; schema: Schema }[];
  readonly requestBody?: { content: { 'application/json': { schema: Schema } } };
}

export interface RandomRequest {
  readonly method: string;
  /** As the OpenAPI has it: `/api/v1/jobs/{id}`. */
  readonly template: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly contentType: string;
  readonly role: string;
}

/** Values by name of the field that lead further than random ones. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

const HOSTILE_TEXTS = [
  `'; drop table t; --`,
  `"; drop table t; --`,
  `$$; drop schema public cascade; $$`,
  `1); select pg_sleep(60); --`,
  `%s%I%L`,
  `\\'; copy t to program 'true'; --`,
  `../../etc/passwd`,
  `\u0000`,
  `a\u0000options\u0000-c default_transaction_read_only=off`,
  `\ud800`,
  `ﷺ💡'"`,
  '',
  ' ',
  'null',
  '__proto__',
  'constructor',
  'toString',
  '-1',
  '1e308',
  '0x10',
  '9223372036854775808',
  '-9223372036854775808',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  'x'.repeat(1000),
];
const text = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...HOSTILE_TEXTS) },
  fc.string({ unit: 'binary', maxLength: 70 }),
);
const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -1, 1, 2147483647, 2147483648, 4294967295, 4294967296, 9007199254740991, 1e308),
);
const wrong = fc.oneof(
  text,
  number,
  fc.constantFrom(null, true, false, [], {}, [[]], { a: 1 }, [null], { __proto__: 1 }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Mostly as the schema says. */
function valueOf(schema: Schema, name: string, known: Known): fc.Arbitrary<unknown> {
  const choices: fc.WeightedArbitrary<unknown>[] = [{ weight: 6, arbitrary: asSaid(schema, name, known) }];
  if (known[name] !== undefined) choices.push({ weight: 20, arbitrary: fc.constantFrom(...known[name]) });
  return fc.oneof(...choices, { weight: 1, arbitrary: wrong });
}

function asSaid(schema: Schema, name: string, known: Known): fc.Arbitrary<unknown> {
  const { enum: choices, const: constant, anyOf, type, format } = schema;
  if (Array.isArray(choices)) return fc.constantFrom(...(choices as unknown[]));
  if (constant !== undefined) return fc.constant(constant);
  if (Array.isArray(anyOf)) return fc.oneof(...(anyOf as Schema[]).map((one) => asSaid(one, name, known)));
  if (type === 'integer') {
    const { minimum = -1000, maximum = 1000 } = schema as { minimum?: number; maximum?: number };
    return fc.oneof(
      fc.integer({ min: minimum, max: Math.min(maximum, 2147483647) }),
      fc.constantFrom(minimum, maximum),
    );
  }
  if (type === 'number') return number;
  if (type === 'boolean') return fc.boolean();
  if (format === 'date-time')
    return fc
      .date({ noInvalidDate: true, min: new Date('1990-01-01'), max: new Date('2100-01-01') })
      .map((date) => date.toISOString());
  if (type === 'array') return fc.array(valueOf(schema.items as Schema, name, known), { maxLength: 4 });
  if (type === 'object') return objectOf(schema, known);
  const { maxLength = 50 } = schema as { maxLength?: number };
  return fc.oneof(
    fc.string({ maxLength: Math.min(maxLength, 80) }),
    text,
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }).map(String),
    fc.uuid(),
  );
}

function objectOf({ properties = {}, required = [] }: Schema, known: Known): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.entries(properties as Record<string, Schema>);
  const needed = required as string[];
  return fc
    .tuple(
      fc.record(
        Object.fromEntries(fields.map(([name, schema]) => [name, fc.tuple(fc.nat(9), valueOf(schema, name, known))])),
      ),
      fc.oneof(
        { weight: 9, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.dictionary(text, wrong, { maxKeys: 2 }) },
      ),
    )
    .map(([drawn, more]) => ({
      ...Object.fromEntries(
        Object.entries(drawn as Record<string, [number, unknown]>).flatMap(([name, [chance, value]]) =>
          chance < (needed.includes(name) ? 9 : 3) ? [[name, value]] : [],
        ),
      ),
      ...more,
    }));
}

const inUrl = (value: unknown): string => {
  const written = typeof value === 'string' ? value : JSON.stringify(value);
  return encodeURIComponent(written.toWellFormed());
};

/** Every operation as often as any other. */
export function requests(api: OpenApi, known: Known): fc.Arbitrary<RandomRequest> {
  const operations = Object.entries(api.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, operation]) => requestOf(template, method.toUpperCase(), operation, known)),
  );
  return fc.oneof(...operations);
}

function requestOf(
  template: string,
  method: string,
  { parameters, requestBody }: Operation,
  known: Known,
): fc.Arbitrary<RandomRequest> {
  const properties = (place: 'path' | 'query'): Schema => {
    const of = parameters.filter((one) => one.in === place);
    return {
      properties: Object.fromEntries(of.map(({ name, schema }) => [name, schema])),
      required: of.filter(({ required }) => required).map(({ name }) => name),
    };
  };
  const schema = requestBody?.content['application/json'].schema ?? {};
  const json = fc
    .oneof({ weight: 9, arbitrary: objectOf(schema, known) }, { weight: 1, arbitrary: wrong })
    .map((value) => JSON.stringify(value));
  const body =
    method === 'GET'
      ? fc.constant(undefined)
      : fc.oneof(
          { weight: 30, arbitrary: json },
          { weight: 1, arbitrary: text },
          {
            weight: 1,
            arbitrary: fc.constantFrom(
              '{',
              '[',
              '{"a":',
              `"${'x'.repeat(70_000)}"`,
              '['.repeat(30_000),
              '{"a":1,"a":2}',
            ),
          },
        );
  return fc
    .record({
      path: objectOf(properties('path'), known),
      query: objectOf(properties('query'), known),
      /** Not decodable, or more of the path than there is. */
      spoilt: fc.oneof(
        { weight: 40, arbitrary: fc.constant('') },
        fc.constantFrom('%', '%zz', '%c0%ae', '/', '/..', '%2f..', ';a=b'),
      ),
      body,
      contentType: fc.oneof(
        { weight: 30, arbitrary: fc.constant('application/json') },
        fc.constantFrom('text/plain', 'application/json; charset=utf-7', 'multipart/form-data', 'application/JSON'),
      ),
      role: fc.constantFrom(...ROLES),
    })
    .map(({ path, query, spoilt, ...rest }) => {
      const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => inUrl(path[name] ?? 'x'));
      const pairs = Object.entries(query).map(([name, value]) => `${inUrl(name)}=${inUrl(value)}`);
      return { ...rest, method, template, path: `${filled}${spoilt}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}` };
    });
}
