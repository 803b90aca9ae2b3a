import fc from 'fast-check';
import type { Body, DeferPlan, DeferStatement, OperationPlan, SignalPlan, Via } from './timed-program.js';

/** Often the one, sometimes the other. */
export const rarely = <T>(value: T, other: fc.Arbitrary<T>, often = 4): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(value), weight: often }, { arbitrary: other, weight: 1 });

export const anyNumber = fc.nat({ max: 11 });
export const units = fc.integer({ min: 1, max: 4 });
export const via: fc.Arbitrary<Via> = rarely<Via>('ambient', anyNumber, 6);
export const mode: fc.Arbitrary<Body['mode']> = fc.constantFrom(
  'async',
  'async',
  'async',
  'sync',
  'thenable',
);
export const ends = rarely<Body['ends']>('returns', fc.constant('throws'), 5);
export const awaiting = { awaited: fc.boolean(), caught: rarely(true, fc.constant(false)) };

export const operationPlan: fc.Arbitrary<OperationPlan> = fc.record({
  nesting: rarely<OperationPlan['nesting']>(undefined, fc.constantFrom('nested', 'join', 'detached'), 3),
  order: rarely<OperationPlan['order']>(undefined, fc.constant('lifo'), 2),
  concurrency: fc.constantFrom(undefined, 1, 2, 2, 3, Infinity),
  drainTimeout: rarely<number | undefined>(undefined, units, 3),
  maxPending: rarely<number | undefined>(undefined, fc.integer({ min: 1, max: 4 }), 12),
  workErrors: fc.constantFrom(undefined, 'throw', 'report'),
  hears: fc.boolean(),
  full: fc.boolean(),
  signal: rarely<SignalPlan>('none', fc.constantFrom('later', 'aborted'), 6),
});

const deferPlan = (discard: fc.Arbitrary<Body>): fc.Arbitrary<DeferPlan> =>
  fc.record({
    on: rarely<DeferPlan['on']>(undefined, fc.constantFrom('always', 'success', 'failure'), 2),
    until: rarely<DeferPlan['until']>(undefined, fc.constantFrom('task', 'operation', 'root', 'root'), 2),
    task: rarely<DeferPlan['task']>('default', fc.oneof(fc.constant('null' as const), anyNumber)),
    key: rarely<string | undefined>(undefined, fc.constantFrom('a', 'a', 'b'), 2),
    coalesce: fc.constantFrom(undefined, 'first', 'last', 'merge'),
    discard: fc.option(discard, { nil: undefined, freq: 2 }),
    signal: rarely<SignalPlan>('none', fc.constantFrom('later', 'later', 'later', 'aborted'), 6),
    timeout: rarely<number | undefined>(undefined, units),
  });

export const deferOf = (run: fc.Arbitrary<Body>, discard: fc.Arbitrary<Body>): fc.Arbitrary<DeferStatement> =>
  fc
    .record({
      kind: fc.constant('defer' as const),
      via,
      plan: deferPlan(discard),
      run,
      watched: fc.boolean(),
    })
    // Works of an operation's own queue have no task.
    .map((statement) =>
      statement.via === 'ambient' ? statement : { ...statement, plan: withoutTask(statement.plan) },
    );

const withoutTask = (plan: DeferPlan): DeferPlan => ({
  ...plan,
  task: 'default',
  until: plan.until === 'task' ? undefined : plan.until,
});
