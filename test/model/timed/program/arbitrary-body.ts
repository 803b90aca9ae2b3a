import fc from 'fast-check';
import type {
  Body,
  DeferPlan,
  DeferStatement,
  OperationPlan,
  SignalPlan,
  Statement,
  Via,
} from './timed-program.js';

/** Often the one, sometimes the other. */
export const rarely = <T>(value: T, other: fc.Arbitrary<T>, often = 4): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(value), weight: often }, { arbitrary: other, weight: 1 });

const anyNumber = fc.nat({ max: 11 });
const via: fc.Arbitrary<Via> = rarely<Via>('ambient', anyNumber, 5);
const mode: fc.Arbitrary<Body['mode']> = fc.constantFrom('async', 'async', 'async', 'sync', 'thenable');
const ends = rarely<Body['ends']>('returns', fc.constant('throws'));
const awaiting = { awaited: fc.boolean(), caught: rarely(true, fc.constant(false)) };
const units = fc.integer({ min: 1, max: 4 });

const operationPlan: fc.Arbitrary<OperationPlan> = fc.record({
  nesting: rarely<OperationPlan['nesting']>(undefined, fc.constantFrom('nested', 'join', 'detached'), 3),
  order: rarely<OperationPlan['order']>(undefined, fc.constant('lifo'), 2),
  concurrency: fc.constantFrom(undefined, 1, 2, 2, 3, Infinity),
  drainTimeout: rarely<number | undefined>(undefined, units, 3),
  maxPending: rarely<number | undefined>(undefined, fc.nat({ max: 4 }), 8),
  workErrors: fc.constantFrom(undefined, 'throw', 'report'),
  hears: fc.boolean(),
  full: fc.boolean(),
  signal: rarely<SignalPlan>('none', fc.constantFrom('later', 'aborted'), 6),
});

/** What needs nothing to be awaited and calls no further functions. */
const simple: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('cancel'), work: anyNumber }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('abort'), signal: anyNumber }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'look' }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail'), opened: anyNumber }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close'), opened: anyNumber, ...awaiting }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('flush'), via, ...awaiting }) },
);

const waiting: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 16, arbitrary: fc.constant({ kind: 'gate' }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('sleep'), units }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'aborted' }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'never' }) },
);

const deferPlan = (discard: fc.Arbitrary<Body>): fc.Arbitrary<DeferPlan> =>
  fc.record({
    on: rarely<DeferPlan['on']>(undefined, fc.constantFrom('always', 'success', 'failure'), 1),
    until: rarely<DeferPlan['until']>(undefined, fc.constantFrom('task', 'operation', 'root'), 1),
    task: rarely<DeferPlan['task']>('default', fc.oneof(fc.constant('null' as const), anyNumber), 3),
    key: rarely<string | undefined>(undefined, fc.constantFrom('a', 'b')),
    coalesce: fc.constantFrom(undefined, 'first', 'last', 'merge'),
    discard: fc.option(discard, { nil: undefined, freq: 1 }),
    signal: rarely<SignalPlan>('none', fc.constantFrom('later', 'later', 'aborted'), 6),
    timeout: rarely<number | undefined>(undefined, units),
  });

/** Works of an operation's own queue have no task. */
const withoutTask = (statement: DeferStatement): DeferStatement =>
  statement.via === 'ambient'
    ? statement
    : { ...statement, plan: { ...statement.plan, task: 'default', until: noTask(statement.plan.until) } };

const noTask = (until: DeferPlan['until']): DeferPlan['until'] => (until === 'task' ? undefined : until);

interface Level {
  readonly body: fc.Arbitrary<Body>;
  readonly statement: fc.Arbitrary<Statement>;
}

const built = new Map<number, Level>();

/** Functions and statements that nest up to `depth` further ones. */
export function level(depth: number): Level {
  const found = built.get(depth) ?? build(depth);
  built.set(depth, found);
  return found;
}

function build(depth: number): Level {
  const inner =
    depth === 0
      ? fc.oneof(simple, waiting)
      : fc.oneof({ weight: 3, arbitrary: level(depth - 1).statement }, { weight: 2, arbitrary: waiting });
  const body: fc.Arbitrary<Body> = fc.record({
    mode,
    statements: fc.array(inner, {
      minLength: depth > 2 ? 4 : 0,
      maxLength: [2, 3, 4, 8][depth] ?? 8,
      size: 'max',
    }),
    ends,
  });
  const small: fc.Arbitrary<Body> = fc.record({
    mode,
    statements: fc.array(fc.oneof(simple, waiting, waiting), { maxLength: 2 }),
    ends,
  });
  const defer = fc.record({
    kind: fc.constant('defer' as const),
    via,
    plan: deferPlan(small),
    run: body,
    watched: fc.boolean(),
  });
  const statement: fc.Arbitrary<Statement> = fc.oneof(
    { weight: 14, arbitrary: defer.map(withoutTask) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('task'),
        concurrency: fc.constantFrom(undefined, 1, 2, Infinity),
        body,
        ...awaiting,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('operation'),
        settle: fc.boolean(),
        plan: operationPlan,
        body,
        ...awaiting,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('use'), via, isAsync: fc.boolean(), dispose: body }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('open'), plan: operationPlan }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('run'), opened: anyNumber, body, ...awaiting }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('spawn'), body }) },
    { weight: 5, arbitrary: simple },
  );
  return { body, statement };
}

export { operationPlan };
