import type { OperationOptions } from 'deferqueue';
import type { Coalescing, DeferPlan, OperationPlan, SignalPlan } from './program.js';
import { describeRow } from './describe.js';
import type { Stage } from './stage.js';
import type { Strand } from './strand.js';
import type { HearWorkError, TaskView, WorkOptions } from './subject.js';

export interface Data {
  n: number;
  list: number[];
}

function signalOf(plan: SignalPlan, strand: Strand): { signal: AbortSignal } | undefined {
  if (plan === 'none') return undefined;
  const controller = new AbortController();
  if (plan === 'aborted') controller.abort(new Error('aborted'));
  else strand.controllers.push(controller);
  return { signal: controller.signal };
}

/** The options of one `defer`, and the data in them, for its caller to change afterwards. */
export function deferOptions(
  plan: DeferPlan,
  stage: Stage,
  strand: Strand,
  label: string,
): { options: WorkOptions; data: Data | undefined } {
  const data: Data | undefined = plan.data === undefined ? undefined : { n: plan.data, list: [plan.data] };
  const task = chosenTask(plan.task, stage, strand);
  const options: WorkOptions = {
    ...(plan.name === undefined ? undefined : { name: plan.name }),
    ...(data === undefined ? undefined : { data }),
    ...(plan.on === undefined ? undefined : { on: plan.on }),
    ...(plan.until === undefined ? undefined : { until: plan.until }),
    ...(task === undefined ? undefined : { task }),
    ...(plan.outcomeOf === undefined ? undefined : { outcomeOf: plan.outcomeOf }),
    ...(plan.key === undefined ? undefined : { key: plan.key }),
    ...(plan.key === undefined || plan.coalesce === undefined
      ? undefined
      : { coalesce: coalesceOf(plan.coalesce, stage, strand, label) }),
    ...signalOf(plan.signal, strand),
  };
  if (plan.mistake === 'an unknown outcome') options.on = 'sometimes' as 'always';
  if (plan.mistake === 'data that cannot be cloned') options.data = () => undefined;
  return { options, data };
}

function chosenTask(plan: DeferPlan['task'], stage: Stage, strand: Strand): TaskView | null | undefined {
  if (plan === 'default') return undefined;
  if (plan === 'null') return null;
  if (plan === 'current') return stage.subject.currentTask();
  return strand.tasks[plan % strand.tasks.length];
}

function coalesceOf(
  coalescing: Coalescing,
  stage: Stage,
  strand: Strand,
  label: string,
): NonNullable<WorkOptions['coalesce']> {
  if (coalescing === 'first' || coalescing === 'last') return coalescing;
  return (earlier, later) => {
    const both = [earlier, later] as (Data | undefined)[];
    stage.write(strand, `merge ${label} ${JSON.stringify(both)}`);
    if (coalescing === 'merges') return { n: sum(both), list: both.flatMap((data) => data?.list ?? []) };
    if (coalescing === 'spoils its copies') for (const data of both) data?.list.push(-1);
    throw new Error(`merge of ${label}`);
  };
}

const sum = (both: (Data | undefined)[]): number => both.reduce((total, data) => total + (data?.n ?? 0), 0);

export function operationOptions(
  plan: OperationPlan,
  stage: Stage,
  strand: Strand,
  label: string,
): OperationOptions {
  const hears = hearingOf(plan.onWorkError, stage, label);
  return {
    ...(plan.name === undefined ? undefined : { name: plan.name }),
    ...(plan.nesting === undefined ? undefined : { nesting: plan.nesting }),
    ...(plan.order === undefined ? undefined : { order: plan.order }),
    ...(plan.maxPending === undefined ? undefined : { maxPending: plan.maxPending }),
    ...(plan.maxChain === undefined ? undefined : { maxChain: plan.maxChain }),
    ...(plan.workErrors === undefined ? undefined : { workErrors: plan.workErrors }),
    ...(plan.report === undefined ? undefined : { report: plan.report }),
    ...(hears === undefined ? undefined : { onWorkError: hears }),
    ...signalOf(plan.signal, strand),
  };
}

function hearingOf(
  plan: OperationPlan['onWorkError'],
  stage: Stage,
  label: string,
): HearWorkError | undefined {
  if (plan === 'none') return undefined;
  return (error, work) => {
    // What is told of a disposer or of a merge is not said: neither is in the ledger.
    const isOfNone = work.name === 'dispose' || work.name === 'asyncDispose' || isMerge(error);
    const row = isOfNone ? { name: undefined, state: 'failed' as const } : work;
    stage.heard.push(`${label} ${stage.describe(error)} of ${describeRow(row, stage.told)}`);
    if (plan === 'throws') throw new Error(`onWorkError of ${label}`);
  };
}

const isMerge = (error: unknown): boolean => error instanceof Error && error.message.startsWith('merge of');
