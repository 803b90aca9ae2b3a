import fc from 'fast-check';
import { operationStatement, plainWork, statements, taskStatement } from './arbitrary-program.js';
import type { Body, DeferPlan, OperationPlan, Program, Statement, StrandStatement } from './program.js';

// What is started together interleaves in ways of which nothing is promised. So a strand is kept from what it shares
// with others: it leaves the queue and the resources of the operation around it alone, opens no tasks beside its own
// there, and hands nothing to the root. What is left, G7 orders whatever the interleaving.

/** A function that runs while others do, in an operation that it `shares` with them or in one of its own. */
const apart = (body: Body, shares: boolean): Body => ({
  ...body,
  statements: body.statements.flatMap((statement) => apartStatement(statement, shares)),
});

function apartStatement(statement: Statement, shares: boolean): Statement[] {
  switch (statement.kind) {
    case 'defer': {
      const run = apart(statement.run, shares);
      return [{ ...statement, run, plan: apartDefer(statement.plan, shares) }];
    }
    case 'operation':
      return [apartStrand(statement, shares)];
    case 'task':
      return shares ? [] : [apartStrand(statement, shares)];
    case 'use':
      return shares ? [] : [{ ...statement, dispose: apart(statement.dispose, false) }];
    case 'open':
      return [{ ...statement, plan: apartOperation(statement.plan) }];
    case 'run':
      return [{ ...statement, body: apart(statement.body, shares) }];
    case 'capture':
    case 'leaked':
    case 'together':
      return [];
    case 'cancel':
    case 'abort':
    case 'look':
    case 'probe':
    case 'fail':
    case 'tick':
    case 'flush':
    case 'close':
      return [statement];
    default:
      return statement satisfies never;
  }
}

const apartDefer = (plan: DeferPlan, shares: boolean): DeferPlan => ({
  ...plan,
  until: plan.until === 'root' ? undefined : plan.until,
  task: plan.task === 'null' ? 'default' : plan.task,
  discard: plan.discard && apart(plan.discard, shares),
});

const apartOperation = (plan: OperationPlan): OperationPlan => ({
  ...plan,
  // Nobody would wait for a detached one, and a joined one shares.
  nesting: undefined,
});

const apartStrand = (statement: StrandStatement, shares: boolean): StrandStatement =>
  statement.kind === 'task'
    ? { ...statement, body: apart(statement.body, shares) }
    : { ...statement, plan: apartOperation(statement.plan), body: apart(statement.body, false) };

const strand = fc
  .oneof({ weight: 4, arbitrary: taskStatement }, { weight: 1, arbitrary: operationStatement })
  .map((statement) => apartStrand(statement, true))
  .map((statement) => ({ ...statement, body: { ...statement.body, mode: 'async' as const } }));

const together = fc.array(strand, { minLength: 2, maxLength: 4, size: 'max' });

const alone = statements(1).map((list) => list.flatMap((statement) => apartStatement(statement, false)));

/** Programs with tasks and nested operations started together, in an operation's function or in one of its works. */
export const arbitraryTogether: fc.Arbitrary<Program> = fc
  .record({
    outer: operationStatement,
    before: alone,
    strands: together,
    place: fc.constantFrom('awaited', 'left alone', 'in a work'),
    after: alone,
  })
  .map(({ outer, before, strands, place, after }) => {
    const started: Statement = { kind: 'together', awaited: place !== 'left alone', strands };
    const inside = place === 'in a work' ? [before, deferred(started), after] : [before, started];
    const list = place === 'awaited' ? [...inside, after] : inside;
    const body: Body = { ...outer.body, mode: 'async', statements: list.flat() };
    return [{ ...outer, body, caught: true, plan: { ...apartOperation(outer.plan), maxPending: undefined } }];
  });

function deferred(statement: Statement): Statement {
  const run: Body = { mode: 'async', statements: [statement], ticks: 0, ends: 'returns' };
  return { kind: 'defer', via: 'ambient', plan: plainPlan, run, caught: false, foreign: undefined };
}

const plainPlan: DeferPlan = { ...plainWork, name: 'starts' };
