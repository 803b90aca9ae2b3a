/**
 * What a scope and a work have in common for whoever looks the current operation up.
 * @internal
 */
export interface Framed<Operation, Task> {
  readonly operation: Operation;
  readonly task: Task | undefined;
  /** The work in whose run the caller is, where that is known by context. */
  readonly frame: WorkFrame<Operation, Task> | undefined;
  /** The work whose lane is there to be used, if it is another than that of the frame. */
  readonly place?: WorkFrame<Operation, Task> | undefined;
}

/**
 * A running work as seen by what it defers: a link of a chain (G8). Works that main code deferred need none
 * while they run; it is made for them when they defer something, and for every later work of the chain it is
 * what the carrier carries. It holds names, never a work or its context (G25).
 * @internal
 */
export class WorkFrame<Operation, Task> implements Framed<Operation, Task> {
  readonly operation: Operation;
  readonly task: Task | undefined;
  readonly name: string | undefined;
  readonly parent: WorkFrame<Operation, Task> | undefined;
  /** How many works the chain has up to and with this one. */
  readonly depth: number;
  /** Whether the work still runs. */
  live = true;
  /** Whether it has a lane: a disposer has none, nor has a discard that is called at once. */
  readonly hasLane: boolean;
  /** What uses the work's lane now. */
  lent: Promise<void> | undefined;

  constructor(
    scope: { readonly operation: Operation; readonly task: Task | undefined },
    name: string | undefined,
    parent: WorkFrame<Operation, Task> | undefined,
    counted = true,
    hasLane = counted,
  ) {
    this.operation = scope.operation;
    this.task = scope.task;
    this.name = name;
    this.parent = parent;
    this.hasLane = hasLane;
    // A disposer is in no chain: what it defers starts one.
    this.depth = counted ? (parent?.depth ?? 0) + 1 : 0;
  }

  get frame(): this {
    return this;
  }

  leave(): void {
    this.live = false;
  }

  /** Runs something in the lane of the work: one at a time. */
  async lend(run: () => Promise<void> | undefined): Promise<void> {
    while (this.lent !== undefined) await this.lent;
    const running = run();
    if (running === undefined) return;
    this.lent = running;
    try {
      await running;
    } finally {
      this.lent = undefined;
    }
  }

  /** The names of the chain's works, the first one first. */
  names(): (string | undefined)[] {
    const names: (string | undefined)[] = [];
    for (let frame: WorkFrame<Operation, Task> | undefined = this; frame?.depth; frame = frame.parent) {
      names.push(frame.name);
    }
    return names.toReversed();
  }
}
