import { diag, trace } from '@opentelemetry/api';
import { listen } from '../listen.js';
import { VERSION } from '../../version.js';
import { makeInstruments } from './instruments.js';
import { activate, observe } from './observer.js';
import { checkOptions } from './options.js';
import type { InstrumentOptions } from './options.js';
import { Records } from './records.js';

/**
 * Makes a span of each operation, of the drain at its boundary and of each work that starts, and metrics of all of them. Operations
 * that were open before are not followed. Set the global providers before, and their context manager: without one, no span is active.
 *
 * Returns what ends it: operations that are open then are followed to their end, so that no span is lost, and nothing that is opened
 * later outside of them. Once they have ended, nothing is left of it. Calling that again does nothing.
 *
 * Throws a `TypeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) for bad options.
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
  undo.push(instruments.close, listen(observe(records, tracer, instruments), untold));
  const interceptor = activate(records);
  for (const runtime of runtimes) undo.push(runtime.intercept(interceptor));
  return () => records.stop();
};

const untold = (name: string, error: unknown): void =>
  diag.error(`deferqueue: ${name} could not be told`, error);
