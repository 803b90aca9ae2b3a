import type { Row } from '../rows.js';

/** Determines which rows of a timeline are visible, given folding and the filter. */
export class Tree {
  /** The numbers of the visible rows, from the top down. */
  visible: readonly number[] = [];
  /** How many rows match the filter. */
  matches: number;

  readonly #rows: readonly Row[];
  readonly #parent: Int32Array;
  /** For each row, the number of the first later row that is not below it. */
  readonly #end: Int32Array;
  #folded = new Set<number>();
  #foldedBefore: Set<number> | undefined;
  #matching: Uint8Array | undefined;
  #shown: Uint8Array | undefined;

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
    this.matches = rows.length;
    this.#parent = new Int32Array(rows.length).fill(-1);
    this.#end = new Int32Array(rows.length).fill(rows.length);
    const above: number[] = [];
    for (const [index, { depth }] of rows.entries()) {
      while (above.length > depth) this.#end[above.pop()!] = index;
      this.#parent[index] = above.at(-1) ?? -1;
      above.push(index);
    }
    this.#arrange();
  }

  parentOf(index: number): number | undefined {
    const parent = this.#parent[index]!;
    return parent < 0 ? undefined : parent;
  }

  hasRowsBelow(index: number): boolean {
    return this.#end[index]! > index + 1;
  }

  isFolded(index: number): boolean {
    return this.#folded.has(index);
  }

  /** The position of the row among the visible ones, or of the nearest visible row above it. */
  positionOf(index: number): number {
    let low = 0;
    let high = this.visible.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.visible[middle]! <= index) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  fold(index: number, folded: boolean): void {
    if (folded) this.#folded.add(index);
    else this.#folded.delete(index);
    this.#arrange();
  }

  /** Folds or unfolds every row that has rows below it. */
  foldAll(folded: boolean): void {
    this.#folded.clear();
    if (folded) {
      for (const index of this.#rows.keys()) if (this.hasRowsBelow(index)) this.#folded.add(index);
    }
    this.#arrange();
  }

  /** Shows only rows with all the words in their label, state or reason, and the rows above them. */
  filter(words: string): void {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    this.#foldedBefore ??= this.#folded;
    this.#folded = wanted.length === 0 ? this.#foldedBefore : new Set();
    if (wanted.length === 0) {
      this.#foldedBefore = this.#matching = this.#shown = undefined;
      this.matches = this.#rows.length;
    } else {
      this.#match(wanted);
    }
    this.#arrange();
  }

  /** The next failed row that matches the filter. The search wraps around. */
  nextFailure(from: number, step: 1 | -1): number | undefined {
    const { length } = this.#rows;
    for (let distance = 1; distance <= length; distance++) {
      const index = (from + distance * step + length * 2) % length;
      if (this.#rows[index]!.isBad && this.#matching?.[index] !== 0) return index;
    }
    return undefined;
  }

  /** Unfolds the rows above the row. */
  reveal(index: number): void {
    for (let above = this.#parent[index]!; above >= 0; above = this.#parent[above]!)
      this.#folded.delete(above);
    this.#arrange();
  }

  #match(wanted: readonly string[]): void {
    const matching = new Uint8Array(this.#rows.length);
    const shown = new Uint8Array(this.#rows.length);
    this.matches = 0;
    for (const [index, { label, state, reason = '' }] of this.#rows.entries()) {
      const text = `${label}\n${state}\n${reason}`.toLowerCase();
      if (!wanted.every((word) => text.includes(word))) continue;
      this.matches++;
      matching[index] = 1;
      for (let row = index; row >= 0 && shown[row] === 0; row = this.#parent[row]!) shown[row] = 1;
    }
    this.#matching = matching;
    this.#shown = shown;
  }

  #arrange(): void {
    const visible: number[] = [];
    const { length } = this.#rows;
    for (let index = 0; index < length;) {
      if (this.#shown?.[index] === 0) {
        index++;
        continue;
      }
      visible.push(index);
      index = this.#folded.has(index) ? this.#end[index]! : index + 1;
    }
    this.visible = visible;
  }
}
