import fc from 'fast-check';
import { bodies } from './arbitrary-body.js';
import { operationPlan, rarely } from './arbitrary-plans.js';
import { printProgram } from './print-program.js';
import { promotingWork } from './arbitrary-promotions.js';
import type { DeferStatement, OperationStatement, Statement, TimedProgram } from './timed-program.js';

const root: fc.Arbitrary<OperationStatement> = fc.record({
  kind: fc.constant('operation'),
  settle: fc.boolean(),
  plan: operationPlan.map((plan) => ({ ...plan, nesting: undefined })),
  body: bodies(3).ofOperation.map((body) => ({ ...body, mode: 'async' as const })),
  awaited: fc.constant(false),
  caught: fc.constant(true),
});

const gates = fc.array(fc.constant<Statement>({ kind: 'gate' }), { maxLength: 3 });

/** Shuts down at some time, perhaps twice, and tries to open an operation after that. */
const shutdown: fc.Arbitrary<readonly Statement[]> = fc
  .record({
    before: gates,
    graces: fc.array(rarely<number | undefined>(undefined, fc.integer({ min: 1, max: 3 }), 1), {
      minLength: 1,
      maxLength: 2,
    }),
    after: fc.array(root, { maxLength: 1 }),
  })
  .map(({ before, graces, after }) => [
    {
      kind: 'spawn',
      body: {
        mode: 'async',
        statements: [...before, ...graces.map((grace) => ({ kind: 'shutdown' as const, grace })), ...after],
        ends: 'returns',
      },
    },
  ]);

/** Every now and then with works that are handed to the root while it drains. */
const rootOperation: fc.Arbitrary<OperationStatement> = fc
  .tuple(
    root,
    rarely<readonly DeferStatement[]>([], fc.array(promotingWork, { minLength: 1, maxLength: 2 }), 7),
  )
  .map(([statement, works]) => ({
    ...statement,
    body: { ...statement.body, statements: [...works, ...statement.body.statements] },
  }));

/** Makes a counterexample readable. */
const readable = (program: TimedProgram): TimedProgram =>
  Object.defineProperty({ ...program }, fc.toStringMethod, { value: () => printProgram(program) });

export const arbitraryTimedProgram: fc.Arbitrary<TimedProgram> = fc
  .record({
    statements: fc.array(rootOperation, { minLength: 1, maxLength: 2 }),
    shutdown: rarely<readonly Statement[]>([], shutdown, 3),
    times: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }),
  })
  .map(({ statements, shutdown: last, times }) => readable({ statements: [...statements, ...last], times }));
