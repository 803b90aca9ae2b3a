import { AsyncResource } from 'node:async_hooks';
import PQueue from 'p-queue';
import { begin } from '../core/drain.js';
import type { Drain, Lanes } from '../core/drain.js';
import { LoopHold } from '../core/loop-hold.js';
import type { JobQueue } from '../core/surface.js';
import type { WorkEntry } from '../core/work.js';
import { Ticket } from './ticket.js';

/**
 * Several works at once: each of them is a job of a p-queue, of the drain's own or of the user's. Which work a job is
 * for is decided when the queue starts it. So what p-queue decides is when, and what the drain decides is which.
 */
class ConcurrentLanes implements Lanes {
  readonly #limit: number | JobQueue;
  #queue: JobQueue | undefined;
  /** The context of the drain: a queue that is shared starts jobs in the context of whoever made room for them. */
  #context: AsyncResource | undefined;
  /** A job that the queue has not started. There is one at a time: so operations that share a queue take turns. */
  #ticket: Ticket | undefined;
  readonly #flights = new Map<WorkEntry, Flight>();

  constructor(limit: number | JobQueue) {
    this.#limit = limit;
  }

  get timeout(): number | undefined {
    return typeof this.#limit === 'number' ? undefined : this.#limit.timeout;
  }

  step(drain: Drain): PromiseLike<unknown> | undefined {
    for (;;) {
      const work = drain.peek();
      if (this.#ticket !== undefined) {
        if (this.#flights.size > 0 || (work !== undefined && !work.isResource)) break;
        // What it was for is gone.
        this.#withdraw();
      }
      if (work === undefined) break;
      if (this.#mustTurn(drain)) return drain.hold!.turn();
      // What takes no lane: a resource, and a work that is skipped with nobody to tell it.
      if (work.isResource || (!work.details?.discard && !drain.due(work))) void this.#launch(drain);
      else this.#issue(drain);
    }
    return this.#ticket === undefined && this.#flights.size === 0 ? drain.rest() : drain.bell.rung();
  }

  running(drain: Drain): WorkEntry[] {
    const works = [...this.#flights.keys()].filter((work) => work.state === 'running');
    return drain.running === undefined ? works : [...works, drain.running];
  }

  free(drain: Drain, work: WorkEntry): void {
    this.#flights.get(work)?.land(drain);
  }

  clear(drain: Drain): void {
    drain.running = undefined;
    this.#withdraw();
    for (const flight of this.#flights.values()) flight.land(undefined);
    this.#flights.clear();
    this.#queue = this.#context = undefined;
  }

  /** Called by the queue: takes the work whose turn it is. What it returns resolves when the lane is free. */
  enter(drain: Drain): Promise<void> | undefined {
    this.#ticket = undefined;
    // There may be room for more.
    drain.bell.ring();
    return this.#context?.runInAsyncScope(this.#launchNext, undefined, drain);
  }

  /** The queue has lost the job, or will not take it. */
  lost(drain: Drain, error: unknown): void {
    this.#ticket = undefined;
    if (error !== undefined) void this.#context?.runInAsyncScope(this.#launchNext, undefined, drain);
    drain.bell.ring();
  }

  /** Takes the next work and enters it or skips it. Returns a promise while it is at it. */
  #launch(drain: Drain): Promise<void> | undefined {
    const work = drain.next();
    if (work === undefined) return undefined;
    if (drain.hold === undefined && (drain.entered > 0 || drain.more)) drain.hold = new LoopHold();
    drain.started(work);
    const pending = drain.due(work) ? begin(drain, work) : drain.account.drop(work, 'skipped');
    drain.running = undefined;
    if (pending === undefined) {
      drain.over(work);
      return undefined;
    }
    const flight = new Flight(this.#flights, drain, work);
    flight.follow(pending);
    return flight.landed;
  }

  readonly #launchNext = (drain: Drain): Promise<void> | undefined => {
    const { entered } = drain;
    // A job that finds works to skip goes on to one that it can enter.
    for (let work = drain.peek(); work !== undefined && !work.isResource; work = drain.peek()) {
      const landing = this.#launch(drain);
      if (landing !== undefined || drain.entered > entered) return landing;
    }
    return undefined;
  };

  /** Asks the queue for a lane. */
  #issue(drain: Drain): void {
    this.#context ??= new AsyncResource('deferqueue.drain');
    this.#queue ??= typeof this.#limit === 'number' ? new PQueue({ concurrency: this.#limit }) : this.#limit;
    const ticket = new Ticket(this, drain);
    this.#ticket = ticket;
    ticket.handIn(this.#queue, this.#queue === this.#limit);
  }

  #withdraw(): void {
    this.#ticket?.withdraw();
    this.#ticket = undefined;
  }

  /** All ready works are to start in one turn where there is no limit. */
  #mustTurn(drain: Drain): boolean {
    const limit = typeof this.#limit === 'number' ? this.#limit : this.#limit.concurrency;
    return limit !== Infinity && drain.hold !== undefined && drain.hold.due;
  }
}

/** A work in its lane. What it returned may never settle, and keeps this object then: so one that has landed holds nothing. */
class Flight {
  readonly landed: Promise<void>;
  #flights: Map<WorkEntry, Flight> | undefined;
  #drain: Drain | undefined;
  #work: WorkEntry | undefined;
  #resolve!: () => void;

  constructor(flights: Map<WorkEntry, Flight>, drain: Drain, work: WorkEntry) {
    this.#flights = flights;
    this.#drain = drain;
    this.#work = work;
    this.landed = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    flights.set(work, this);
  }

  follow(pending: PromiseLike<unknown>): void {
    void pending.then(
      () => {
        if (this.#work?.state === 'running') this.#drain?.account.ran(this.#work);
        this.land(this.#drain);
      },
      (error: unknown) => {
        if (this.#work?.state === 'running') this.#drain?.account.fail(this.#work, error);
        this.land(this.#drain);
      },
    );
  }

  /** Leaves the lane; without a drain, since that one is not gone on with. */
  land(drain: Drain | undefined): void {
    const work = this.#work;
    if (work === undefined) return;
    this.#flights?.delete(work);
    this.#flights = this.#drain = this.#work = undefined;
    this.#resolve();
    drain?.over(work);
    drain?.bell.ring();
  }
}

/** The lanes for more than one work at once: a number of them, or those of a queue of the user's. */
export const concurrent = (limit: number | JobQueue): Lanes => new ConcurrentLanes(limit);
