/** Raw data of a part, a line for each finished piece: what was measured once is not measured again. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Line {
  /** Number within the part, and what was asked. */
  readonly key: string;
  readonly value: unknown;
}

export class Kept {
  readonly #file: string;
  readonly #lines = new Map<string, unknown>();

  /** @param part also the file's name. */
  constructor(folder: string, part: string) {
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, `${part}.jsonl`);
    const whole = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : '';
    // What stands after the last end of a line was cut off in the middle, and would spoil the line that is added.
    const complete = whole.slice(0, whole.lastIndexOf('\n') + 1);
    if (complete !== whole) writeFileSync(this.#file, complete);
    for (const line of complete.split('\n').filter(Boolean)) {
      const { key, value } = JSON.parse(line) as Line;
      this.#lines.set(key, value);
    }
  }

  /** @param asked all that the piece depends on: where it is another, the piece is measured anew. */
  async piece<T>(name: string, asked: unknown, measure: () => Promise<T>): Promise<T> {
    const key = `${name} ${JSON.stringify(asked)}`;
    if (this.#lines.has(key)) return this.#lines.get(key) as T;
    const value = await measure();
    appendFileSync(this.#file, `${JSON.stringify({ key, value } satisfies Line)}\n`);
    this.#lines.set(key, value);
    return value;
  }
}
