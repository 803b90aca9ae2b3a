import { attempt } from './attempt.js';
import { describeOutcome } from './describe.js';
import { deferOptions } from './plans.js';
import type { Body, DeferStatement, Statement } from './program.js';
import type { Scope } from './scope.js';
import type { DeferredView, Play, Resource, Run, WorkView } from './subject.js';

type UseStatement = Extract<Statement, { kind: 'use' }>;

export function* performDefer(statement: DeferStatement, scope: Scope): Play {
  const { stage, strand } = scope;
  const { subject } = stage;
  const { plan, via } = statement;
  const target = via === 'ambient' ? subject : strand.operations[via % strand.operations.length];
  if (target === undefined) return undefined;
  const label = strand.label('#');
  const { options, data } = deferOptions(plan, stage, strand, label);
  const { discard } = plan;
  if (discard !== undefined)
    options.discard = (reason, copy) => performDiscard(discard, scope, label, reason, copy);
  const run: Run = (work) => {
    stage.write(strand, `run ${label} ${stage.where()} ${describeWork(work, scope)}`);
    return scope.call(statement.run, stage, strand, work);
  };
  const deferred = yield* attempt(
    scope,
    statement,
    `defer ${label}`,
    false,
    () => target.defer(run, options),
    (value) => (isDeferred(value) ? `${value.name ?? '?'} ${value.state}` : stage.describe(value)),
  );
  if (data !== undefined) data.list.push(data.n++);
  if (!isDeferred(deferred)) return undefined;
  strand.works.push(deferred);
  stage.works.push({ label, deferred });
  return undefined;
}

const isDeferred = (value: unknown): value is DeferredView =>
  typeof value === 'object' && value !== null && 'cancel' in value;

function describeWork(work: WorkView, { stage }: Scope): string {
  const { subject } = stage;
  const isCurrent = work.operation === subject.currentOperation() && work.task === subject.currentTask();
  const outcome = describeOutcome(work.outcome, stage.told);
  return `named ${work.name ?? '?'} after ${outcome} data ${JSON.stringify(work.data)}, current: ${isCurrent}`;
}

/**
 * A discard does nothing that has to be awaited: it is called in the midst of other calls, and what would come later in
 * it would have no place in the order.
 */
function performDiscard(
  body: Body,
  { stage, strand, call }: Scope,
  label: string,
  reason: string,
  data: unknown,
): unknown {
  stage.write(strand, `discard ${label} ${reason} ${stage.where()} data ${JSON.stringify(data)}`);
  stage.unfinished += 1;
  const finish = (): void => {
    stage.unfinished -= 1;
    if (reason === 'skipped') stage.write(strand, `discarded ${label}`);
  };
  return stage.subject.finally(() => call(body, stage, strand, undefined, false), finish);
}

export function* performUse(statement: UseStatement, scope: Scope): Play {
  const { stage, strand } = scope;
  const { subject } = stage;
  const { via, by, until } = statement;
  const target = via === 'ambient' ? subject : strand.operations[via % strand.operations.length];
  if (target === undefined) return undefined;
  const label = strand.label('r');
  const dispose = (how: string, body: Body): unknown => {
    stage.write(strand, `${how} ${label} ${stage.where()}`);
    return scope.call(body, stage, strand);
  };
  const inSync = (): void => void dispose('dispose', { ...statement.dispose, mode: 'sync' });
  const inAsync = (): unknown => dispose('asyncDispose', statement.dispose);
  const resource = {
    ...(by === 'asyncDispose' ? undefined : { [Symbol.dispose]: inSync }),
    ...(by === 'dispose' ? undefined : { [Symbol.asyncDispose]: inAsync }),
  } as Resource;
  const describe = (value: unknown): string => (value === resource ? 'itself' : stage.describe(value));
  return yield* attempt(
    scope,
    statement,
    `use ${label}`,
    false,
    () => target.use(resource, until === undefined ? undefined : { until }),
    describe,
  );
}
