import type { Entries } from './codec.ts';

/** Totals of all lives at one point: a keyframe with the changes after it laid over. */
export class Totals {
  #ids: Float64Array = new Float64Array(0);
  #columns: Float64Array[];

  constructor(width: number) {
    this.#columns = Array.from({ length: width }, () => new Float64Array(0));
  }

  /** Lives, ascending: two points are compared side by side, without looking anything up. */
  get ids(): Float64Array {
    return this.#ids;
  }

  /** In the order of `ids`. */
  get columns(): readonly Float64Array[] {
    return this.#columns;
  }

  has(id: number): boolean {
    return this.#rowOf(id) >= 0;
  }

  /** 0 for a life that had not begun. */
  get(id: number, column: number): number {
    const row = this.#rowOf(id);
    return row < 0 ? 0 : this.#columns[column][row];
  }

  /** All columns of one life; zeros for one that had not begun. */
  values(id: number): Float64Array {
    const row = this.#rowOf(id);
    return Float64Array.from(this.#columns, (column) => (row < 0 ? 0 : column[row]));
  }

  /** Later points win. The columns of a keyframe, where it is the first, are this one's own from then on. @param wanted only these; default all. */
  lay({ ids, columns }: Entries, wanted?: { has(life: number): boolean }): void {
    if (this.#ids.length === 0 && wanted === undefined && isAscending(ids)) {
      this.#ids = ids;
      this.#columns = columns.slice(0, this.#columns.length);
      return;
    }
    const chosen: number[] = [];
    const fresh: number[] = [];
    let rows: number[] = [];
    for (let entry = 0; entry < ids.length; entry++) {
      const id = ids[entry];
      if (wanted !== undefined && !wanted.has(id)) continue;
      const row = this.#rowOf(id);
      chosen.push(entry);
      rows.push(row);
      if (row < 0) fresh.push(id);
    }
    if (fresh.length > 0) {
      this.#make(fresh);
      rows = chosen.map((entry) => this.#rowOf(ids[entry]));
    }
    for (let place = 0; place < this.#columns.length; place++) {
      const [column, values] = [this.#columns[place], columns[place]];
      for (let i = 0; i < rows.length; i++) column[rows[i]] = values[chosen[i]];
    }
  }

  /** Rows of zeros for lives that are new: mostly behind the others, as ids are given in order. */
  #make(fresh: readonly number[]): void {
    const before = this.#ids;
    const ids = new Float64Array(before.length + fresh.length);
    ids.set(before);
    ids.set(fresh, before.length);
    this.#ids = ids.sort();
    const rows = Array.from(before, (id) => this.#rowOf(id));
    this.#columns = this.#columns.map((column) => {
      const wider = new Float64Array(ids.length);
      for (let row = 0; row < rows.length; row++) wider[rows[row]] = column[row];
      return wider;
    });
  }

  /** -1: it had not begun. */
  #rowOf(id: number): number {
    const ids = this.#ids;
    let low = 0;
    let high = ids.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const there = ids[middle];
      if (there === id) return middle;
      if (there < id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

function isAscending(ids: Float64Array): boolean {
  for (let entry = 1; entry < ids.length; entry++) if (ids[entry] <= ids[entry - 1]) return false;
  return true;
}

/** That nobody may change any more. */
export type KnownTotals = Pick<Totals, 'ids' | 'columns' | 'has'>;
