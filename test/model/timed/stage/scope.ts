import type { OpenOperation, Work } from 'deferqueue';
import type { ModelOperation, ModelTask, ModelWork, Outcome } from '../contract/entities.js';
import type { Body } from '../program/timed-program.js';
import type { Stage } from './stage.js';

/** What the statements of one function know of where they are. */
export interface Scope {
  readonly stage: Stage;
  /** The operation and the task that are current, and what the foreign `AsyncLocalStorage` reads. */
  readonly place: {
    readonly operation: ModelOperation | undefined;
    readonly task: ModelTask | undefined;
    readonly token: string;
  };
  /** Every operation in which the function is, directly or by way of what has started it. */
  readonly inside: readonly ModelOperation[];
  /** The work whose `run` the function is part of. */
  readonly work: { readonly model: ModelWork; readonly library: Work<unknown> } | undefined;
  /** What this function has opened, and closes at its end at the latest. */
  readonly opened: { readonly model: ModelOperation; readonly library: OpenOperation }[];
  /** Calls a function of the program. `ended` hears of its end before the library does. */
  readonly call: Call;
}

export type Call = (body: Body, scope: Scope, ended: (outcome: Outcome) => void) => unknown;

/** A function that is entered at another place. */
export const entering = (scope: Scope, place: Scope['place'], work?: Scope['work']): Scope => ({
  ...scope,
  place,
  inside: place.operation === undefined ? scope.inside : [...scope.inside, place.operation],
  work,
  opened: [],
});
