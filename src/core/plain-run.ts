import { heard, publish, workStart } from '../diagnostics/channels.js';
import type { BoundaryDrain } from './boundary-drain.js';
import { Course } from './course.js';
import { deliverValue } from './deliver.js';
import { DrainLoop, failing, settling } from './drain.js';
import { LoopHold } from './loop-hold.js';
import type { OperationCore, Plain } from './operation.js';
import { isPlainPromise, whenSettled } from './thenable.js';
import type { WorkEntry } from './work.js';

type Settle = (value: unknown) => void;

// How far a run is. They are numbers since it takes less to keep one than to keep a name.
const QUEUEING = 0;
const DRAINING = 1;
/** It drains, and is left until something has settled. */
const WAITING = 2;
const OVER = 3;

/**
 * The works of an operation and their run at its end, in one object, for as long as they are works without options, one after the
 * other, that do not fail, and nothing else is asked of the operation: as it is with most. Whatever asks for more asks for the boundary
 * of the operation. The objects that can do it are made then (a `BoundaryDrain` with its `WorkQueue`, its `Account`, its `DrainLoop`, and
 * a `Course`), and this hands over to them, wherever it is.
 * @internal
 */
export class PlainRun implements Plain {
  /** The operation, which its works belong to. */
  home: OperationCore | undefined;
  /** The work that was entered last and has not settled. */
  running: WorkEntry | undefined;
  #phase = QUEUEING;
  #first: WorkEntry | undefined;
  #last: WorkEntry | undefined;
  #hold: LoopHold | undefined;
  /** What the operation settles with, where it is over before anybody has come for it. */
  #value: unknown;
  #resolve: Settle | undefined;
  #reject: Settle | undefined;
  /** Who goes on in place of this. */
  #heir: Course<unknown> | undefined;
  /** Who is told of what this still waited for when it handed over. */
  #loop: DrainLoop | undefined;
  #fulfilled: (() => void) | undefined;
  #rejected: ((error: unknown) => void) | undefined;
  /**
   * For the promise of the operation, as that of `Course`: a property of its own, and the last one, since that is where V8 looks first.
   */
  // oxlint-disable-next-line unicorn/no-thenable, typescript/unbound-method -- nobody but that promise gets hold of it, and calls it on this
  readonly then = this.follow;

  constructor(operation: OperationCore) {
    this.home = operation;
  }

  /** Takes a work while the operation is open; the caller counts. */
  append(work: WorkEntry): void {
    if (this.#last === undefined) this.#first = work;
    else this.#last.next = work;
    this.#last = work;
  }

  /** What the operation settles with, once its function has fulfilled; something to follow where that takes longer. */
  end(): unknown {
    this.#phase = DRAINING;
    if (this.#advance(this.home!)) return this.#finish();
    return this.#heirNow() ?? this;
  }

  /** What `then` is. */
  follow(resolve: Settle, reject: Settle): void {
    if (this.#heir !== undefined) {
      this.#heir.then(resolve, reject);
      this.#heir = undefined;
    } else if (this.#phase === OVER) {
      resolve(this.#value);
      this.#value = undefined;
    } else {
      this.#resolve = resolve;
      this.#reject = reject;
    }
  }

  /** More is asked of the operation than this can do. Called by the operation, once at the most. */
  handOver(boundary: BoundaryDrain): void {
    const operation = this.home!;
    boundary.takeOver(this.#first, this.running, operation.registered - operation.pending, this.#hold);
    this.#first = this.#last = undefined;
    const waits = this.#phase === WAITING;
    if (!waits && this.#phase !== DRAINING) return;
    const heir = new Course(operation, deliverValue, operation.result);
    if (this.#resolve !== undefined) heir.then(this.#resolve, this.#reject!);
    if (waits) this.#loop = new DrainLoop(boundary, heir).adopt();
    // What is waited for may never settle, and keeps this object.
    if (!waits || this.#resolve === undefined) this.#heir = heir;
    this.#release();
  }

  /** Goes as far as it can. Returns whether it has come to the end, and to the end of the operation. */
  #advance(operation: OperationCore): boolean {
    try {
      return this.#run(operation);
    } catch (error) {
      void operation.boundary;
      this.#heir!.broken(error);
      return false;
    }
  }

  #run(operation: OperationCore): boolean {
    for (;;) {
      const work = this.#first;
      if (work === undefined) {
        if (operation.active === 0 && this.#heirNow() === undefined) return true;
        return this.#leave(operation, undefined);
      }
      const { next } = work;
      const hold = this.#hold;
      // A single work needs no clock.
      if (hold === undefined) {
        if (operation.registered > 1) this.#hold = new LoopHold();
      } else if (hold.isDue()) {
        return this.#wait(hold.turn());
      }
      this.#first = next;
      work.next = undefined;
      operation.pending--;
      this.running = work;
      work.state = 'running';
      if (heard(workStart)) publish(workStart, { work });
      let result: unknown;
      try {
        result = work.resource!.runInAsyncScope(work.action!, undefined, work);
      } catch (error) {
        return this.#leaveFailed(operation, work, error);
      }
      if (this.#heirNow() !== undefined) return this.#leaveWith(operation, work, result);
      if (result !== undefined) {
        if (isPlainPromise(result)) return this.#wait(result);
        return this.#leaveWith(operation, work, result);
      }
      this.running = undefined;
      work.end('ran');
    }
  }

  /** Leaves the rest to who can do it; `pending` is what the work that runs has to wait for. */
  #leave(operation: OperationCore, pending: PromiseLike<unknown> | undefined): false {
    void operation.boundary;
    this.#heir!.goOn(pending);
    return false;
  }

  #leaveFailed(operation: OperationCore, work: WorkEntry, error: unknown): false {
    failing(operation.boundary, work, error);
    return this.#leave(operation, undefined);
  }

  #leaveWith(operation: OperationCore, work: WorkEntry, result: unknown): false {
    const { boundary } = operation;
    let pending: PromiseLike<unknown> | undefined;
    try {
      pending = settling(boundary, work, result);
    } catch (error) {
      failing(boundary, work, error);
    }
    return this.#leave(operation, pending);
  }

  #wait(pending: PromiseLike<unknown>): false {
    this.#phase = WAITING;
    if (this.#fulfilled === undefined) this.#makeCallbacks();
    void whenSettled(pending, this.#fulfilled!, this.#rejected!);
    return false;
  }

  /** Apart from `#wait`, which would have to make a context for them with every call. */
  #makeCallbacks(): void {
    this.#fulfilled = () => this.#ran();
    this.#rejected = (error) => this.#failed(error);
  }

  #ran(): void {
    if (this.#loop !== undefined) {
      this.#loop.fulfilled();
      return;
    }
    const operation = this.home!;
    this.#phase = DRAINING;
    const work = this.running;
    if (work !== undefined) {
      this.running = undefined;
      work.end('ran');
    }
    if (!this.#advance(operation)) return;
    const resolve = this.#resolve;
    const value = this.#finish();
    if (resolve === undefined) this.#value = value;
    else resolve(value);
  }

  #failed(error: unknown): void {
    if (this.#loop === undefined) void this.home!.boundary;
    this.#loop!.rejected(error);
  }

  #finish(): unknown {
    this.#phase = OVER;
    const value = this.home!.endPlain();
    this.#release();
    return value;
  }

  /** Who goes on in place of this, after something that may have led to code which asks for more. */
  #heirNow(): Course<unknown> | undefined {
    return this.#heir;
  }

  /** It holds nothing of the operation any more (G25). */
  #release(): void {
    this.home = this.running = this.#hold = this.#resolve = this.#reject = undefined;
  }
}
