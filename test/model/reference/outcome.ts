export type ModelOutcome = PromiseSettledResult<unknown>;

/** Calls a function and says how it settled. */
export function outcomeOf(fn: () => unknown): ModelOutcome {
  try {
    return { status: 'fulfilled', value: fn() };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
}

export function unwrap(outcome: ModelOutcome): unknown {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}
