import type { AsyncResource } from 'node:async_hooks';
import type { Bell } from './bell.js';
import type { DrainTimeoutError } from './errors.js';
import type { OperationSignal } from './operation-signal.js';
import type { Outcome } from './outcome.js';
import type { OperationReport } from './report.js';

/** How an operation was ended before its time (G23, G23a). @internal */
export interface CutShort {
  /** What it rejects with, if its function does not; known when the function has settled. */
  readonly error: (value: unknown) => DrainTimeoutError | undefined;
  /** Resolves when its discards and resources have settled, or have had their time. */
  readonly over: Promise<void>;
}

/**
 * What only some operations have, so that the others do not make room for it.
 * @internal
 */
export class OperationDetails {
  outcome: Outcome | undefined;
  signals: OperationSignal | undefined;
  bell: Bell | undefined;
  /** The contexts in which tasks were opened. */
  contexts: WeakMap<object, AsyncResource> | undefined;
  cutAt = 0;
  cut: CutShort | undefined;
  lastReport: OperationReport | undefined;
}
