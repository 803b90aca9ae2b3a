import fc from 'fast-check';
import { anyNumber, awaiting, deferOf, ends, mode, operationPlan, units, via } from './arbitrary-plans.js';
import type { Body, Statement } from './timed-program.js';

type Weighed = readonly [weight: number, arbitrary: fc.Arbitrary<Statement>];

const oneOf = (weighed: readonly Weighed[]): fc.Arbitrary<Statement> =>
  fc.oneof(...weighed.map(([weight, arbitrary]) => ({ weight, arbitrary })));

const waiting = oneOf([
  [20, fc.constant({ kind: 'gate' })],
  [3, fc.record({ kind: fc.constant('sleep'), units })],
  [3, fc.constant({ kind: 'aborted' })],
  [1, fc.constant({ kind: 'never' })],
]);

const flush = fc.record({ kind: fc.constant('flush' as const), via, ...awaiting });

/** What calls no functions. */
const simple = oneOf([
  [3, fc.record({ kind: fc.constant('cancel'), work: anyNumber })],
  [2, fc.record({ kind: fc.constant('abort'), signal: anyNumber })],
  [2, fc.constant({ kind: 'look' })],
  [1, fc.record({ kind: fc.constant('fail'), opened: anyNumber })],
  [1, fc.record({ kind: fc.constant('close'), opened: anyNumber, ...awaiting })],
  [2, flush],
]);

const bodyOf = (
  statement: fc.Arbitrary<Statement>,
  minLength: number,
  maxLength: number,
): fc.Arbitrary<Body> =>
  fc.record({ mode, statements: fc.array(statement, { minLength, maxLength, size: 'max' }), ends });

/** A function that waits, if it does anything. */
const leaf = bodyOf(
  oneOf([
    [3, waiting],
    [1, simple],
  ]),
  0,
  2,
);

/** What a discard does: it may also defer. */
const ofDiscard = bodyOf(
  oneOf([
    [3, waiting],
    [1, simple],
    [1, deferOf(leaf, leaf)],
  ]),
  0,
  2,
);

interface Bodies {
  readonly ofWork: fc.Arbitrary<Body>;
  readonly ofTask: fc.Arbitrary<Body>;
  readonly ofOperation: fc.Arbitrary<Body>;
}

const built = new Map<number, Bodies>();

/** The functions of works, tasks and operations, which nest up to `depth` further ones. */
export function bodies(depth: number): Bodies {
  const found = built.get(depth) ?? build(depth);
  built.set(depth, found);
  return found;
}

function build(depth: number): Bodies {
  if (depth === 0) return { ofWork: leaf, ofTask: leaf, ofOperation: leaf };
  const { ofWork, ofTask, ofOperation } = bodies(depth - 1);
  const defer = deferOf(ofWork, ofDiscard);
  const task = fc.record({
    kind: fc.constant('task' as const),
    concurrency: fc.constantFrom(undefined, 1, 2, Infinity),
    body: ofTask,
    ...awaiting,
  });
  const operation = fc.record({
    kind: fc.constant('operation' as const),
    settle: fc.boolean(),
    plan: operationPlan,
    body: ofOperation,
    ...awaiting,
  });
  const use = fc.record({ kind: fc.constant('use' as const), via, isAsync: fc.boolean(), dispose: ofWork });
  const others: Weighed[] = [
    [1, fc.record({ kind: fc.constant('open'), plan: operationPlan })],
    [1, fc.record({ kind: fc.constant('run'), opened: anyNumber, body: ofTask, ...awaiting })],
    [1, fc.record({ kind: fc.constant('spawn'), body: ofTask })],
    [2, use],
    [3, simple],
  ];
  return {
    ofWork: bodyOf(oneOf([[9, waiting], [5, defer], [1, task], [1, operation], [1, flush], ...others]), 0, 2),
    ofTask: bodyOf(
      oneOf([[5, waiting], [14, defer], [1, task], [1, operation], [2, flush], ...others]),
      1,
      4,
    ),
    ofOperation: bodyOf(
      oneOf([[4, waiting], [14, defer], [5, task], [3, operation], [1, flush], ...others]),
      depth + 1,
      depth * 2 + 2,
    ),
  };
}
