// The script of the page that `timelineToHtml` generates.
import { rowsOf } from '../rows.js';
import { columns } from '../columns.js';
import type { Row } from '../rows.js';
import type { Timeline } from '../timeline.js';
import { beyondTheLimit, deferredAt, headline, ms, numbered } from '../words.js';
import { make, onceAFrame, part } from './element.js';
import { Grid } from './grid.js';
import { Overview } from './overview.js';
import { around, moved, ticks, zoomed } from './range.js';
import type { Range, Tick } from './range.js';
import { barInWords } from './row-text.js';
import { Tree } from './tree.js';

/** How many rows fit into the tallest element that browsers support. */
const MOST_ROWS = 500_000;
/** How many rows are printed, on about thirty pages. */
const PRINTED_ROWS = 1000;

const start = (): void => {
  const timeline = JSON.parse(part('timeline', HTMLElement).textContent) as Timeline;
  const all = rowsOf(timeline);
  const rows = all.length > MOST_ROWS ? all.slice(0, MOST_ROWS) : all;
  const whole: Range = { from: 0, to: timeline.duration > 0 ? timeline.duration : 1 };
  part('app', HTMLElement).hidden = false;
  showHeadline(timeline, all.length - rows.length);

  const tree = new Tree(rows);
  fitNames(rows);
  const grid = new Grid(rows, tree, whole);
  const overview = new Overview(rows, whole);
  const view = new View(whole, grid, overview);
  const details = (index: number): void => {
    showDetails(rows[index]);
  };
  grid.onActive = details;
  details(grid.active);
  const nothing = part('nothing', HTMLElement);
  const showNothing = (why: string): void => {
    nothing.textContent = why;
    nothing.hidden = false;
    showDetails(undefined);
  };
  if (rows.length === 0) {
    showNothing('Nothing was recorded.');
    for (const id of ['overview', 'grid']) part(id, HTMLElement).hidden = true;
  }

  const found = part('found', HTMLElement);
  const filter = part('filter', HTMLInputElement);
  const applyFilter = onceAFrame(() => {
    tree.filter(filter.value);
    grid.rearrange();
    found.textContent = filter.value.trim() === '' ? '' : `${numbered(tree.matches, 'row')} found`;
    if (rows.length === 0) return;
    nothing.hidden = true;
    if (tree.visible.length > 0) grid.scroller.scrollTop = 0;
    else showNothing('No row matches by name, state or reason.');
  });
  filter.addEventListener('input', applyFilter);
  filter.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      filter.value = '';
      applyFilter();
    } else if (event.key === 'ArrowDown') {
      // The rows have the focus by then, and the key would scroll them.
      event.preventDefault();
      grid.go(grid.active);
    }
  });

  const goToFailure = (step: 1 | -1): void => {
    const index = tree.nextFailure(grid.active, step);
    if (index === undefined) {
      found.textContent = 'Nothing failed';
      return;
    }
    tree.reveal(index);
    grid.rearrange();
    grid.go(index);
    const { from, to } = rows[index]!;
    if (from > view.range.to || to < view.range.from) view.show(around(from, to, whole));
  };
  const fold = (index: number, folded: boolean): void => {
    if (!tree.hasRowsBelow(index)) return;
    tree.fold(index, folded);
    grid.rearrange();
  };
  let isAllFolded = false;
  const foldAll = part('fold', HTMLButtonElement);
  const press = (id: string, act: () => void): void => {
    part(id, HTMLButtonElement).addEventListener('click', act);
  };
  press('in', () => {
    view.zoom(0.5);
  });
  press('out', () => {
    view.zoom(2);
  });
  press('all', () => {
    view.show(whole);
  });
  press('failure', () => {
    goToFailure(1);
  });
  press('fold', () => {
    isAllFolded = !isAllFolded;
    foldAll.textContent = isAllFolded ? 'Unfold all' : 'Fold all';
    tree.foldAll(isAllFolded);
    grid.rearrange();
  });
  const keys = part('keys', HTMLDialogElement);
  press('help', () => {
    keys.showModal();
  });

  const zoomTo = (index: number): void => {
    const { from, to } = rows[index]!;
    view.show(around(from, to, whole));
  };
  const tip = part('tip', HTMLElement);
  const onKey: Record<string, () => void> = {
    ArrowUp: () => {
      grid.step(-1);
    },
    ArrowDown: () => {
      grid.step(1);
    },
    PageUp: () => {
      grid.step(-grid.visibleRows);
    },
    PageDown: () => {
      grid.step(grid.visibleRows);
    },
    Home: () => {
      grid.step(-rows.length);
    },
    End: () => {
      grid.step(rows.length);
    },
    ArrowRight: () => {
      if (tree.isFolded(grid.active)) fold(grid.active, false);
      else if (tree.hasRowsBelow(grid.active)) grid.step(1);
    },
    ArrowLeft: () => {
      const parent = tree.parentOf(grid.active);
      if (tree.hasRowsBelow(grid.active) && !tree.isFolded(grid.active)) fold(grid.active, true);
      else if (parent !== undefined) grid.go(parent);
    },
    'Shift+ArrowLeft': () => {
      view.move(-0.2);
    },
    'Shift+ArrowRight': () => {
      view.move(0.2);
    },
    Enter: () => {
      zoomTo(grid.active);
    },
    '+': () => {
      view.zoom(0.5);
    },
    '=': () => {
      view.zoom(0.5);
    },
    '-': () => {
      view.zoom(2);
    },
    '0': () => {
      view.show(whole);
    },
    f: () => {
      goToFailure(1);
    },
    'Shift+F': () => {
      goToFailure(-1);
    },
    '/': () => {
      filter.focus();
    },
    '?': () => {
      keys.showModal();
    },
    // Hides the tooltip, as every key does.
    Escape: () => undefined,
  };
  grid.scroller.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || rows.length === 0) return;
    // Some keyboards need Shift for a character that others have on a key of its own.
    const act = onKey[event.shiftKey ? `Shift+${event.key}` : event.key] ?? onKey[event.key];
    if (
      act === undefined ||
      (event.shiftKey && /^(Arrow|Page|Home|End|Enter)/.test(event.key) && !onKey[`Shift+${event.key}`])
    ) {
      return;
    }
    event.preventDefault();
    // The row under the pointer may change.
    tip.hidden = true;
    act();
  });

  grid.scroller.addEventListener('click', ({ target }) => {
    const index = grid.indexAt(target);
    if (index === undefined) return;
    if (target instanceof Element && target.matches('.twisty')) fold(index, !tree.isFolded(index));
    grid.go(index);
  });
  grid.scroller.addEventListener('dblclick', ({ target }) => {
    const index = grid.indexAt(target);
    if (index !== undefined && !(target instanceof Element && target.matches('.twisty'))) zoomTo(index);
  });

  grid.scroller.addEventListener('pointermove', (event) => {
    const row = rows[grid.indexAt(event.target) ?? -1];
    tip.hidden = row === undefined || view.isDragged || event.pointerType === 'touch';
    if (row === undefined || tip.hidden) return;
    tip.replaceChildren(
      make('strong', '', row.label),
      make('span', row.isBad ? 'bad' : '', row.state),
      make('span', '', barInWords(row)),
    );
    if (row.reason !== undefined) tip.append(make('span', 'bad', row.reason));
    const site = deferredAt(row.trace);
    if (site !== undefined) tip.append(make('span', '', site));
    const { offsetWidth, offsetHeight } = tip;
    const left = Math.min(event.clientX + 14, window.innerWidth - offsetWidth - 8);
    const isRoomBelow = event.clientY + 18 + offsetHeight < window.innerHeight;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${isRoomBelow ? event.clientY + 18 : event.clientY - offsetHeight - 12}px`;
  });
  for (const type of ['pointerleave', 'scroll'] as const) {
    grid.scroller.addEventListener(type, () => (tip.hidden = true));
  }

  window.addEventListener('beforeprint', () => {
    const unprinted = tree.visible.length - PRINTED_ROWS;
    part('unprinted', HTMLElement).textContent =
      unprinted > 0 ? `and ${numbered(unprinted, 'more row')}` : '';
    grid.print(PRINTED_ROWS);
  });
  window.addEventListener('afterprint', () => {
    grid.print(undefined);
  });
};

/** Keeps the grid, the overview and the axis on the same range. */
class View {
  range: Range;
  isDragged = false;

  readonly #whole: Range;
  readonly #grid: Grid;
  readonly #overview: Overview;
  readonly #axis = part('axis', HTMLElement);
  readonly #lines = part('lines', HTMLElement);
  readonly #draw = onceAFrame(() => {
    this.#grid.setRange(this.range);
    this.#overview.setRange(this.range);
    this.#drawAxis();
  });

  constructor(whole: Range, grid: Grid, overview: Overview) {
    this.range = this.#whole = whole;
    this.#grid = grid;
    this.#overview = overview;
    overview.onRange = (range) => {
      this.show(range);
    };
    new ResizeObserver(this.#draw).observe(this.#axis);
    grid.scroller.addEventListener('wheel', this.#onWheel, { passive: false });
    grid.scroller.addEventListener('pointerdown', this.#onPointerDown);
    this.#draw();
  }

  show(range: Range): void {
    this.range = range;
    this.#draw();
  }

  zoom(factor: number, at = (this.range.from + this.range.to) / 2): void {
    this.show(zoomed(this.range, factor, at, this.#whole));
  }

  move(share: number): void {
    this.show(moved(this.range, share, this.#whole));
  }

  readonly #onWheel = (event: WheelEvent): void => {
    const { left, width } = this.#axis.getBoundingClientRect();
    const { from, to } = this.range;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const share = Math.min(Math.max((event.clientX - left) / width, 0), 1);
      this.zoom(Math.exp(Math.min(Math.max(event.deltaY, -100), 100) / 250), from + share * (to - from));
      return;
    }
    const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) <= (event.shiftKey ? 0 : Math.abs(event.deltaY))) return;
    event.preventDefault();
    this.move(sideways / width);
  };

  readonly #onPointerDown = (event: PointerEvent): void => {
    const { target, button, pointerId } = event;
    if (button !== 0 || !(target instanceof Element) || target.closest('.when') === null) return;
    // A finger scrolls.
    if (event.pointerType === 'touch') return;
    const { scroller } = this.#grid;
    const { width } = this.#axis.getBoundingClientRect();
    const range = this.range;
    const onMove = ({ clientX }: PointerEvent): void => {
      const by = event.clientX - clientX;
      if (!this.isDragged && Math.abs(by) < 4) return;
      if (!this.isDragged) scroller.setPointerCapture(pointerId);
      this.isDragged = true;
      this.show(moved(range, by / width, this.#whole));
    };
    const onEnd = (): void => {
      scroller.removeEventListener('pointermove', onMove);
      this.isDragged = false;
    };
    scroller.addEventListener('pointermove', onMove);
    for (const type of ['pointerup', 'pointercancel'] as const) {
      scroller.addEventListener(type, onEnd, { once: true });
    }
  };

  #drawAxis(): void {
    const { from, to } = this.range;
    const width = this.#axis.clientWidth;
    const marks = ticks(this.range, Math.max(width / 110, 3));
    // A label that is cut off would read as another number.
    const hasRoom = ({ at: time, label }: Tick): boolean =>
      ((to - time) / (to - from)) * width > (label.length + 1) * 8;
    const at = (time: number): string => `${((time - from) / (to - from)) * 100}%`;
    const placed = (className: string, time: number, text = ''): HTMLElement => {
      const element = make('span', className, text);
      element.style.left = at(time);
      return element;
    };
    this.#axis.replaceChildren(
      ...marks.map((tick) => placed('tick', tick.at, hasRoom(tick) ? tick.label : '')),
    );
    this.#lines.replaceChildren(...marks.map((tick) => placed('line', tick.at)));
    part('range', HTMLElement).textContent = `from ${ms(from)} to ${ms(to)}`;
  }
}

const showHeadline = (timeline: Timeline, left: number): void => {
  const about = [
    headline(timeline),
    `recorded ${timeline.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}`,
  ];
  if (timeline.dropped > 0) about.push(beyondTheLimit(timeline.dropped));
  if (left > 0) about.push(`and ${numbered(left, 'row')} beyond the limit of the page`);
  const parts = about.map((text) => make('span', '', text));
  part('about', HTMLElement).replaceChildren(
    ...parts.flatMap((one, index) => (index > 0 ? [' · ', one] : [one])),
  );
};

/** Makes the name column wide enough for 95 % of the names. The style sheet limits its width. */
const fitNames = (rows: readonly Row[]): void => {
  const wanted = new Float64Array(rows.map(({ label, depth }) => columns(label) + depth * 2)).toSorted();
  const enough = Math.max(wanted[Math.floor(wanted.length * 0.95)] ?? 0, 12);
  part('grid', HTMLElement).style.setProperty('--wanted', `${enough + 6}ch`);
};

const showDetails = (row: Row | undefined): void => {
  const details = part('details', HTMLElement);
  details.hidden = row === undefined;
  if (row === undefined) return;
  const title = make('h2', '', row.label);
  title.append(make('span', row.isBad ? 'bad' : '', ` ${row.state}`));
  details.replaceChildren(title, make('p', '', barInWords(row)));
  if (row.reason !== undefined) details.append(make('p', 'bad', row.reason));
  if (row.trace !== undefined)
    details.append(make('h3', '', 'Deferred'), make('pre', '', row.trace.trim().replaceAll(/^\s+/gm, '')));
};

start();
