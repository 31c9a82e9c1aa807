/** Values of a workload's parameters. What is drawn depends on the seed and on nothing else, but for sequences. */
import { type Random, randomFrom } from './random.ts';
import type { Generator, Statement } from './schema.ts';
import { zipf } from './zipf.ts';

export type Value = string | number | boolean | null;

/** What the queries of `query` generators have found, by their SQL. */
export type Found = Readonly<Record<string, readonly (string | null)[]>>;

/** The next statement to send: its place in the workload, and the values of each of its steps. */
export interface Drawn {
  readonly statement: number;
  readonly values: readonly (readonly Value[])[];
}

type Draw = (random: Random) => Value;

/** Six bits each. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Lives as long as the run: its sequences go on from segment to segment. */
export class Parameters {
  /** By statement, step and parameter. */
  readonly #draws: readonly (readonly (readonly Draw[])[])[];
  /** Sums of the weights up to each statement. */
  readonly #weights: readonly number[];

  /** @throws RangeError naming the statement, where a range is empty or a query has found nothing. */
  constructor(statements: readonly Statement[], found: Found) {
    this.#draws = statements.map(({ name, steps }) =>
      steps.map(({ parameters }) =>
        parameters.map((generator, i) => {
          try {
            return drawOf(generator, found);
          } catch (error) {
            throw new RangeError(`statement ${name}, $${i + 1}: ${(error as Error).message}`, { cause: error });
          }
        }),
      ),
    );
    let sum = 0;
    this.#weights = statements.map(({ weight }) => (sum += weight));
  }

  /** For one segment: the same seed gives the same statements with the same values in the same order. */
  from(seed: number): () => Drawn {
    const random = randomFrom(seed);
    const total = this.#weights.at(-1)!;
    return () => {
      const at = random.fraction() * total;
      // The last one, where rounding lets none be above.
      const statement = Math.max(0, this.#weights.length > 1 ? this.#weights.findIndex((sum) => at < sum) : 0);
      return { statement, values: this.#draws[statement].map((step) => step.map((draw) => draw(random))) };
    };
  }
}

function drawOf(generator: Generator, found: Found): Draw {
  switch (generator.kind) {
    case 'uniform': {
      const { from, to } = ordered(generator);
      return (random) => random.whole(from, to);
    }
    case 'zipf': {
      const { from, to } = ordered(generator);
      const rank = zipf(to - from + 1, generator.exponent);
      return (random) => from + rank(random) - 1;
    }
    case 'sequence': {
      let next = generator.from;
      return () => {
        const value = next;
        next += generator.step;
        return value;
      };
    }
    case 'choice':
      return oneOf(generator.of);
    case 'text':
      return (random) => text(random, generator.length);
    case 'query': {
      const values = found[generator.sql];
      if (!values?.length) throw new RangeError(`its query finds no value: ${generator.sql}`);
      return oneOf(values);
    }
  }
}

function ordered<T extends { from: number; to: number }>(range: T): T {
  if (range.from > range.to) throw new RangeError(`from ${range.from} is above to ${range.to}`);
  if (range.to - range.from >= Number.MAX_SAFE_INTEGER) throw new RangeError('the range has more numbers than 2^53');
  return range;
}

const oneOf =
  (values: readonly Value[]): Draw =>
  (random) =>
    values[random.whole(0, values.length - 1)];

function text(random: Random, length: number): string {
  let all = '';
  while (all.length < length) {
    // Five letters of 32 bits.
    for (let bits = random.bits(), i = 0; i < 5; i++, bits >>>= 6) all += LETTERS[bits & 63];
  }
  return all.slice(0, length);
}
