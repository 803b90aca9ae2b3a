import { driveNow } from '../program/drive.js';
import type { Subject } from '../program/subject.js';
import { flush } from './flush.js';
import type { Model } from './model.js';
import { openOperation, settleOperation, withOperation, withTask } from './opening.js';
import { outcomeOf } from './outcome.js';
import { defer } from './registration.js';
import { use } from './view.js';

/** The contract as something to perform a program on, at once and in one go. */
export function createModelSubject(model: Model): Subject {
  return {
    withOperation: (options, fn) => withOperation(model, options, fn),
    settleOperation: (options, fn) => settleOperation(model, options, fn),
    openOperation: (options) => openOperation(model, options),
    withTask: (options, fn) => withTask(model, options, fn),
    defer: (run, options) => defer(model, run, options),
    use: (resource, options) => use(model, model.context.operation, model.context.task, resource, options),
    runOutside: (fn) =>
      model.within(
        { operation: undefined, task: undefined, by: undefined, foreign: model.context.foreign },
        fn,
      ),
    flush: () => flush(model, model.context.operation, model.context.task),
    currentOperation: () => model.context.operation?.view,
    currentTask: () => model.context.task,
    foreign: {
      run: (foreign, fn) => model.within({ ...model.context, foreign }, fn),
      read: () => model.context.foreign,
    },
    capture() {
      const { context } = model;
      return (fn) => {
        model.captured += 1;
        try {
          return model.within(context, fn);
        } finally {
          model.captured -= 1;
        }
      };
    },
    drive: (_mode, play) => driveNow(play),
    finally(fn, finish) {
      try {
        return fn();
      } finally {
        finish();
      }
    },
    together: (starts) => () => {
      for (const start of starts) outcomeOf(start);
    },
    ticks: () => () => undefined,
  };
}
