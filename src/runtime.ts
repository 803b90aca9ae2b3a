import { AsyncLocalStorageCarrier } from './carriers/async-local-storage.js';
import type { ContextCarrier } from './core/carrier.js';
import type { Lanes } from './core/drain.js';
import { Engine } from './core/engine.js';
import { invalidType, invalidUse } from './core/invalid-argument.js';
import { DEFAULTS, operationSettings } from './core/settings.js';
import type { JobQueue, OperationOptions, Runtime } from './core/surface.js';
import { concurrent } from './drains/concurrent.js';
import { serial } from './drains/serial.js';

/** Options of `createRuntime`. */
export interface RuntimeOptions {
  /**
   * What transports the current operation through async calls.
   *
   * @default an `AsyncLocalStorage` of the runtime's own
   */
  carrier?: ContextCarrier;
  /** What operations of this runtime have for options that are not given where they are opened. */
  defaults?: OperationOptions;
}

/**
 * A set of the library's functions of its own: its operations and those of other runtimes do not see each other,
 * even where one is opened inside the other.
 *
 * Throws a `TypeError` or `RangeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) for bad options.
 *
 * @example
 * const { withOperation, defer } = createRuntime({ defaults: { workErrors: 'report', onWorkError: log } });
 */
export const createRuntime = (options: RuntimeOptions = {}): Runtime => {
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const { carrier = new AsyncLocalStorageCarrier(), defaults, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw invalidUse(`Unknown option \`${unknown}\`. There are: carrier, defaults`);
  if (typeof carrier?.get !== 'function' || typeof carrier.run !== 'function') {
    throw invalidType('options.carrier', 'an object with the methods get and run', carrier);
  }
  if (!['undefined', 'function'].includes(typeof carrier.runInScope)) {
    throw invalidType('options.carrier', 'an object whose runInScope, if it has one, is a method', carrier);
  }
  if (typeof defaults === 'string') throw invalidType('options.defaults', 'an object', defaults);
  const lanes = (limit: number | JobQueue): Lanes => (limit === 1 ? serial : concurrent(limit));
  const engine = new Engine(carrier, lanes, operationSettings(defaults, DEFAULTS, 'options.defaults'));
  return Object.freeze({
    withOperation: engine.withOperation,
    settleOperation: engine.settleOperation,
    openOperation: engine.openOperation,
    withTask: engine.withTask,
    defer: engine.defer,
    use: engine.use,
    flush: engine.flush,
    currentOperation: engine.currentOperation,
    currentTask: engine.currentTask,
    shutdown: engine.shutdown,
    intercept: engine.intercept,
  });
};
