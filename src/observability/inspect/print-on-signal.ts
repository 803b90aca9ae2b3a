import { invalidType, invalidUse } from '../../api/invalid-argument.js';
import { format } from './format.js';
import { inspect } from './inspect.js';

/** How many entries of each list are printed. */
const LIMIT = 20;

/**
 * Prints the live state whenever the process receives a signal: at most 20 operations, and 20 tasks
 * and 20 work items of each. `write` is called with the text, without a final line feed.
 *
 * Returns a function that stops it and restores the previous behaviour of the signal. The listener
 * does not keep the process alive. Choose a signal that nothing else needs: with SIGTERM, the process
 * would no longer end. Call it in the main thread; workers receive no signals.
 *
 * Throws a `TypeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) for invalid arguments, for a signal that
 * cannot be handled, such as SIGKILL, and for one that the platform lacks. Windows has no SIGUSR2, and
 * workerd has no signals.
 *
 * @example
 * if (process.platform !== 'win32') printOnSignal(); // then: kill -USR2 PID
 */
export const printOnSignal = (
  signal = 'SIGUSR2',
  // oxlint-disable-next-line eslint/no-console -- it writes to stderr on every runtime
  write: (text: string) => unknown = console.error,
): (() => void) => {
  if (typeof signal !== 'string') throw invalidType('signal', 'the name of a signal', signal);
  if (typeof write !== 'function') throw invalidType('write', 'a function', write);
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  const signals = process?.getBuiltinModule?.('node:os')?.constants?.signals;
  // Node.js accepts any event name, and the listener would never be called.
  if (process?.on === undefined || signals?.[signal as NodeJS.Signals] === undefined) {
    throw invalidUse(
      `There is no signal ${signal} on this platform: print format(inspect()) when something else asks for it`,
    );
  }
  const print = (): unknown => write(format(inspect({ limit: LIMIT })));
  try {
    process.on(signal, print);
  } catch {
    throw invalidUse(
      `The signal ${signal} cannot be listened to. Choose one that programs get, such as SIGUSR2`,
    );
  }
  return () => process.off!(signal, print);
};
