/** What waits for the same boundary of the same owner, in its order. */
export class Queue<W> {
  readonly works: W[] = [];
  readonly order: 'fifo' | 'lifo';
  /** Whether one of its works runs, or a flush serves it: then another flush would wait for itself (G12). */
  isBusy = false;

  constructor(order: 'fifo' | 'lifo' = 'fifo') {
    this.order = order;
  }

  get isEmpty(): boolean {
    return this.works.length === 0;
  }

  push(work: W): void {
    this.works.push(work);
  }

  remove(work: W): void {
    this.works.splice(this.works.indexOf(work), 1);
  }

  /** The next one in order of those that are asked for. */
  take(isWanted: (work: W) => boolean = () => true): W | undefined {
    const next = this.order === 'fifo' ? this.works.find(isWanted) : this.works.findLast(isWanted);
    if (next !== undefined) this.remove(next);
    return next;
  }
}
