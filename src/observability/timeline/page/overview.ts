import type { Row } from '../rows.js';
import { onceAFrame, part } from './element.js';
import type { Range } from './range.js';

/** Draws how many work items wait and run over the whole recording, to select a range from. */
export class Overview {
  onRange: (range: Range) => void = () => undefined;

  readonly #canvas = part('overview', HTMLCanvasElement);
  readonly #rows: readonly Row[];
  readonly #whole: Range;
  #range: Range;
  /** Where the selection began. */
  #anchor: number | undefined;
  #counted: Counted | undefined;
  readonly draw = onceAFrame(() => {
    this.#draw();
  });

  constructor(rows: readonly Row[], whole: Range) {
    this.#rows = rows;
    this.#whole = this.#range = whole;
    new ResizeObserver(this.draw).observe(this.#canvas);
    for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
      matchMedia(query).addEventListener('change', this.draw);
    }
    this.#canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      this.#canvas.setPointerCapture(event.pointerId);
      this.#anchor = this.#timeAt(event);
    });
    this.#canvas.addEventListener('pointermove', (event) => {
      if (this.#anchor !== undefined) this.#select(this.#anchor, this.#timeAt(event));
    });
    this.#canvas.addEventListener('pointerup', () => (this.#anchor = undefined));
    this.#canvas.addEventListener('pointercancel', () => (this.#anchor = undefined));
    this.#canvas.addEventListener('dblclick', () => {
      this.onRange(this.#whole);
    });
  }

  setRange(range: Range): void {
    this.#range = range;
    this.draw();
  }

  #timeAt({ clientX }: PointerEvent): number {
    const { left, width } = this.#canvas.getBoundingClientRect();
    const share = Math.min(Math.max((clientX - left) / width, 0), 1);
    return this.#whole.from + share * (this.#whole.to - this.#whole.from);
  }

  #select(one: number, other: number): void {
    const from = Math.min(one, other);
    const to = Math.max(one, other);
    // A shorter drag counts as a click.
    if (to - from > (this.#whole.to - this.#whole.from) / 200) this.onRange({ from, to });
  }

  #draw(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    const pen = this.#canvas.getContext('2d');
    if (pen === null || clientWidth === 0) return;
    const ratio = window.devicePixelRatio;
    this.#canvas.width = Math.round(clientWidth * ratio);
    this.#canvas.height = Math.round(clientHeight * ratio);
    pen.scale(ratio, ratio);
    const style = getComputedStyle(this.#canvas);
    const color = (name: string): string => style.getPropertyValue(`--${name}`);
    if (this.#counted?.waiting.length !== clientWidth) {
      this.#counted = count(this.#rows, this.#whole, clientWidth);
    }
    const { waiting, running, failed, most } = this.#counted;
    const unit = (clientHeight - 6) / Math.max(most, 1);
    // Even a single item among many is visible.
    const heightOf = (items: number, minimum: number): number =>
      items > 0 ? Math.max(items * unit, minimum) : 0;
    for (let x = 0; x < clientWidth; x++) {
      const low = heightOf(running[x]!, 3);
      const high = heightOf(waiting[x]!, 1);
      pen.fillStyle = color('wait');
      pen.fillRect(x, clientHeight - low - high, 1, high);
      pen.fillStyle = color('good');
      pen.fillRect(x, clientHeight - low, 1, low);
      pen.fillStyle = color('bad');
      if (failed[x]! > 0) pen.fillRect(x - 1, 0, 3, 5);
    }
    const at = (time: number): number =>
      ((time - this.#whole.from) / (this.#whole.to - this.#whole.from)) * clientWidth;
    const left = at(this.#range.from);
    const right = Math.max(at(this.#range.to), left + 2);
    pen.fillStyle = color('veil');
    pen.fillRect(0, 0, left, clientHeight);
    pen.fillRect(right, 0, clientWidth - right, clientHeight);
    pen.strokeStyle = color('ink');
    pen.strokeRect(left + 0.5, 0.5, Math.max(right - left - 1, 1), clientHeight - 1);
  }
}

interface Counted {
  readonly waiting: Int32Array;
  readonly running: Int32Array;
  readonly failed: Int32Array;
  readonly most: number;
}

/** Counts the work items in each of `parts` equal parts of the time. */
const count = (rows: readonly Row[], whole: Range, parts: number): Counted => {
  const waiting = new Int32Array(parts);
  const running = new Int32Array(parts);
  const failed = new Int32Array(parts);
  const partOf = (time: number): number =>
    Math.min(Math.floor(((time - whole.from) / (whole.to - whole.from)) * parts), parts - 1);
  const add = (to: Int32Array, first: number, after: number): void => {
    to[first]!++;
    if (after < parts) to[after]!--;
  };
  for (const { kind, from, middle, to, isBad } of rows) {
    if (kind !== 'work') continue;
    if (isBad) failed[partOf(to)]!++;
    // An item counts once in every part that it touches.
    const turn = middle === undefined ? partOf(to) + 1 : Math.max(partOf(middle), partOf(from));
    if (turn > partOf(from)) add(waiting, partOf(from), turn);
    if (middle !== undefined) add(running, turn, partOf(to) + 1);
  }
  let most = 0;
  for (let x = 1; x < parts; x++) {
    waiting[x]! += waiting[x - 1]!;
    running[x]! += running[x - 1]!;
  }
  for (let x = 0; x < parts; x++) most = Math.max(most, waiting[x]! + running[x]!);
  return { waiting, running, failed, most };
};
