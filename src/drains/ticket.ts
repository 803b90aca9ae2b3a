import { AsyncResource } from 'node:async_hooks';
import type { Drain } from '../core/drain.js';
import type { JobQueue } from '../core/surface.js';
import { watch, unwatch } from './queue-watch.js';
import type { Waiting } from './queue-watch.js';

/** A class of its own: one that is kept for good decides in V8 how others of its class are laid out, and works would take 32 bytes more. */
class Nowhere extends AsyncResource {}

/** No context in particular: what a queue makes for a job, and may keep for long, would keep that of the drain (G25). */
const nowhere = new Nowhere('deferqueue.queue');

/** Whom a ticket is for. */
export interface TicketHolder {
  /** The queue has started the job. */
  enter(drain: Drain): Promise<void> | undefined;
  /** The queue has let go of the job. */
  lost(drain: Drain): void;
  /** The queue takes no job. */
  refused(drain: Drain): void;
}

/**
 * A job in a queue that is for no work in particular: when the queue starts it, the drain says which work it is. It can be
 * withdrawn, and does nothing then; whatever the queue keeps of it holds neither drain nor work (G25).
 */
export class Ticket implements Waiting {
  #holder: TicketHolder | undefined;
  #drain: Drain | undefined;
  #queue: JobQueue | undefined;

  constructor(holder: TicketHolder, drain: Drain) {
    this.#holder = holder;
    this.#drain = drain;
  }

  /** Adds the job to the queue, which may start it at once. One that is shared may be paused or cleared by others. */
  handIn(queue: JobQueue, shared: boolean): void {
    try {
      nowhere.runInAsyncScope(this.#add, undefined, queue);
    } catch (error) {
      this.#rejected(error);
    }
    if (this.#holder === undefined || !shared) return;
    this.#queue = queue;
    watch(queue, this);
  }

  /** The queue was cleared. */
  cleared(): void {
    const holder = this.#holder;
    const drain = this.#drain;
    this.withdraw();
    if (drain !== undefined) holder?.lost(drain);
  }

  /** The queue is paused: nothing will start until somebody starts it again. */
  paused(): void {
    this.#drain?.account.tellPaused();
  }

  withdraw(): void {
    this.#holder = this.#drain = undefined;
    if (this.#queue !== undefined) unwatch(this.#queue, this);
    this.#queue = undefined;
  }

  readonly #add = (queue: JobQueue): void => {
    // The queue's own timeout would free the slot of a job that still runs: it counts as the work's (see Lanes).
    queue
      .add(() => this.#start(), { timeout: undefined })
      .then(undefined, (error: unknown) => {
        this.#rejected(error);
      });
  };

  #start(): Promise<void> | undefined {
    const holder = this.#holder;
    const drain = this.#drain;
    this.withdraw();
    return drain && holder?.enter(drain);
  }

  /** p-queue 10 rejects what it clears. */
  #rejected(error: unknown): void {
    if (error instanceof Error && error.name === 'AbortError') return this.cleared();
    const holder = this.#holder;
    const drain = this.#drain;
    this.withdraw();
    if (drain === undefined) return;
    drain.account.tellRefused(error);
    holder?.refused(drain);
  }
}
