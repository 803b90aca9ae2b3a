import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { invalidType, invalidUse } from '../../api/invalid-argument.js';
import { intercept } from '../../index.js';
import type { Runtime } from '../../index.js';

/** Options of `instrument`. */
export interface InstrumentOptions {
  /**
   * Those in whose functions the spans are active. Operations of all runtimes have spans, since all are heard.
   *
   * @default the one whose functions `deferqueue` exports
   */
  readonly runtimes?: readonly Pick<Runtime, 'intercept'>[] | undefined;
  /**
   * What makes the spans.
   *
   * @default the global one, also where that is set later
   */
  readonly tracerProvider?: TracerProvider | undefined;
  /**
   * What takes the metrics.
   *
   * @default the global one, as it is at the call
   */
  readonly meterProvider?: MeterProvider | undefined;
}

/** The options as given, once they are known to be good. @internal */
export const checkOptions = (
  options: InstrumentOptions,
): InstrumentOptions & { readonly runtimes: readonly Pick<Runtime, 'intercept'>[] } => {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidType('options', 'an object', options);
  }
  const { runtimes = [{ intercept }], tracerProvider, meterProvider, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw invalidUse(`Unknown option \`${unknown}\`. There are: runtimes, tracerProvider, meterProvider`);
  }
  if (!Array.isArray(runtimes)) throw invalidType('options.runtimes', 'an array of runtimes', runtimes);
  for (const [index, runtime] of (runtimes as readonly unknown[]).entries()) {
    if (!has(runtime, 'intercept')) throw invalidType(`options.runtimes[${index}]`, 'a runtime', runtime);
  }
  if (tracerProvider !== undefined && !has(tracerProvider, 'getTracer')) {
    throw invalidType('options.tracerProvider', 'an object with the method getTracer', tracerProvider);
  }
  if (meterProvider !== undefined && !has(meterProvider, 'getMeter')) {
    throw invalidType('options.meterProvider', 'an object with the method getMeter', meterProvider);
  }
  return { runtimes, tracerProvider, meterProvider };
};

const has = (value: unknown, method: string): boolean =>
  typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function';
