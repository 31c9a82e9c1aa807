import type { Entries } from './codec.ts';

/** Totals of all lives at one point: a keyframe with the changes after it laid over. */
export class Totals {
  /** Life → row of the columns. */
  readonly rows = new Map<number, number>();
  /** May be longer than there are rows. */
  readonly columns: Float64Array[];
  readonly #ids: number[] = [];

  constructor(width: number) {
    this.columns = Array.from({ length: width }, () => new Float64Array(0));
  }

  get ids(): readonly number[] {
    return this.#ids;
  }

  /** Later points win. @param wanted only these; default all. */
  lay({ ids, columns }: Entries, wanted?: ReadonlySet<number>): void {
    if (this.#ids.length === 0 && wanted === undefined) return this.#adopt(ids, columns);
    for (let entry = 0; entry < ids.length; entry++) {
      const id = ids[entry];
      if (wanted !== undefined && !wanted.has(id)) continue;
      const row = this.rowOf(id);
      for (let column = 0; column < this.columns.length; column++) this.columns[column][row] = columns[column][entry];
    }
  }

  /** Begins with zeros where it is new. */
  rowOf(id: number): number {
    return this.rows.get(id) ?? this.#append(id);
  }

  has(id: number): boolean {
    return this.rows.has(id);
  }

  /** 0 for a life that had not begun. */
  get(id: number, column: number): number {
    const row = this.rows.get(id);
    return row === undefined ? 0 : this.columns[column][row];
  }

  /** All columns of one life; zeros for one that had not begun. */
  values(id: number): Float64Array {
    const row = this.rows.get(id);
    return Float64Array.from(this.columns, (column) => (row === undefined ? 0 : column[row]));
  }

  /** The keyframe as it is: copying it column by column is most of the work otherwise. */
  #adopt(ids: Float64Array, columns: readonly Float64Array[]): void {
    for (let entry = 0; entry < ids.length; entry++) {
      this.rows.set(ids[entry], entry);
      this.#ids.push(ids[entry]);
    }
    for (let column = 0; column < this.columns.length; column++) this.columns[column] = columns[column].slice();
  }

  #append(id: number): number {
    const row = this.#ids.push(id) - 1;
    this.rows.set(id, row);
    if (row >= this.columns[0].length) {
      for (const [place, column] of this.columns.entries()) {
        this.columns[place] = new Float64Array(Math.max(64, column.length * 2));
        this.columns[place].set(column);
      }
    }
    return row;
  }
}
