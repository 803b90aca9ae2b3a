import fc from 'fast-check';
import type {
  Body,
  Call,
  DeferPlan,
  DeferStatement,
  OperationPlan,
  Program,
  SignalPlan,
  Statement,
  Via,
} from './program.js';

const rarely = <T>(value: T, other: fc.Arbitrary<T>, often = 4): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(value), weight: often }, { arbitrary: other, weight: 1 });

const anyNumber = fc.nat({ max: 11 });
const caught = rarely(true, fc.constant(false));
const foreign = rarely<string | undefined>(undefined, fc.constantFrom('x', 'y'));
const via: fc.Arbitrary<Via> = rarely<Via>('ambient', anyNumber);
const signal = rarely<SignalPlan>('none', fc.constantFrom('later', 'later', 'aborted'));
const call = { caught, foreign };
const ends = rarely<Body['ends']>('returns', fc.constantFrom('throws', 'throws', 'throws undefined'), 5);
const mode: fc.Arbitrary<Body['mode']> = fc.constantFrom('async', 'async', 'async', 'sync', 'thenable');

const name = fc.constantFrom(undefined, 'named');

/** Many are without options: for these the library has a way of its own, for as long as nothing else is asked of them. */
const orPlain = <T>(plain: T, plan: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(plain), weight: 2 }, { arbitrary: plan, weight: 3 });

const operationWithOptions: fc.Arbitrary<OperationPlan> = fc.record({
  name: rarely<string | undefined>('named', fc.constant(undefined)),
  nesting: rarely<OperationPlan['nesting']>(
    undefined,
    fc.constantFrom('nested', 'savepoint', 'savepoint', 'join', 'detached'),
    2,
  ),
  order: fc.constantFrom(undefined, 'fifo', 'lifo', 'lifo'),
  maxPending: rarely<number | undefined>(undefined, fc.nat({ max: 4 })),
  maxChain: rarely<number | undefined>(undefined, fc.integer({ min: 1, max: 3 })),
  workErrors: fc.constantFrom(undefined, 'throw', 'report', 'report'),
  report: fc.constantFrom(undefined, 'counts', 'full', 'full'),
  onWorkError: fc.constantFrom('none', 'none', 'hears', 'throws'),
  signal: rarely<SignalPlan>('none', signal),
});

const operationPlan = orPlain<OperationPlan>(
  {
    name: undefined,
    nesting: undefined,
    order: undefined,
    maxPending: undefined,
    maxChain: undefined,
    workErrors: undefined,
    report: undefined,
    onWorkError: 'none',
    signal: 'none',
  },
  operationWithOptions,
);

/** Functions and statements that nest up to `depth` further ones. */
function nesting(depth: number): { body: fc.Arbitrary<Body>; statement: fc.Arbitrary<Statement> } {
  const body = bodyOf(depth === 0 ? fc.constant([]) : statements(depth - 1));
  const discard = bodyOf(
    depth === 0 ? fc.constant([]) : fc.array(immediate(depth - 1), { maxLength: 2 }),
    20,
  );
  const weighed: [number, fc.Arbitrary<Statement>][] = [
    [10, deferOf(body, discard)],
    [
      3,
      fc.record({ kind: fc.constant('operation'), settle: fc.boolean(), plan: operationPlan, body, ...call }),
    ],
    [4, fc.record({ kind: fc.constant('task'), name, body, ...call })],
    [2, useOf(body)],
    [2, fc.record({ kind: fc.constant('flush'), via, ...call })],
    [1, fc.record({ kind: fc.constant('open'), plan: operationPlan, ...call })],
    [
      1,
      fc.record({
        kind: fc.constant('run'),
        via: rarely<number | 'outside'>(0, fc.oneof(anyNumber, fc.constant('outside' as const)), 1),
        body,
        ...call,
      }),
    ],
    [1, fc.record({ kind: fc.constant('close'), opened: anyNumber, ...call })],
    [1, fc.record({ kind: fc.constant('leaked'), capture: anyNumber, body, ...call })],
    [1, fc.record({ kind: fc.constant('tick'), ticks: fc.nat({ max: 3 }) })],
    [5, immediate(0)],
  ];
  return { body, statement: fc.oneof(...weighed.map(([weight, arbitrary]) => ({ weight, arbitrary }))) };
}

const bodyOf = (statementsOf: fc.Arbitrary<readonly Statement[]>, maxTicks = 2): fc.Arbitrary<Body> =>
  fc.record({ mode, statements: statementsOf, ticks: fc.nat({ max: maxTicks }), ends });

/** What does not have to be awaited. */
function immediate(depth: number): fc.Arbitrary<Statement> {
  const others = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), work: anyNumber, ...call }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('abort' as const), signal: anyNumber }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('look' as const), work: anyNumber }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'probe' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'capture' as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const), opened: anyNumber, ...call }) },
  );
  if (depth === 0) return others;
  const { body } = levels(depth - 1);
  return fc.oneof(others, deferOf(body, bodyOf(fc.constant([]))), useOf(body));
}

const useOf = (dispose: fc.Arbitrary<Body>): fc.Arbitrary<Statement> =>
  fc.record({
    kind: fc.constant('use'),
    via,
    by: fc.constantFrom('dispose', 'asyncDispose', 'both'),
    until: rarely<'task' | 'operation' | undefined>(
      undefined,
      fc.constantFrom('task', 'task', 'operation'),
      2,
    ),
    dispose,
    ...call,
  });

export const deferOf = (run: fc.Arbitrary<Body>, discard: fc.Arbitrary<Body>): fc.Arbitrary<DeferStatement> =>
  fc
    .record({ kind: fc.constant('defer' as const), via, plan: deferPlan(discard), run, ...call })
    // Works of an operation's own queue have no task.
    .map((statement) =>
      statement.via === 'ambient' ? statement : { ...statement, plan: withoutTask(statement.plan) },
    );

const withoutTask = (plan: DeferPlan): DeferPlan => ({
  ...plan,
  task: 'default',
  until: plan.until === 'task' ? undefined : plan.until,
});

export const plainWork: DeferPlan = {
  name: undefined,
  data: undefined,
  on: undefined,
  until: undefined,
  outcomeOf: undefined,
  task: 'default',
  key: undefined,
  coalesce: undefined,
  discard: undefined,
  signal: 'none',
  mistake: 'none',
};

const deferPlan = (discard: fc.Arbitrary<Body>): fc.Arbitrary<DeferPlan> =>
  orPlain(plainWork, workWithOptions(discard));

const workWithOptions = (discard: fc.Arbitrary<Body>): fc.Arbitrary<DeferPlan> =>
  fc.record({
    name,
    data: rarely<number | undefined>(undefined, anyNumber, 1),
    on: fc.constantFrom(undefined, 'always', 'success', 'failure'),
    until: fc.constantFrom(undefined, undefined, 'task', 'operation', 'root'),
    outcomeOf: rarely<DeferPlan['outcomeOf']>(
      undefined,
      fc.constantFrom('path', 'operation', 'operation'),
      2,
    ),
    task: rarely<DeferPlan['task']>(
      'default',
      fc.oneof(fc.constantFrom('null', 'current'), anyNumber, anyNumber),
      1,
    ),
    key: rarely<string | undefined>(undefined, fc.constantFrom('a', 'a', 'b'), 1),
    coalesce: fc.constantFrom(undefined, 'first', 'last', 'merges', 'throws', 'spoils its copies'),
    discard: fc.option(discard, { nil: undefined, freq: 2 }),
    signal,
    mistake: rarely<DeferPlan['mistake']>(
      'none',
      fc.constantFrom('an unknown outcome', 'data that cannot be cloned'),
      40,
    ),
  });

const built = new Map<number, ReturnType<typeof nesting>>();

function levels(depth: number): ReturnType<typeof nesting> {
  const level = built.get(depth) ?? nesting(depth);
  built.set(depth, level);
  return level;
}

export const statements = (depth: number): fc.Arbitrary<Statement[]> =>
  fc.array(levels(depth).statement, { maxLength: depth > 1 ? 6 : 4, size: 'max' });

export const bodyOfDepth = (depth: number): fc.Arbitrary<Body> => levels(depth).body;

/** An operation that does not join: what a join that opens a root makes of its options is not said. */
export const operationStatement = fc.record({
  kind: fc.constant('operation' as const),
  settle: fc.boolean(),
  plan: operationPlan.map((plan) => ({
    ...plan,
    nesting: plan.nesting === 'join' ? undefined : plan.nesting,
  })),
  body: bodyOfDepth(4).map((body) => ({ ...body, mode: 'async' as const })),
  caught: fc.constant(true),
  foreign: fc.constant<Call['foreign']>(undefined),
});

export const taskStatement = fc.record({
  kind: fc.constant('task' as const),
  name,
  body: bodyOfDepth(2),
  ...call,
});

/** Programs in which everything is awaited in sequence. */
export const arbitraryProgram: fc.Arbitrary<Program> = fc
  .tuple(operationStatement, fc.array(levels(1).statement, { maxLength: 2 }))
  .map(([first, others]) => [first, ...others]);
