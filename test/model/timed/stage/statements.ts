import type { Statement } from '../program/timed-program.js';
import { performClose, performFail, performOpen, performRun } from './open-operations.js';
import { performFlush } from './flushing.js';
import { performOperation } from './operations.js';
import { performTask } from './tasks.js';
import { performDefer } from './deferring.js';
import { performShutdown } from './shutting-down.js';
import { performAbort, performCancel } from './signals.js';
import { performUse } from './using.js';
import type { Scope } from './scope.js';
import { look } from './look.js';

/** Starts a statement. Returns what the function around it has to wait for. */
export function performStatement(statement: Statement, scope: Scope): Promise<unknown> | undefined {
  const { stage } = scope;
  switch (statement.kind) {
    case 'defer':
      return performDefer(statement, scope);
    case 'use':
      return performUse(statement, scope);
    case 'cancel':
      return performCancel(statement, scope);
    case 'abort':
      return performAbort(statement, scope);
    case 'look':
      return look(scope);
    case 'operation':
      return performOperation(statement, scope);
    case 'task':
      return performTask(statement, scope);
    case 'flush':
      return performFlush(statement, scope);
    case 'open':
      return performOpen(statement, scope);
    case 'run':
      return performRun(statement, scope);
    case 'fail':
      return performFail(statement, scope);
    case 'close':
      return performClose(statement, scope);
    case 'spawn':
      return spawn(statement, scope);
    case 'shutdown':
      return performShutdown(statement, scope);
    case 'gate':
      return stage.gate();
    case 'sleep':
      return stage.clock.sleep(statement.units);
    case 'aborted':
      return abortedOrGate(scope);
    case 'never':
      return new Promise(() => undefined);
    default:
      return statement satisfies never;
  }
}

function spawn({ body }: Statement & { kind: 'spawn' }, scope: Scope): undefined {
  const { stage } = scope;
  stage.say(`${scope.place.token} spawns`);
  const result = scope.call(
    { ...body, mode: 'async', ends: 'returns' },
    { ...scope, opened: [] },
    () => undefined,
  );
  // What it awaits may reject; nobody waits for it.
  (result as Promise<unknown>).catch(() => undefined);
}

/** Waits for its signal as a well-behaved work does; the gate keeps it from waiting for ever. */
async function abortedOrGate({ stage, work }: Scope): Promise<void> {
  const gate = stage.gate();
  if (work === undefined) return gate;
  const { signal } = work.library;
  await Promise.race([
    gate,
    new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve());
    }),
  ]);
  return undefined;
}
