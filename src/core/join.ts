import type { Body } from './boundary.js';
import type { OperationCore } from './operation.js';
import { fulfilled, rejected } from './outcome.js';
import type { SettledOperation } from './surface.js';

/** A function inside an operation that is already open: it is waited for like a task (G17). @internal */
export const joined = async (operation: OperationCore, body: Body<unknown>): Promise<unknown> => {
  operation.active++;
  try {
    return await body(operation);
  } finally {
    operation.leave();
  }
};

/** The same, with the report of the enclosing operation so far. @internal */
export const settledJoined = async (
  operation: OperationCore,
  body: Body<unknown>,
): Promise<SettledOperation<unknown>> => {
  try {
    const value = await joined(operation, body);
    return { outcome: fulfilled(value), report: operation.report() };
  } catch (reason) {
    return { outcome: rejected(reason), report: operation.report() };
  }
};
