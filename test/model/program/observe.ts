import { Model } from '../reference/model.js';
import { createModelSubject } from '../reference/model-subject.js';
import { describeFailures, isWorkFailure } from './describe.js';
import { driveNow } from './drive.js';
import { librarySubject } from './library-subject.js';
import { perform } from './perform.js';
import type { Program } from './program.js';
import { Stage, type Observation } from './stage.js';

type Performed = Omit<Observation, 'warnings'>;

/** Turns of the event loop after which a program that has not ended never will: nothing in it waits for anything else. */
const patience = 200;

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

export interface Prediction {
  readonly expected: Observation;
  /** What the contract leaves open in the program. */
  readonly undecided: ReadonlySet<string>;
}

/** What the contract says of a program. */
export function predict(program: Program, ordered: boolean): Prediction {
  const model = new Model();
  const stage = new Stage(createModelSubject(model), ordered);
  const performed = driveNow(perform(program, stage)) as Performed;
  const expected = { ...performed, warnings: describeWarnings(model.warnings) };
  return { expected, undecided: model.undecided };
}

/** What the library does with a program. */
export async function observe(program: Program, ordered: boolean): Promise<Observation> {
  const warnings: Error[] = [];
  const count = (warning: Error): void => {
    warnings.push(warning);
  };
  process.on('warning', count);
  try {
    const stage = new Stage(librarySubject, ordered);
    let performed: Performed | undefined;
    const performing = (async () => {
      performed = (await librarySubject.drive('async', perform(program, stage))) as Performed;
    })();
    for (let turns = 0; performed === undefined && turns < patience; turns++) await turn();
    const hung: Performed = { log: { ...stage.log, hung: ['it never ends'] }, works: [], heard: [] };
    if (performed !== undefined) await performing;
    await turn();
    return { ...(performed ?? hung), warnings: describeWarnings(warnings) };
  } finally {
    process.off('warning', count);
  }
}

/**
 * A warning that is not of failed works is one of an `onWorkError`: in what words it is told is not said. Nor is
 * whether the cause of the others has the value of an operation that has handed it to its caller.
 */
const describeWarnings = (warnings: readonly { readonly cause?: unknown }[]): string[] =>
  warnings.map(({ cause }) => (isWorkFailure(cause) ? describeFailures(cause, told) : 'another')).toSorted();

const told = { ordered: false, outcome: true };
