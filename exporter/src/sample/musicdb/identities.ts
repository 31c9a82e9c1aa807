/** Numbers and codes: unique, the same for the same seed, and telling nothing about who is whose duplicate. */
const EPOCH_MS = Date.UTC(2024, 0, 1);
const TWO_YEARS_MS = 2 * 365 * 86_400_000;
/** Odd, so that multiplying by it modulo 2^32 takes no two numbers to the same one. */
const SPREAD = 0x9e3779b1;

/** A bijection of the 32-bit integers. */
const scramble = (n: number, salt: number): number => (Math.imul(n, SPREAD) ^ salt) >>> 0;

export class Identities {
  readonly #salt: number;
  readonly #tracks: number;
  readonly #last = { artist: 0, album: 0 };
  #entity = 0;
  #track = 0;

  constructor(seed: number, tracks: number) {
    this.#salt = scramble(seed + 1, 0);
    this.#tracks = tracks;
  }

  next(kind: 'artist' | 'album'): { id: number; external_id: string } {
    const id = ++this.#last[kind];
    return { id, external_id: `${kind}:${this.#code(id)}` };
  }

  entity(): number {
    return ++this.#entity;
  }

  /** For each row in the order of arrival. */
  track(source: string): { track_id: number; external_id: string; created_at: string } {
    const track_id = ++this.#track;
    return { track_id, external_id: `${source}:${this.#code(track_id)}`, ...this.times() };
  }

  /** How much has arrived by now decides what time it is: two years for the whole database. */
  times(): { created_at: string; updated_at: string } {
    const created_at = instant(EPOCH_MS + Math.floor((this.#track / this.#tracks) * TWO_YEARS_MS));
    return { created_at, updated_at: created_at };
  }

  /** Country, registrant, year and designation, of which the second and the last are the entity's own. */
  isrc(entity: number, country: string, year: number): string {
    const code = scramble(entity, this.#salt);
    const registrant = Math.floor(code / 100_000).toString(36).toUpperCase().padStart(3, '0'); // prettier-ignore
    return `${country}${registrant}${digits(year % 100, 2)}${digits(code % 100_000, 5)}`;
  }

  barcode(id: number): string {
    return `5${digits(scramble(id, this.#salt), 10)}00`;
  }

  #code(id: number): string {
    return scramble(id, this.#salt).toString(36).padStart(7, '0');
  }
}

export const instant = (ms: number): string => new Date(ms).toISOString();

const digits = (value: number, length: number): string => String(value).padStart(length, '0');
