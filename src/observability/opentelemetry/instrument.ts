import { diag, trace } from '@opentelemetry/api';
import { listen } from '../listen.js';
import { VERSION } from '../../version.js';
import { makeInstruments } from './instruments.js';
import { activate, observe } from './observer.js';
import { checkOptions } from './options.js';
import type { InstrumentOptions } from './options.js';
import { Records } from './records.js';

/**
 * Creates spans of operations, of the drains at their boundaries and of work items that start, and
 * records metrics of all of them. Operations opened before the call are not recorded. Set the global
 * providers first, and a context manager: without one, no span is active.
 *
 * Returns a function that stops it. Open operations, and those nested in them, are still recorded to
 * their end, so that no span is lost. After that, no subscription or interceptor is left. Calling the
 * function again does nothing.
 *
 * Throws a `TypeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) for invalid options.
 *
 * @example
 * const stop = instrument();
 */
export const instrument = (options: InstrumentOptions = {}): (() => void) => {
  const { runtimes, tracerProvider, meterProvider } = checkOptions(options);
  const undo: (() => void)[] = [];
  const records = new Records(() => {
    for (const one of undo.splice(0)) one();
  });
  const tracer = (tracerProvider ?? trace).getTracer('deferqueue', VERSION);
  const instruments = makeInstruments(meterProvider, () => records.queued);
  undo.push(instruments.close, listen(observe(records, tracer, instruments), logError));
  const interceptor = activate(records);
  for (const runtime of runtimes) undo.push(runtime.intercept(interceptor));
  return () => records.stop();
};

const logError = (name: string, error: unknown): void =>
  diag.error(`deferqueue: ${name} could not be recorded`, error);
