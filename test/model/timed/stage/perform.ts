import type { Outcome } from '../contract/entities.js';
import type { Body, Statement } from '../program/timed-program.js';
import { closeOpened } from './open-operations.js';
import type { Scope } from './scope.js';
import { performStatement } from './statements.js';

const waits = new Set<Statement['kind']>(['gate', 'sleep', 'aborted', 'never']);

/** A function of a program, called: at once to its end, or awaiting what it awaits. */
export function call(body: Body, scope: Scope, ended: (outcome: Outcome) => void): unknown {
  if (body.mode === 'sync') return callSync(body, scope, ended);
  const promise = callAsync(body, scope, ended);
  if (body.mode === 'async') return promise;
  promise.catch(() => undefined);
  // oxlint-disable-next-line unicorn/no-thenable -- what a user may return in place of a promise
  return { then: (fulfil: () => void, reject: () => void) => promise.then(fulfil, reject) };
}

function callSync(body: Body, scope: Scope, ended: (outcome: Outcome) => void): unknown {
  for (const statement of body.statements) {
    if (!waits.has(statement.kind)) performStatement(statement, scope)?.catch(() => undefined);
  }
  return end(body, scope, ended);
}

async function callAsync(body: Body, scope: Scope, ended: (outcome: Outcome) => void): Promise<unknown> {
  try {
    for (const statement of body.statements) {
      const waiting = performStatement(statement, scope);
      if (waiting !== undefined) await waiting;
    }
  } catch (error) {
    closeOpened(scope);
    scope.stage.happens(`${scope.place.token} passes on ${String(error)}`);
    ended({ status: 'rejected', reason: error });
    throw error;
  }
  return end(body, scope, ended);
}

function end({ ends }: Body, scope: Scope, ended: (outcome: Outcome) => void): unknown {
  const { stage } = scope;
  closeOpened(scope);
  const value = stage.label('v');
  stage.happens(`${scope.place.token} ${ends} ${value}`);
  if (ends === 'returns') {
    ended({ status: 'fulfilled', value });
    return value;
  }
  const reason = new Error(`error ${value}`);
  ended({ status: 'rejected', reason });
  throw reason;
}
