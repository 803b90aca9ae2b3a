import { AsyncLocalStorage } from 'node:async_hooks';
import type { Deferred, Operation, OpenOperation, Runtime, Task } from 'deferqueue';
import type { Scheduler } from 'fast-check';
import type { ModelOperation, ModelTask, ModelWork } from '../contract/entities.js';
import type { TimedSignal } from '../contract/timed-signal.js';
import { World } from '../contract/world.js';
import { Clock } from './clock.js';
import type { Settlement } from '../contract/settlement.js';
import { differsInRow, workSettlement } from './rows.js';
import { differsInValue, tell, type Watch } from './watch.js';
import { synchronize } from './synchronize.js';

/** An `AsyncLocalStorage` that the library knows nothing of. */
export const foreign = new AsyncLocalStorage<string>();

export interface Heard {
  readonly operation: ModelOperation;
  readonly error: unknown;
}

/** A signal that a statement may abort, and the work that was given it. */
export interface StagedSignal {
  readonly model: TimedSignal;
  readonly controller: AbortController;
  work: ModelWork | undefined;
}

/** Where one program is performed: the library and the model side by side, and what has happened so far. */
export class Stage {
  readonly runtime: Runtime;
  readonly scheduler: Scheduler;
  readonly world = new World();
  readonly clock = new Clock();
  readonly operations: { readonly model: ModelOperation; readonly library: Operation }[] = [];
  readonly opened: { readonly model: ModelOperation; readonly library: OpenOperation }[] = [];
  readonly tasks: { readonly model: ModelTask; readonly library: Task }[] = [];
  readonly works: { readonly model: ModelWork; readonly library: Deferred }[] = [];
  readonly controllers: StagedSignal[] = [];
  readonly heard: Heard[] = [];
  /** Operations that never turn a failure into a warning: `settleOperation` gives the report to its caller. */
  readonly settled = new Set<ModelOperation>();
  /** What the first `shutdown` returned. */
  shutdown: Promise<unknown> | undefined;
  /** By how many units the clock is to be advanced now. */
  readonly passing: number[] = [];
  readonly log: string[] = [];
  watches: Watch[] = [];
  #labels = 0;

  constructor(runtime: Runtime, scheduler: Scheduler) {
    this.runtime = runtime;
    this.scheduler = scheduler;
  }

  label(kind: string): string {
    this.#labels += 1;
    return `${kind}${this.#labels}`;
  }

  /** Something to wait for that the schedule decides about. */
  async gate(): Promise<void> {
    const label = this.label('gate ');
    this.say(`${label} is waited for`);
    await this.scheduler.schedule(Promise.resolve(), label);
    this.say(`${label} opens`);
  }

  /** Time that passes when the schedule says so. */
  async timePasses(units: number): Promise<void> {
    await this.scheduler.schedule(Promise.resolve(), `${units} units of time`);
    this.passing.push(units);
  }

  /** The next event of the schedule. */
  step(step: number): void {
    this.world.step = step;
    this.log.push(`— ${step}`);
  }

  say(line: string): void {
    this.log.push(line);
  }

  /** Something happens now. Whatever the library shows of what nobody sees happening, the model takes note of first. */
  happens(line: string): void {
    this.say(line);
    synchronize(this);
  }

  /** Compares what a `Deferred` settles with. */
  watchWork({ model, library }: Stage['works'][number]): void {
    this.watch(
      `${model.name}.settled`,
      library.settled,
      () => workSettlement(model),
      (seen) => differsInRow(seen, model),
    );
  }

  /** Compares how a promise settles, and when. */
  watch(
    label: string,
    promise: PromiseLike<unknown>,
    expected: () => Settlement | undefined,
    differs: Watch['differs'] = differsInValue,
  ): void {
    const watch: Watch = { label, expected, differs, seen: undefined };
    this.watches.push(watch);
    const settle = (seen: PromiseSettledResult<unknown>): void => {
      watch.seen = seen;
      this.happens(`${label} has ${tell(seen)}`);
      if (expected() === undefined) this.world.complain(`${label} has ${tell(seen)} too early`);
    };
    promise.then(
      (value) => settle({ status: 'fulfilled', value }),
      (reason: unknown) => settle({ status: 'rejected', reason }),
    );
  }
}
