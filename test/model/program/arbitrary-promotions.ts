import fc from 'fast-check';
import { bodyOfDepth, deferOf, operationStatement, statements } from './arbitrary-program.js';
import type { Program, Statement } from './program.js';

/** A work for the root, of few keys, so that those of different operations meet there. */
const forRoot = deferOf(bodyOfDepth(1), bodyOfDepth(0)).map((statement) => ({
  ...statement,
  via: 'ambient' as const,
  caught: true,
  plan: {
    ...statement.plan,
    until: statement.plan.until === 'operation' ? 'operation' : 'root',
    key: statement.plan.key && 'a',
  } as const,
}));

const nested = (depth: number): fc.Arbitrary<Statement> => {
  const others = fc.array(depth === 0 ? forRoot : fc.oneof(forRoot, nested(depth - 1)), {
    minLength: 1,
    maxLength: 3,
    size: 'max',
  });
  return fc
    .record({
      operation: operationStatement,
      others,
      settle: fc.boolean(),
      nesting: fc.constantFrom(undefined, 'savepoint' as const),
    })
    .map(({ operation, others: list, settle, nesting }) => ({
      ...operation,
      settle,
      plan: { ...operation.plan, nesting },
      body: { ...operation.body, statements: list },
    }));
};

/** Programs in which works are handed to the root from operations that succeed or fail on several levels. */
export const arbitraryPromotions: fc.Arbitrary<Program> = fc
  .record({
    outer: operationStatement,
    inner: fc.array(nested(1), { minLength: 1, maxLength: 3, size: 'max' }),
    after: statements(0),
  })
  .map(({ outer, inner, after }) => [
    { ...outer, body: { ...outer.body, statements: [...inner, ...after] } },
  ]);
