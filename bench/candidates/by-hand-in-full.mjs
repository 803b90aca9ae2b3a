// The floor of every ratio: the default path of deferqueue, written in one piece without options, tasks, resources, `flush` or
// readable errors. It keeps the guarantees that cost time on that path:
// - a work item runs in the context that deferred it (G13), its handle can cancel it (G19), and it keeps its place in a chain (G8);
// - an operation knows the one around it (G6, G17), is listed until it ends (G23a), and accepts nothing after its seal (G9);
// - a drain runs every item in order whatever fails (G7, G20, G21), counts them (G22) and yields to the event loop (G10);
// - a settled item is released (G25), channels can be subscribed to, and an item that never settles can be abandoned (G23).
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { nestedCalls } from './nested-calls.mjs';

export const title = 'hand-written, same guarantees';
export const order = 'fifo';

const RESOURCE_OPTIONS = { triggerAsyncId: undefined, requireManualDestroy: false };
/** Work items between two looks at the clock: at most, and by how much that number may grow at once. */
const LONGEST_STRIDE = 32;
const STRIDE_GROWTH = 16;
/** Milliseconds for which a drain may hold the event loop. */
const HOLD_LIMIT = 10;

const operationOpened = channel('by-hand:operation:open');
const operationClosed = channel('by-hand:operation:close');
const workRegistered = channel('by-hand:work:register');
const workStarted = channel('by-hand:work:start');
const workEnded = channel('by-hand:work:end');

// oxlint-disable-next-line typescript/unbound-method -- whenSettled calls it with its promise
const { then } = Promise.prototype;
const { nodeTiming } = performance;

/** The turns of the event loop: when they were last read, when one was last seen, and how many there had been. */
let loopReadAt = -Infinity;
let loopTurnedAt = 0;
let loopCount = -1;

const readLoop = (time) => {
  loopReadAt = time;
  const count = nodeTiming.uvMetricsInfo?.loopCount ?? 0;
  if (count !== loopCount) loopTurnedAt = time;
  loopCount = count;
};

const whenSettled = (promise, fulfilled, rejected) => {
  // V8 inlines `then` only after it has read another property of the same promise.
  void promise.constructor;
  return then.call(promise, fulfilled, rejected);
};

let ids = 0;
/** The end of the list of live operations. */
let lastLive;

class WorkItem {
  state = 'queued';

  constructor(operation, run) {
    this.operation = operation;
    this.run = run;
    this.resource = new AsyncResource('work', RESOURCE_OPTIONS);
    this.next = undefined;
  }

  cancel() {
    if (this.state !== 'queued') return false;
    this.end('cancelled');
    this.operation.pending--;
    return true;
  }

  end(state) {
    this.state = state;
    this.run = this.resource = undefined;
    if (workEnded.hasSubscribers) workEnded.publish({ work: this });
  }
}

class Operation {
  id = ++ids;
  state = 'open';
  first = undefined;
  last = undefined;
  taken = 0;
  pending = 0;
  registered = 0;
  ran = 0;
  active = 0;
  errors = undefined;
  running = undefined;
  isDrained = false;
  nextLive = undefined;
  drainingSince = undefined;
  readAt = 0;
  leftOfStride = 1;
  stride = 1;

  constructor(enclosing) {
    this.enclosing = enclosing;
    if (enclosing !== undefined) enclosing.active++;
    this.previousLive = lastLive;
    if (lastLive !== undefined) lastLive.nextLive = this;
    lastLive = this;
    if (operationOpened.hasSubscribers) operationOpened.publish({ operation: this });
  }

  defer(run) {
    if (typeof run !== 'function') throw new TypeError('Expected `run` to be a function');
    if (this.state === 'closed') throw new Error('The operation is closed');
    const work = new WorkItem(this, run);
    if (this.running !== undefined) work.link = { by: this.running.link };
    if (this.last === undefined) this.first = work;
    else this.last.next = work;
    this.last = work;
    this.pending++;
    this.registered++;
    if (workRegistered.hasSubscribers) workRegistered.publish({ work });
    return work;
  }

  start(body) {
    return whenSettled(body(this), this.bodyFulfilled, this.bodyRejected);
  }

  bodyFulfilled = (value) => {
    this.value = value;
    return this.settle();
  };

  bodyRejected = (reason) => {
    this.reason = { reason };
    return this.settle();
  };

  settle() {
    if (this.active > 0) throw new Error('The benchmark has no nested operations');
    this.state = 'draining';
    // oxlint-disable-next-line unicorn/no-thenable -- only the promise of the operation sees it
    return this.drain() ? this.close() : { then: this.waitForDrain };
  }

  waitForDrain = (resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
    if (this.isDrained) this.notify();
  };

  /** Returns whether nothing is left to run or to wait for. */
  drain() {
    while (this.first !== undefined) {
      if (this.shouldYield()) {
        this.yieldToEventLoop();
        return false;
      }
      const work = this.take();
      if (work === undefined) continue;
      this.running = work;
      try {
        const pending = work.resource.runInAsyncScope(work.run, undefined, work);
        if (pending instanceof Promise) {
          void whenSettled(pending, this.workRan, this.workFailed);
          return false;
        }
        this.finish(work);
      } catch (error) {
        this.fail(work, error);
      }
      this.running = undefined;
    }
    this.state = 'closed';
    return true;
  }

  /** Takes the next item off the queue; nothing if it was cancelled. */
  take() {
    const work = this.first;
    this.first = work.next;
    if (this.first === undefined) this.last = undefined;
    work.next = undefined;
    this.taken++;
    if (work.state !== 'queued') return undefined;
    this.pending--;
    work.state = 'running';
    if (workStarted.hasSubscribers) workStarted.publish({ work });
    return work;
  }

  /** Whether the drain has held the event loop for too long. A single item needs no clock. */
  shouldYield() {
    if (this.drainingSince === undefined) {
      if (this.taken > 0 || this.first.next !== undefined) {
        this.drainingSince = this.readClock();
        this.leftOfStride = this.stride = 1;
      }
      return false;
    }
    if (--this.leftOfStride > 0) return false;
    const before = this.readAt;
    const time = this.readClock();
    const pace = (time - before) / this.stride;
    this.leftOfStride = this.stride = Math.max(
      1,
      Math.min(this.stride * STRIDE_GROWTH, LONGEST_STRIDE, Math.floor(1 / pace)),
    );
    return time - Math.max(loopTurnedAt, this.drainingSince) > HOLD_LIMIT;
  }

  readClock() {
    const time = performance.now();
    if (time - loopReadAt >= 1) readLoop(time);
    return (this.readAt = time);
  }

  yieldToEventLoop() {
    void new Promise(setImmediate).then(() => {
      this.drainingSince = this.readAt = performance.now();
      this.stride = 1;
      // The drain asks again before the next item: its stride begins after that.
      this.leftOfStride = 2;
      this.continue();
    });
  }

  finish(work) {
    this.ran++;
    work.end('ran');
  }

  fail(work, error) {
    (this.errors ??= []).push(error);
    work.end('failed');
  }

  workRan = () => {
    const work = this.running;
    if (work === undefined) return;
    this.running = undefined;
    this.finish(work);
    this.continue();
  };

  workFailed = (error) => {
    const work = this.running;
    if (work === undefined) return;
    this.running = undefined;
    this.fail(work, error);
    this.continue();
  };

  continue() {
    if (!this.drain()) return;
    this.isDrained = true;
    if (this.resolve !== undefined) this.notify();
  }

  notify() {
    try {
      this.resolve(this.close());
    } catch (error) {
      this.reject(error);
    }
  }

  close() {
    const { previousLive, nextLive } = this;
    if (nextLive !== undefined) nextLive.previousLive = previousLive;
    else if (lastLive === this) lastLive = previousLive;
    if (previousLive !== undefined) previousLive.nextLive = nextLive;
    if (this.enclosing !== undefined) this.enclosing.active--;
    if (operationClosed.hasSubscribers) operationClosed.publish({ operation: this });
    if (this.reason !== undefined) throw this.reason.reason;
    if (this.errors !== undefined) throw new AggregateError(this.errors);
    return this.value;
  }
}

/** What the context of a concurrent item holds: items deferred there continue its chain. */
class WorkScope {
  constructor(operation, by) {
    this.operation = operation;
    this.by = by;
  }

  defer(run) {
    const work = this.operation.defer(run);
    work.link = { by: this };
    return work;
  }
}

/** A running item of a concurrent drain. A promise that never settles holds only its slot, not the operation. */
class Slot {
  constructor(operation, work) {
    this.operation = operation;
    this.work = work;
  }

  ran = () => {
    if (this.operation === undefined) return;
    this.operation.finish(this.work);
    this.free();
  };

  failed = (error) => {
    if (this.operation === undefined) return;
    this.operation.fail(this.work, error);
    this.free();
  };

  free() {
    const { operation } = this;
    operation.slots.delete(this);
    this.operation = this.work = undefined;
    operation.continue();
  }
}

const runInScope = (storage, scope, work) => {
  storage.enterWith(scope);
  return work.run(work);
};

class ConcurrentOperation extends Operation {
  slots = new Set();

  constructor(enclosing, concurrency, storage) {
    super(enclosing);
    this.concurrency = concurrency;
    this.storage = storage;
  }

  drain() {
    const { slots } = this;
    while (slots.size < this.concurrency && this.first !== undefined) {
      if (this.shouldYield()) {
        this.yieldToEventLoop();
        return false;
      }
      const work = this.take();
      if (work === undefined) continue;
      try {
        const scope = new WorkScope(this, work.link?.by);
        const pending = work.resource.runInAsyncScope(runInScope, undefined, this.storage, scope, work);
        if (pending instanceof Promise) {
          const slot = new Slot(this, work);
          slots.add(slot);
          void whenSettled(pending, slot.ran, slot.failed);
          continue;
        }
        this.finish(work);
      } catch (error) {
        this.fail(work, error);
      }
    }
    if (slots.size > 0) return false;
    this.state = 'closed';
    return true;
  }
}

const start = (operation, body) => operation.start(body);

const startInScope = (storage, operation, body) => {
  storage.enterWith(operation);
  return operation.start(body);
};

/** From Node.js 24 on, `AsyncLocalStorage.run` enters twice, and an `AsyncResource` restores the context cheaper. */
const RUN_ENTERS_TWICE = Number(process.versions.node.split('.')[0]) >= 24;

export const load = ({ concurrency }) => {
  const storage = new AsyncLocalStorage();
  const body = nestedCalls((work) => storage.getStore().defer(work));
  return (plan) => {
    const enclosing = storage.getStore();
    const operation =
      concurrency > 1 ? new ConcurrentOperation(enclosing, concurrency, storage) : new Operation(enclosing);
    if (!RUN_ENTERS_TWICE) return storage.run(operation, start, operation, () => body(plan));
    const scope = new AsyncResource('scope', RESOURCE_OPTIONS);
    return scope.runInAsyncScope(startInScope, undefined, storage, operation, () => body(plan));
  };
};
