import { metrics } from '@opentelemetry/api';
import type { Counter, Histogram, MeterProvider, ObservableResult } from '@opentelemetry/api';
import { VERSION } from '../../version.js';

/** In seconds: the buckets that the semantic conventions recommend for request durations. */
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** The instruments, until `close` is called. @internal */
export interface Instruments {
  readonly endedItems: Counter;
  readonly drainDuration: Histogram;
  readonly drainUtilization: Histogram;
  readonly close: () => void;
}

/** Creates the instruments. `queued` is called at every collection. @internal */
export const makeInstruments = (provider: MeterProvider | undefined, queued: () => number): Instruments => {
  const meter = (provider ?? metrics).getMeter('deferqueue', VERSION);
  const length = meter.createObservableUpDownCounter('deferqueue.queue.length', {
    description: 'Work items that are registered and have neither started nor ended.',
    unit: '{work}',
  });
  const observe = (result: ObservableResult): void => result.observe(queued());
  length.addCallback(observe);
  return {
    endedItems: meter.createCounter('deferqueue.works', {
      description: 'Work items that have ended, by their end state.',
      unit: '{work}',
    }),
    drainDuration: meter.createHistogram('deferqueue.drain.duration', {
      description: 'The time from the boundary of an operation to its end, if work ran in between.',
      unit: 's',
      advice: { explicitBucketBoundaries: DURATIONS },
    }),
    drainUtilization: meter.createHistogram('deferqueue.drain.event_loop_utilization', {
      description: 'The share of the time of a drain in which the event loop was busy.',
      unit: '1',
      advice: { explicitBucketBoundaries: SHARES },
    }),
    close: () => length.removeCallback(observe),
  };
};
