import { invalidType, invalidUse } from '../../api/invalid-argument.js';
import { format } from './format.js';
import { inspect } from './inspect.js';

/** How much of each list is printed. */
const LIMIT = 20;

/**
 * Prints what is alive whenever the process gets a signal: at most 20 operations, and 20 tasks and works of each. `write` gets the
 * text, without a line feed at its end. Returns what stops it, after which the signal does what it did before; it does not keep the process
 * alive. Choose a signal that nothing else needs: with SIGTERM, the process would not end any more.
 *
 * Throws a `TypeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) for bad arguments, for a signal that no program gets, such as SIGKILL, and where there is
 * no such signal: SIGUSR2 does not exist on Windows, and workerd has none. Call it in the main thread, which alone gets signals.
 *
 * @example
 * if (process.platform !== 'win32') printOnSignal(); // then: kill -USR2 PID
 */
export const printOnSignal = (
  signal = 'SIGUSR2',
  // oxlint-disable-next-line eslint/no-console -- it leads to stderr on every runtime
  write: (text: string) => unknown = console.error,
): (() => void) => {
  if (typeof signal !== 'string') throw invalidType('signal', 'the name of a signal', signal);
  if (typeof write !== 'function') throw invalidType('write', 'a function', write);
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  const signals = process?.getBuiltinModule?.('node:os')?.constants?.signals;
  // Node.js takes the name of any event, and would wait for ever.
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
