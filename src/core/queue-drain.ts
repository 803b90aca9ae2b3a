import type { Account } from './account.js';
import { Bell } from './bell.js';
import type { Drain, DrainLoop, Lanes } from './drain.js';
import type { LoopHold } from './loop-hold.js';
import type { OperationSettings } from './settings.js';
import type { WorkQueue } from './work-queue.js';
import type { WorkEntry, WorkScope } from './work.js';

/** What the drain of one queue needs of the operation. @internal */
export interface QueueDrainHost {
  readonly account: Account;
  readonly settings: OperationSettings;
  readonly boundary: { readonly timeout: number | undefined; readonly limits: boolean };
  enterWork(work: WorkEntry, scope: WorkScope): unknown;
}

/**
 * The drain of a single queue, apart from the one at the boundary.
 * @internal
 */
export abstract class QueueDrain implements Drain {
  readonly account: Account;
  readonly lanes: Lanes;
  readonly bell = new Bell();
  readonly timed: boolean;
  readonly limits: boolean;
  running: WorkEntry | undefined;
  entered = 0;
  hold: LoopHold | undefined;
  loop: DrainLoop | undefined;
  protected readonly queue: WorkQueue;
  readonly #host: QueueDrainHost;
  readonly #scope: WorkScope;
  /** How many works may run at once, whatever the lanes allow. */
  readonly #room: number;
  #running = 0;

  constructor(host: QueueDrainHost, scope: WorkScope, queue: WorkQueue, lanes: Lanes, room: number) {
    this.#host = host;
    this.#scope = scope;
    this.queue = queue;
    this.account = host.account;
    this.lanes = lanes;
    this.#room = room;
    this.timed = host.settings.drainTimeout !== Infinity;
    this.limits = host.boundary.limits;
  }

  get timeout(): number | undefined {
    return this.#host.boundary.timeout;
  }

  get more(): boolean {
    return this.queue.size > 0;
  }

  peek(): WorkEntry | undefined {
    return this.#running < this.#room ? this.first() : undefined;
  }

  take(work: WorkEntry): void {
    this.queue.remove(work);
  }

  next(): WorkEntry | undefined {
    const work = this.peek();
    if (work !== undefined) this.queue.remove(work);
    return work;
  }

  rest(): undefined {
    return undefined;
  }

  enter(work: WorkEntry): unknown {
    return this.#host.enterWork(work, this.#scope);
  }

  started(): void {
    this.#running++;
  }

  over(): void {
    this.#running--;
  }

  abstract due(work: WorkEntry): boolean;

  /** The work whose turn it is. */
  protected abstract first(): WorkEntry | undefined;
}
