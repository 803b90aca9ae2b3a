import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { invalidType, invalidUse } from '../../api/invalid-argument.js';
import { intercept } from '../../index.js';
import type { Runtime } from '../../index.js';

/** Options of `instrument`. */
export interface InstrumentOptions {
  /**
   * The runtimes in whose functions the spans are active. Operations of all runtimes have spans.
   *
   * @default the runtime whose functions `deferqueue` exports
   */
  readonly runtimes?: readonly Pick<Runtime, 'intercept'>[] | undefined;
  /**
   * The provider of the tracer.
   *
   * @default the global provider, even if it is set later
   */
  readonly tracerProvider?: TracerProvider | undefined;
  /**
   * The provider of the meter.
   *
   * @default the global provider at the time of the call
   */
  readonly meterProvider?: MeterProvider | undefined;
}

/** Validates the options and fills in the default runtime. @internal */
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
