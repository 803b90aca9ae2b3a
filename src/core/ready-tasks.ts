/** What the heap orders by: ids count up in the order in which tasks start. */
interface Started {
  readonly id: number;
}

/**
 * The tasks that have work queued for the boundary, the first started on top: a binary heap, so that an
 * operation holds on to no task that has nothing queued, and finds the next one without a search.
 * @internal
 */
export class ReadyTasks<T extends Started> {
  readonly #heap: T[] = [];

  get first(): T | undefined {
    return this.#heap[0];
  }

  add(task: T): void {
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
