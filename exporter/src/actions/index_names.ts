/** A name for a new index: readable, at most 63 bytes, not taken. */
import type { ActionSession } from './types.ts';

/** NAMEDATALEN - 1: the server would cut a longer one, in the middle of a character if need be. */
const MAX_BYTES = 63;

/** `text` cut to so many bytes of UTF-8, between characters. */
export function cutBytes(text: string, bytes: number): string {
  let cut = '';
  let used = 0;
  for (const character of text) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    cut += character;
  }
  return cut;
}

const withSuffix = (base: string, suffix: string): string =>
  cutBytes(base, MAX_BYTES - Buffer.byteLength(suffix)) + suffix;

/** Gives out names; one that was given is taken, though nothing has it yet. */
export class IndexNames {
  readonly #session: ActionSession;
  readonly #given = new Set<string>();

  constructor(session: ActionSession) {
    this.#session = session;
  }

  async next(schema: string, table: string, columns: readonly string[]): Promise<string> {
    const base = [table, ...columns].join('_');
    for (let n = 0; ; n++) {
      const name = withSuffix(base, n === 0 ? '_idx' : `_idx${n}`);
      const [{ taken }] = await this.#session.query<{ taken: boolean }>(
        `select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                         where n.nspname = $1 and c.relname = $2) as taken`,
        [schema, name],
      );
      const key = JSON.stringify([schema, name]);
      if (taken || this.#given.has(key)) continue;
      this.#given.add(key);
      return name;
    }
  }
}
