import { AsyncResource } from 'node:async_hooks';
import PQueue from 'p-queue';
import { begin } from '../core/drain.js';
import type { Drain, Lanes } from '../core/drain.js';
import { LoopHold } from '../core/loop-hold.js';
import type { JobQueue } from '../core/surface.js';
import type { WorkEntry } from '../core/work.js';
import { Ticket } from './ticket.js';

/**
 * Several works at once, as jobs of a p-queue: of the drain's own, or of the user's. Which work a job is for is decided
 * when the queue starts it, so p-queue decides when, and the drain decides which. A job of the drain's own queue goes on with
 * the next work in its place, for as long as there is one; one of a shared queue is for a single work, since others wait.
 */
class ConcurrentLanes implements Lanes {
  readonly #limit: number | JobQueue;
  #queue: JobQueue | undefined;
  /** The context of the drain: a queue that is shared starts jobs in the context of whoever made room for them. */
  #context: AsyncResource | undefined;
  /** A job that the queue has not started. There is one at a time: so operations that share a queue take turns. */
  #ticket: Ticket | undefined;
  #refused = false;
  readonly #flights = new Map<WorkEntry, Flight>();

  constructor(limit: number | JobQueue) {
    this.#limit = limit;
  }

  step(drain: Drain): PromiseLike<unknown> | undefined {
    // All that is ready at the boundary is to start in its turn where there is no limit, and later in one turn.
    if (this.#isUnlimited && drain.hold?.isDue() && drain.more) return drain.hold.turn();
    for (;;) {
      const work = drain.peek();
      // What takes no lane: a resource, and a work that is skipped with nobody to tell it.
      const details = work?.details;
      const needsLane =
        work !== undefined &&
        (details === undefined || (!work.isResource && (details.discard !== undefined || drain.due(work))));
      if (this.#ticket !== undefined) {
        if (needsLane) break;
        // What it was for is gone.
        if (this.#flights.size === 0) this.#withdraw();
      }
      if (work === undefined || (needsLane && this.#refused && this.#flights.size > 0)) break;
      if (!this.#isUnlimited && drain.hold?.isDue()) return drain.hold.turn();
      if (!needsLane || this.#refused) this.#launch(drain, work);
      else this.#issue(drain);
    }
    return this.#ticket === undefined && this.#flights.size === 0 ? drain.rest() : drain.bell.rung();
  }

  running(drain: Drain): WorkEntry[] {
    const works = [...this.#flights.keys()].filter((work) => work.state === 'running');
    return drain.running === undefined ? works : [...works, drain.running];
  }

  free(_drain: Drain, work: WorkEntry): void {
    this.#flights.get(work)?.land();
  }

  clear(drain: Drain): void {
    drain.running = undefined;
    this.#withdraw();
    for (const flight of this.#flights.values()) flight.drop();
    this.#flights.clear();
    this.#queue = this.#context = undefined;
  }

  /** Called by the queue when it starts a job. What it returns resolves when the job is done. */
  enter(drain: Drain): Promise<void> | undefined {
    this.#ticket = undefined;
    // There may be room for more.
    drain.bell.ring();
    return this.#context?.runInAsyncScope(this.#fill, undefined, drain, undefined)?.left;
  }

  /** The queue has let go of the job. */
  lost(drain: Drain): void {
    this.#ticket = undefined;
    drain.bell.ring();
  }

  /** The queue takes no jobs: works run without it, one at a time. */
  refused(drain: Drain): void {
    this.#refused = true;
    this.lost(drain);
  }

  /** A work has landed, and its lane is free for another. */
  landed(drain: Drain, work: WorkEntry, lane: Lane | undefined): void {
    this.#flights.delete(work);
    drain.over(work);
    const goesOn = lane !== undefined && this.#fill(drain, lane) !== undefined;
    if (!goesOn) lane?.leave();
    // Somebody has to look whether there is more to start, or nothing left at all. Where a job waits for room, there is none.
    if (!goesOn || (this.#ticket === undefined && drain.peek() !== undefined)) drain.bell.ring();
  }

  get #isUnlimited(): boolean {
    return (typeof this.#limit === 'number' ? this.#limit : this.#limit.concurrency) === Infinity;
  }

  get #isShared(): boolean {
    return typeof this.#limit !== 'number';
  }

  /** Takes works until one of them has to be awaited, in this lane or in a new one. Returns the lane if there is one. */
  readonly #fill = (drain: Drain, lane: Lane | undefined): Lane | undefined => {
    const { entered } = drain;
    for (let work = drain.peek(); work !== undefined && !work.isResource; work = drain.peek()) {
      // The queue gives a place for one work; where it is skipped, for the next.
      const isNext = drain.entered > entered || lane !== undefined;
      if (isNext && (this.#isShared || drain.hold?.isDue())) return undefined;
      const flight = this.#launch(drain, work);
      if (flight !== undefined) return flight.takeLane(lane ?? new Lane());
    }
    return undefined;
  };

  /** Takes the work whose turn it is and enters it or skips it. Returns its flight where it has to be awaited. */
  #launch(drain: Drain, work: WorkEntry): Flight | undefined {
    drain.take(work);
    if (drain.hold === undefined && (drain.entered > 0 || drain.more)) drain.hold = new LoopHold();
    drain.started(work);
    const isDue = work.details === undefined || drain.due(work);
    const pending = isDue ? begin(drain, work) : drain.account.drop(work, 'skipped');
    drain.running = undefined;
    if (pending === undefined) {
      drain.over(work);
      return undefined;
    }
    const flight = new Flight(this, drain, work);
    this.#flights.set(work, flight);
    flight.follow(pending);
    return flight;
  }

  /** Asks the queue for a lane. */
  #issue(drain: Drain): void {
    this.#context ??= new AsyncResource('deferqueue.drain');
    this.#queue ??= typeof this.#limit === 'number' ? new PQueue({ concurrency: this.#limit }) : this.#limit;
    const ticket = new Ticket(this, drain);
    this.#ticket = ticket;
    ticket.handIn(this.#queue, this.#isShared);
  }

  #withdraw(): void {
    this.#ticket?.withdraw();
    this.#ticket = undefined;
  }
}

/** A place in the queue: a job that has started. */
class Lane {
  leave!: () => void;
  readonly left = new Promise<void>((resolve) => {
    this.leave = resolve;
  });
}

/** A work that is awaited. What it returned may never settle, and keeps this object then: so one that has landed holds nothing. */
class Flight {
  #lanes: ConcurrentLanes | undefined;
  #drain: Drain | undefined;
  #work: WorkEntry | undefined;
  #lane: Lane | undefined;

  constructor(lanes: ConcurrentLanes, drain: Drain, work: WorkEntry) {
    this.#lanes = lanes;
    this.#drain = drain;
    this.#work = work;
  }

  takeLane(lane: Lane): Lane {
    this.#lane = lane;
    return lane;
  }

  follow(pending: PromiseLike<unknown>): void {
    void pending.then(
      () => {
        if (this.#work?.state === 'running') this.#drain?.account.ran(this.#work);
        this.land();
      },
      (error: unknown) => {
        if (this.#work?.state === 'running') this.#drain?.account.fail(this.#work, error);
        this.land();
      },
    );
  }

  land(): void {
    const lanes = this.#lanes;
    const drain = this.#drain;
    const work = this.#work;
    const lane = this.#lane;
    this.#release();
    if (drain !== undefined && work !== undefined) lanes?.landed(drain, work, lane);
  }

  /** The drain is not gone on with. */
  drop(): void {
    this.#lane?.leave();
    this.#release();
  }

  #release(): void {
    this.#lanes = this.#drain = this.#work = this.#lane = undefined;
  }
}

/** The lanes for more than one work at once: a number of them, or those of a queue of the user's. */
export const concurrent = (limit: number | JobQueue): Lanes => new ConcurrentLanes(limit);
