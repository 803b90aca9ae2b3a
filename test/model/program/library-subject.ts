import { AsyncLocalStorage } from 'node:async_hooks';
import * as deferqueue from 'deferqueue';
import type { DeferOptions, Operation, Work } from 'deferqueue';
import { driveNow } from './drive.js';
import type { BodyMode } from './program.js';
import type {
  OpenOperationView,
  OperationView,
  Play,
  Step,
  Subject,
  TaskView,
  WorkOptions,
} from './subject.js';

async function driveAwaiting(play: Play): Promise<unknown> {
  let next = play.next();
  while (next.done !== true) {
    let value: unknown;
    try {
      value = await next.value();
    } catch (error) {
      next = play.throw(error);
      continue;
    }
    next = play.next(value);
  }
  return next.value;
}

function asThenable(play: Play): PromiseLike<unknown> {
  const settled = new Promise((resolve) => {
    resolve(driveNow(play));
  });
  settled.catch(() => undefined);
  // oxlint-disable-next-line unicorn/no-thenable -- what a user may return in place of a promise
  return { then: (fulfil, reject) => settled.then(fulfil, reject) };
}

const drives = { sync: driveNow, async: driveAwaiting, thenable: asThenable } satisfies Record<
  BodyMode,
  (play: Play) => unknown
>;

/** What is already resolved, awaited so many times. */
export async function ticks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick++) await Promise.resolve();
}

const foreign = new AsyncLocalStorage<string>();

/** Works without options are deferred as people defer them: the library has a way of its own for those. */
const given = (options: WorkOptions): WorkOptions | undefined =>
  Object.keys(options).length === 0 ? undefined : options;

/** The library itself, as programs see it. The views are the smaller types, so nothing but types is converted here. */
export const librarySubject: Subject = {
  withOperation: (options, fn) => deferqueue.withOperation(options, fn as (operation: Operation) => unknown),
  settleOperation: (options, fn) =>
    deferqueue.settleOperation(options, fn as (operation: Operation) => unknown),
  openOperation: (options) => deferqueue.openOperation(options) as unknown as OpenOperationView,
  withTask: (options, fn) => deferqueue.withTask(options, fn as (task: unknown) => unknown),
  defer: (run, options) =>
    deferqueue.defer(
      run as (work: Work<unknown>) => unknown,
      given(options) as DeferOptions<unknown> | undefined,
    ),
  use: (resource, options) => deferqueue.use(resource as Disposable, options),
  runOutside: (fn) => deferqueue.runOutside(fn),
  flush: () => deferqueue.flush(),
  currentOperation: () => deferqueue.currentOperation() as OperationView | undefined,
  currentTask: () => deferqueue.currentTask() as TaskView | undefined,
  foreign: { run: (value, fn) => foreign.run(value, fn), read: () => foreign.getStore() },
  capture: () => AsyncLocalStorage.snapshot(),
  drive: (mode, play) => drives[mode](play),
  finally(fn: Step, finish: () => void): unknown {
    let result: unknown;
    try {
      result = fn();
    } catch (error) {
      finish();
      throw error;
    }
    if (typeof result === 'object') return Promise.resolve(result).finally(finish);
    finish();
    return result;
  },
  together(starts: readonly Step[], awaited: boolean): Step {
    const all = Promise.all(starts.map((start) => Promise.resolve(start()).catch(() => undefined)));
    return () => (awaited ? all : undefined);
  },
  ticks: (count) => () => ticks(count),
};
