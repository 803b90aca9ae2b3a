/** What the heap orders by: ids count up in the order in which tasks start. */
interface Started {
  readonly id: number;
  /** Whether it is in the heap. */
  ready: boolean;
  readonly queue: { readonly size: number };
}

/** The fewest tasks at which it is worth looking for those that a flush or a cancel has left with nothing. */
const FEW = 32;

/**
 * The tasks that have work queued for the boundary, the first started on top: a binary heap, so that an
 * operation finds the next one without a search. Tasks that have nothing queued any more leave it on top, or
 * when it has doubled.

 * @internal
 */
export class ReadyTasks<T extends Started> {
  #heap: T[] = [];
  #limit = FEW;

  get first(): T | undefined {
    return this.#heap[0];
  }

  add(task: T): void {
    if (task.ready) return;
    task.ready = true;
    if (this.#heap.length >= this.#limit) this.#sweep();
    this.#insert(task);
  }

  #sweep(): void {
    const tasks = this.#heap;
    this.#heap = [];
    for (const task of tasks) {
      if (task.queue.size > 0) this.#insert(task);
      else task.ready = false;
    }
    this.#limit = Math.max(FEW, this.#heap.length * 2);
  }

  #insert(task: T): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(task);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up]!;
      if (parent.id < task.id) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = task;
  }

  removeFirst(): void {
    const heap = this.#heap;
    if (heap[0] !== undefined) heap[0].ready = false;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && heap[down + 1]!.id < heap[down]!.id) down++;
      const child = heap[down]!;
      if (child.id > last.id) break;
      heap[at] = child;
      at = down;
    }
    heap[at] = last;
  }
}
