import type { Row } from '../rows.js';
import { tookText } from '../words.js';
import { make, onceAFrame, part } from './element.js';
import type { Range } from './range.js';
import { barInWords, markOf } from './row-text.js';
import type { Tree } from './tree.js';

/** The height of a row in pixels, as in the style sheet. */
const HEIGHT = 26;
/** How many rows above and below the visible ones are rendered as well. */
const SPARE = 6;

interface Drawn {
  readonly element: HTMLElement;
  readonly bars: HTMLElement;
  readonly row: Row;
}

/**
 * Renders the visible rows and the active one, so that a timeline of any length appears at once. Rows
 * that are scrolled out of view have no elements.
 */
export class Grid {
  /** The number of the row that keys act on. */
  active = 0;
  onActive: (index: number) => void = () => undefined;

  readonly element = part('grid', HTMLElement);
  readonly scroller = part('scroller', HTMLElement);
  readonly #sizer = part('rows', HTMLElement);
  readonly #drawn = new Map<number, Drawn>();
  readonly #rows: readonly Row[];
  readonly #tree: Tree;
  #range: Range;
  /** How many rows are rendered while the page is printed. */
  #printed: number | undefined;
  readonly #draw = onceAFrame(() => {
    this.draw();
  });

  constructor(rows: readonly Row[], tree: Tree, range: Range) {
    this.#rows = rows;
    this.#tree = tree;
    this.#range = range;
    this.scroller.addEventListener('scroll', this.#draw);
    new ResizeObserver(this.#draw).observe(this.scroller);
    this.#sizer.addEventListener('focusin', ({ target }) => {
      const index = this.indexAt(target);
      if (index !== undefined) this.#activate(index);
    });
    this.rearrange();
  }

  /** The number of the row that contains the target of an event. */
  indexAt(target: EventTarget | null): number | undefined {
    const element = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
    return element === null ? undefined : Number(element.dataset['index']);
  }

  setRange(range: Range): void {
    this.#range = range;
    for (const drawn of this.#drawn.values()) this.#drawBars(drawn);
  }

  /** Called after rows were folded or filtered. The nearest row that is left becomes active. */
  rearrange(): void {
    const { visible } = this.#tree;
    const hadFocus = this.#sizer.contains(document.activeElement);
    this.#sizer.style.height = `${visible.length * HEIGHT}px`;
    this.element.setAttribute('aria-rowcount', String(visible.length + 1));
    this.#drawn.clear();
    this.#sizer.replaceChildren();
    const nearest = visible[this.#tree.positionOf(this.active)];
    if (nearest !== undefined) this.#activate(nearest);
    this.draw();
    if (hadFocus) this.focus();
  }

  /** Renders the first `count` rows for a printer; with `undefined`, the visible rows again. */
  print(count: number | undefined): void {
    this.#printed = count;
    this.draw();
  }

  focus(): void {
    this.#drawn.get(this.active)?.element.focus({ preventScroll: true });
  }

  /** Makes the row active, focuses it and scrolls it into view. */
  go(index: number): void {
    this.#activate(index);
    const top = this.#tree.positionOf(index) * HEIGHT;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + HEIGHT > scrollTop + clientHeight) this.scroller.scrollTop = top + HEIGHT - clientHeight;
    this.draw();
    this.focus();
  }

  /** Moves up or down by a number of rows. */
  step(by: number): void {
    const { visible } = this.#tree;
    const position = Math.min(Math.max(this.#tree.positionOf(this.active) + by, 0), visible.length - 1);
    const index = visible[position];
    if (index !== undefined) this.go(index);
  }

  get visibleRows(): number {
    return Math.max(1, Math.floor(this.scroller.clientHeight / HEIGHT) - 1);
  }

  #activate(index: number): void {
    if (index !== this.active) {
      this.#drawn.get(this.active)?.element.setAttribute('tabindex', '-1');
      this.#drawn.get(index)?.element.setAttribute('tabindex', '0');
    }
    this.active = index;
    this.onActive(index);
  }

  draw(): void {
    const { visible } = this.#tree;
    const { scrollTop, clientHeight } = this.scroller;
    const lastVisible = Math.ceil((scrollTop + clientHeight) / HEIGHT) + SPARE;
    const first = this.#printed === undefined ? Math.max(0, Math.floor(scrollTop / HEIGHT) - SPARE) : 0;
    const wanted = new Set<number>(visible.slice(first, this.#printed ?? lastVisible));
    if (visible.length > 0 && this.#printed === undefined) wanted.add(this.active);

    for (const [index, { element }] of this.#drawn) {
      if (wanted.has(index)) continue;
      element.remove();
      this.#drawn.delete(index);
    }
    // Screen readers follow the order of the elements.
    let next = this.#sizer.firstElementChild;
    for (const index of [...wanted].toSorted((a, b) => a - b)) {
      const drawn = this.#drawn.get(index);
      if (drawn?.element === next) next = next?.nextElementSibling ?? null;
      else this.#sizer.insertBefore(this.#make(index), next);
    }
  }

  #make(index: number): HTMLElement {
    const row = this.#rows[index]!;
    const position = this.#tree.positionOf(index);
    const element = make('div', `row ${row.kind}${row.isBad ? ' bad' : ''}`);
    element.dataset['index'] = String(index);
    element.style.top = `${position * HEIGHT}px`;
    element.tabIndex = index === this.active ? 0 : -1;
    element.setAttribute('role', 'row');
    element.setAttribute('aria-rowindex', String(position + 2));
    element.setAttribute('aria-level', String(row.depth + 1));

    const name = cell('name');
    name.style.setProperty('--depth', String(row.depth));
    const twisty = hidden('twisty', '');
    if (this.#tree.hasRowsBelow(index)) {
      const folded = this.#tree.isFolded(index);
      element.setAttribute('aria-expanded', String(!folded));
      twisty.textContent = folded ? '▸' : '▾';
    }
    name.append(twisty, hidden('mark', markOf(row)), make('span', 'label', row.label));
    const when = cell('when');
    const bars = hidden('bars', '');
    when.append(bars, make('span', 'unseen', barInWords(row)));
    if (row.reason !== undefined) when.append(make('span', 'unseen', row.reason));
    element.append(name, cell('state', row.state), cell('took', tookText(row.took)), when);

    const drawn = { element, bars, row };
    this.#drawn.set(index, drawn);
    this.#drawBars(drawn);
    return element;
  }

  #drawBars({ bars, row }: Drawn): void {
    const { from, to } = this.#range;
    const share = (time: number): number =>
      Math.min(Math.max((time - from) / (to - from), -0.01), 1.01) * 100;
    const bar = (className: string, start: number, end: number): HTMLElement => {
      const element = make('i', className);
      element.style.left = `${share(start)}%`;
      element.style.width = `${share(end) - share(start)}%`;
      return element;
    };
    bars.className = 'bars';
    if (row.to < from) bars.classList.add('earlier');
    if (row.from > to) bars.classList.add('later');
    const turn = row.middle ?? row.to;
    const all = [bar('first', row.from, turn)];
    if (row.middle !== undefined) all.push(bar('second', turn, row.to));
    if (!row.hasEnded) all.at(-1)!.classList.add('open');
    bars.replaceChildren(...all);
  }
}

const cell = (className: string, text = ''): HTMLElement => {
  const element = make('div', className, text);
  element.setAttribute('role', 'gridcell');
  return element;
};

/** An element hidden from screen readers, whose content has a text alternative. */
const hidden = (className: string, text: string): HTMLElement => {
  const element = make('span', className, text);
  element.setAttribute('aria-hidden', 'true');
  return element;
};
