import type { ContextCarrier } from './api/carrier.js';
import { invalidType, invalidUse } from './api/invalid-argument.js';
import type { OperationOptions } from './api/options.js';
import type { Runtime } from './api/runtime.js';
import { DEFAULTS, operationSettings } from './api/settings.js';
import { AsyncLocalStorageCarrier } from './carriers/async-local-storage.js';
import { makeSlots } from './concurrency/p-queue.js';
import { RuntimeCore } from './core/runtime.js';

/** Options of `createRuntime`. */
export interface RuntimeOptions {
  /**
   * Transports the current operation through async calls.
   *
   * @default an `AsyncLocalStorage` of the runtime's own
   */
  carrier?: ContextCarrier;
  /** Options that operations of this runtime have where they are not given. */
  defaults?: OperationOptions;
}

/**
 * Creates a separate set of the library's functions. Its operations and those of other runtimes do not see each
 * other, even where one is opened inside the other.
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
  if (unknown !== undefined) {
    throw invalidUse(`Unknown option \`${unknown}\`. The options are: carrier, defaults`);
  }
  if (typeof carrier?.get !== 'function' || typeof carrier.run !== 'function') {
    throw invalidType('options.carrier', 'an object with the methods get and run', carrier);
  }
  if (typeof defaults === 'string') throw invalidType('options.defaults', 'an object', defaults);
  const core = new RuntimeCore(carrier, makeSlots, operationSettings(defaults, DEFAULTS, 'options.defaults'));
  return Object.freeze({
    withOperation: core.withOperation,
    settleOperation: core.settleOperation,
    openOperation: core.openOperation,
    withTask: core.withTask,
    defer: core.defer,
    use: core.use,
    flush: core.flush,
    runOutside: core.runOutside,
    configure: core.configure,
    currentOperation: core.currentOperation,
    currentTask: core.currentTask,
    shutdown: core.shutdown,
    intercept: core.intercept,
  });
};
