import fc from 'fast-check';
import { bodies } from './arbitrary-body.js';
import { awaiting, deferOf, ends, operationPlan } from './arbitrary-plans.js';
import type { Body, DeferStatement, OperationStatement, Statement } from './timed-program.js';

const { ofWork: leaf } = bodies(0);

/** A work for the root, with one key or none, so that those of different operations meet there. */
const forRoot: fc.Arbitrary<DeferStatement> = deferOf(leaf, leaf).map((statement) => ({
  ...statement,
  via: 'ambient' as const,
  plan: { ...statement.plan, until: 'root' as const, key: statement.plan.key && 'a' },
}));

const gate = fc.constant<Statement>({ kind: 'gate' });

const nested = (statement: fc.Arbitrary<Statement>): fc.Arbitrary<OperationStatement> =>
  fc.record({
    kind: fc.constant('operation' as const),
    settle: fc.boolean(),
    plan: operationPlan.map((plan) => ({ ...plan, nesting: undefined })),
    body: fc.record({
      mode: fc.constant('async' as const),
      statements: fc.array(statement, { minLength: 1, maxLength: 3, size: 'max' }),
      ends,
    }),
    ...awaiting,
  });

const inner = nested(fc.oneof(forRoot, forRoot, gate));
const outer = nested(fc.oneof(inner, inner, forRoot, gate));

/** A work in which operations hand works to the root, which drains already. */
export const promotingWork: fc.Arbitrary<DeferStatement> = fc
  .record({
    work: deferOf(leaf, leaf),
    statements: fc.array(fc.oneof(outer, gate), { minLength: 1, maxLength: 2 }),
  })
  .map(({ work, statements }) => {
    const run: Body = { mode: 'async', statements, ends: 'returns' };
    return { ...work, plan: { ...work.plan, on: undefined }, run };
  });
