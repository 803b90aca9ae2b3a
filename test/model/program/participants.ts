import { attempt } from './attempt.js';
import { describeValue } from './describe.js';
import { operationOptions } from './plans.js';
import type { StrandStatement } from './program.js';
import type { Scope } from './scope.js';
import type { OperationView, Play, TaskView } from './subject.js';

/** Opens a task or an operation, performs its function and waits for its end. */
export function* performParticipant(statement: StrandStatement, scope: Scope): Play {
  return statement.kind === 'task'
    ? yield* performTask(statement, scope)
    : yield* performOperation(statement, scope);
}

function* performTask(statement: StrandStatement & { kind: 'task' }, scope: Scope): Play {
  const { stage, strand } = scope;
  const { subject } = stage;
  const label = strand.label('t');
  const options = statement.name === undefined ? {} : { name: label };
  const enter = (task: TaskView): unknown => {
    strand.participant ??= task;
    strand.tasks.push(task);
    stage.write(
      strand,
      `enter ${label} ${stage.where()}, which is current: ${task === subject.currentTask()}`,
    );
    return scope.call(statement.body, stage, strand);
  };
  return yield* attempt(
    scope,
    statement,
    label,
    true,
    () => subject.withTask(options, enter),
    undefined,
    true,
  );
}

function* performOperation(statement: StrandStatement & { kind: 'operation' }, scope: Scope): Play {
  const { stage, strand } = scope;
  const { subject } = stage;
  const { plan, settle, body } = statement;
  const label = strand.label('o');
  const options = operationOptions({ ...plan, name: plan.name && label }, stage, strand, label);
  const isOutermost = subject.currentOperation() === undefined;
  const enter = (operation: OperationView): unknown => {
    strand.participant ??= operation;
    strand.operations.push(operation);
    const isCurrent = operation === subject.currentOperation();
    stage.write(strand, `enter ${label} ${stage.where()}, which is current: ${isCurrent}`);
    return scope.call(body, stage, strand);
  };
  const open = settle ? subject.settleOperation : subject.withOperation;
  // The report of a joined operation is one so far.
  const told = { ordered: stage.ordered, outcome: plan.nesting !== 'join' };
  const describe = (value: unknown): string => describeValue(value, told);
  try {
    return yield* attempt(scope, statement, label, true, () => open(options, enter), describe, true);
  } finally {
    const all = [...strand.opened, ...strand.operations];
    const isOver = isOutermost && stage.ordered && all.every(({ state }) => state === 'closed');
    if (isOver) stage.write(strand, `unfinished discards: ${stage.unfinished}`);
  }
}
