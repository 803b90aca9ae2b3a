import type { Body } from './program.js';
import type { Stage } from './stage.js';
import type { Strand } from './strand.js';
import type { OpenOperationView, WorkView } from './subject.js';

/** What the statements of one function know of where they are. */
export interface Scope {
  readonly stage: Stage;
  readonly strand: Strand;
  readonly work: WorkView | undefined;
  /** What this function has opened, and closes at its end at the latest. */
  readonly opened: OpenOperationView[];
  /** A function of the program, called. Only an asynchronous one that `awaits` performs what has to be awaited. */
  readonly call: (body: Body, stage: Stage, strand: Strand, work?: WorkView, awaits?: boolean) => unknown;
}
