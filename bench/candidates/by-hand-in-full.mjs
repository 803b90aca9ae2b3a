// The least that the contract asks of work that uses none of its options, by one who writes it in one piece: no tasks, no flush, no options, no
// errors that read well. Beyond "in context": an operation knows the one around it, which looks whether it has ended (G6, G17); a shutdown finds it (G23a);
// `defer` gives a handle that can cancel, and nothing is accepted after the seal (G9, G19); what a work defers has its
// place in a chain (G8); what became of each is counted (G22); a long drain lets the event loop turn (G10); a work is gone when it has
// settled (G25); somebody may listen; and a work that never settles can be left, so nothing awaits it inside the promise of the operation (G23).
// Where several run at once, each has a context of its own besides: what it defers is known by that to be the next link of its chain.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { nestedCalls } from './nested-calls.mjs';

export const title = 'by hand, in full';
export const order = 'fifo';

const OPTIONS = { triggerAsyncId: undefined, requireManualDestroy: false };
const LONGEST_STRIDE = 32;
const GROWTH = 16;
const LIMIT = 10;
const opened = channel('by-hand:operation:open');
const closed = channel('by-hand:operation:close');
const registered = channel('by-hand:work:register');
const started = channel('by-hand:work:start');
const ended = channel('by-hand:work:end');
// oxlint-disable-next-line typescript/unbound-method -- it is given its promise where it is called
const { then } = Promise.prototype;
const { nodeTiming } = performance;
const turns = () => nodeTiming.uvMetricsInfo?.loopCount ?? 0;

/** What is known of the event loop: when it was last asked, and when it was found to have turned. */
let askedAt = -Infinity;
let turnedAt = 0;
let counted = -1;

const ask = (time) => {
  askedAt = time;
  const count = turns();
  if (count !== counted) turnedAt = time;
  counted = count;
};

/** Calls one of the two when a promise has settled. V8 makes `then` part of it where it has just seen what it is called on. */
const whenSettled = (promise, fulfilled, rejected) => {
  void promise.constructor;
  return then.call(promise, fulfilled, rejected);
};

let ids = 0;
/** The operations that have not ended, linked with one another. */
let last;

class Work {
  state = 'queued';

  constructor(operation, run) {
    this.operation = operation;
    this.run = run;
    this.resource = new AsyncResource('work', OPTIONS);
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
    if (ended.hasSubscribers) ended.publish({ work: this });
  }
}

class Operation {
  id = ++ids;
  state = 'open';
  first = undefined;
  end = undefined;
  taken = 0;
  pending = 0;
  registered = 0;
  ran = 0;
  active = 0;
  errors = undefined;
  running = undefined;
  isOver = false;
  after = undefined;
  since = undefined;
  lookedAt = 0;
  left = 1;
  stride = 1;

  constructor(enclosing) {
    this.enclosing = enclosing;
    if (enclosing !== undefined) enclosing.active++;
    this.before = last;
    if (last !== undefined) last.after = this;
    last = this;
    if (opened.hasSubscribers) opened.publish({ operation: this });
  }

  defer(run) {
    if (typeof run !== 'function') throw new TypeError('run has to be a function');
    if (this.state === 'closed') throw new Error('The operation is closed');
    const work = new Work(this, run);
    if (this.running !== undefined) work.link = { by: this.running.link };
    if (this.end === undefined) this.first = work;
    else this.end.next = work;
    this.end = work;
    this.pending++;
    this.registered++;
    if (registered.hasSubscribers) registered.publish({ work });
    return work;
  }

  start(body) {
    return whenSettled(body(this), this.fulfilled, this.rejected);
  }

  fulfilled = (value) => {
    this.value = value;
    return this.settle();
  };

  rejected = (reason) => {
    this.reason = { reason };
    return this.settle();
  };

  settle() {
    if (this.active > 0) throw new Error('Here nobody waits for nested operations');
    this.state = 'draining';
    // oxlint-disable-next-line unicorn/no-thenable -- nobody but the promise of the operation gets hold of it
    return this.drain() ? this.tell() : { then: this.follow };
  }

  follow = (resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
    if (this.isOver) this.deliver();
  };

  /** Returns whether nothing is left to run or to wait for. */
  drain() {
    while (this.first !== undefined) {
      if (this.isDue()) {
        this.letTurn();
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
        this.ran++;
        work.end('ran');
      } catch (error) {
        (this.errors ??= []).push(error);
        work.end('failed');
      }
      this.running = undefined;
    }
    this.state = 'closed';
    return true;
  }

  letTurn() {
    void new Promise(setImmediate).then(() => {
      this.since = this.lookedAt = performance.now();
      this.left = this.stride = 1;
      this.goOn();
    });
  }

  /** Takes the next work, unless it was cancelled. */
  take() {
    const work = this.first;
    this.first = work.next;
    if (this.first === undefined) this.end = undefined;
    work.next = undefined;
    this.taken++;
    if (work.state !== 'queued') return undefined;
    this.pending--;
    work.state = 'running';
    if (started.hasSubscribers) started.publish({ work });
    return work;
  }

  /** Whether it has held the event loop for too long. A single work needs no clock. */
  isDue() {
    if (this.since === undefined) {
      if (this.taken > 0 || this.first.next !== undefined) {
        this.since = this.look();
        this.left = this.stride = 1;
      }
      return false;
    }
    if (--this.left > 0) return false;
    const before = this.lookedAt;
    const time = this.look();
    const pace = (time - before) / this.stride;
    this.left = this.stride = Math.max(
      1,
      Math.min(this.stride * GROWTH, LONGEST_STRIDE, Math.floor(1 / pace)),
    );
    return time - Math.max(turnedAt, this.since) > LIMIT;
  }

  look() {
    const time = performance.now();
    if (time - askedAt >= 1) ask(time);
    return (this.lookedAt = time);
  }

  workRan = () => {
    const work = this.running;
    if (work === undefined) return;
    this.running = undefined;
    this.ran++;
    work.end('ran');
    this.goOn();
  };

  workFailed = (error) => {
    const work = this.running;
    if (work === undefined) return;
    this.running = undefined;
    (this.errors ??= []).push(error);
    work.end('failed');
    this.goOn();
  };

  goOn() {
    if (!this.drain()) return;
    this.isOver = true;
    if (this.resolve !== undefined) this.deliver();
  }

  deliver() {
    try {
      this.resolve(this.tell());
    } catch (error) {
      this.reject(error);
    }
  }

  tell() {
    const { before, after } = this;
    if (after !== undefined) after.before = before;
    else if (last === this) last = before;
    if (before !== undefined) before.after = after;
    if (this.enclosing !== undefined) this.enclosing.active--;
    if (closed.hasSubscribers) closed.publish({ operation: this });
    if (this.reason !== undefined) throw this.reason.reason;
    if (this.errors !== undefined) throw new AggregateError(this.errors);
    return this.value;
  }
}

/** A running work as its context knows it. */
class Frame {
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

/** A work that is waited for. What it returned may never settle, and holds nothing else once the work is left. */
class Flight {
  constructor(operation, work) {
    this.operation = operation;
    this.work = work;
  }

  ran = () => {
    const { operation, work } = this;
    if (operation === undefined) return;
    operation.ran++;
    work.end('ran');
    this.land();
  };

  failed = (error) => {
    const { operation, work } = this;
    if (operation === undefined) return;
    (operation.errors ??= []).push(error);
    work.end('failed');
    this.land();
  };

  land() {
    const { operation } = this;
    operation.flights.delete(this);
    this.operation = this.work = undefined;
    operation.goOn();
  }
}

const enter = (storage, frame, work) => {
  storage.enterWith(frame);
  return work.run(work);
};

/** One with several lanes: its works start in order, as many at once as there are. */
class LanedOperation extends Operation {
  flights = new Set();

  constructor(enclosing, concurrency, storage) {
    super(enclosing);
    this.concurrency = concurrency;
    this.storage = storage;
  }

  drain() {
    const { flights } = this;
    while (flights.size < this.concurrency && this.first !== undefined) {
      if (this.isDue()) {
        this.letTurn();
        return false;
      }
      const work = this.take();
      if (work === undefined) continue;
      try {
        const frame = new Frame(this, work.link?.by);
        const pending = work.resource.runInAsyncScope(enter, undefined, this.storage, frame, work);
        if (pending instanceof Promise) {
          const flight = new Flight(this, work);
          flights.add(flight);
          void whenSettled(pending, flight.ran, flight.failed);
          continue;
        }
        this.ran++;
        work.end('ran');
      } catch (error) {
        (this.errors ??= []).push(error);
        work.end('failed');
      }
    }
    if (flights.size > 0) return false;
    this.state = 'closed';
    return true;
  }
}

const begin = (operation, body) => operation.start(body);

const beginIn = (storage, operation, body) => {
  storage.enterWith(operation);
  return operation.start(body);
};

/** Whether `run` of this runtime enters two contexts, there and back: the scope of a resource takes one back for less. */
const entersTwice = () => {
  let entered = 0;
  class Counting extends AsyncLocalStorage {
    enterWith(value) {
      entered++;
      super.enterWith(value);
    }
  }
  const counting = new Counting();
  counting.run(counting, () => {});
  counting.disable();
  return entered > 1;
};

export const load = ({ concurrency }) => {
  const storage = new AsyncLocalStorage();
  const body = nestedCalls((work) => storage.getStore().defer(work));
  const isDear = entersTwice();
  return (plan) => {
    const enclosing = storage.getStore();
    const operation =
      concurrency > 1 ? new LanedOperation(enclosing, concurrency, storage) : new Operation(enclosing);
    if (!isDear) return storage.run(operation, begin, operation, () => body(plan));
    const scope = new AsyncResource('scope', OPTIONS);
    return scope.runInAsyncScope(beginIn, undefined, storage, operation, () => body(plan));
  };
};
