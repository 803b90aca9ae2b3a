import { Refusal } from '../contract/refusal.js';
import type { Stage } from './stage.js';

interface Pair<M, L> {
  readonly model: M;
  readonly library: L;
}

export const codeOf = (error: unknown): string =>
  (error as { code?: string } | undefined)?.code ?? String(error);

/** Asks the model, then the library, and compares which of them refuses. `undefined` if both do. */
export function attempt<M, L>(
  stage: Stage,
  label: string,
  ask: () => M,
  make: () => L,
): Pair<M, L> | undefined {
  stage.happens(label);
  let model: { readonly answer: M } | undefined;
  let refusal: string | undefined;
  try {
    model = { answer: ask() };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refusal = error.code;
  }
  try {
    const library = make();
    if (model !== undefined) return { model: model.answer, library };
    stage.world.complain(`${label} should have thrown ${refusal}`);
  } catch (error) {
    stage.say(`${label} throws ${codeOf(error)}`);
    if (codeOf(error) !== refusal)
      stage.world.complain(`${label} throws ${codeOf(error)} in place of ${refusal ?? 'nothing'}`);
  }
  return undefined;
}

/** As `attempt`, of a call that refuses with a promise. */
export function attemptAsync<M>(
  stage: Stage,
  label: string,
  ask: () => M,
  make: (model: M) => Promise<unknown>,
): { readonly model: M; readonly promise: Promise<unknown> } | { readonly promise: Promise<unknown> } {
  stage.happens(label);
  let model: M;
  try {
    model = ask();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code } = error;
    const promise = make(undefined as M);
    stage.watch(
      label,
      promise,
      () => ({ status: 'rejected', reason: error }),
      (seen) =>
        seen.status === 'rejected' && codeOf(seen.reason) === code
          ? undefined
          : `should have rejected with ${code}`,
    );
    return { promise };
  }
  return { model, promise: make(model) };
}
