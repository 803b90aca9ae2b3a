import { DeferredWorkError } from '../index.js';
import type { ChannelMessages, Operation, OperationReport } from '../index.js';
import { listen } from '../observability/listen.js';

/** What this hook uses of the context that Vitest passes to it. */
interface TestContext {
  /** The test. */
  readonly task: {
    /** Its result so far. */
    readonly result?:
      | {
          /** `fail` once an error was thrown. */
          readonly state: string;
          /** The errors that were thrown. */
          readonly errors?:
            | readonly {
                /** Its message. */
                readonly message: string;
              }[]
            | undefined;
        }
      | undefined;
  };
}

/** A failed work item, as `DeferredWorkError` takes it. */
interface Failed {
  readonly label: string;
  readonly error: unknown;
  readonly trace: string | undefined;
}

/**
 * A `beforeEach` hook for Vitest, which prints the errors inside a `DeferredWorkError` but not the error
 * itself. If a test fails with an error that deferred work threw, the hook adds the
 * `DeferredWorkError`: the operation, its failed work items, the reasons, and with `trace: true` where
 * the items were deferred. The hook never changes a test that passes.
 *
 * @example
 * beforeEach(explainFailures);
 */
export const explainFailures = ({ task }: TestContext): (() => void) => {
  const failures = new Map<Operation, Failed[]>();
  const note = ({ work, report }: ChannelMessages['deferqueue:work:end']): void => {
    if (report.state !== 'failed' && report.state !== 'timed-out') return;
    const { name, operation } = work;
    const label = name === undefined ? '(unnamed work)' : JSON.stringify(name);
    const earlier = failures.get(operation) ?? [];
    failures.set(operation, [...earlier, { label, error: report.reason, trace: report.trace }]);
  };
  const stop = listen({ 'deferqueue:work:end': note }, () => undefined);
  return () => {
    stop();
    const { state, errors = [] } = task.result ?? {};
    if (state !== 'fail') return;
    const thrown = new Set(errors.map(({ message }) => message));
    const explained = [...failures]
      .filter(([, items]) => items.some(({ error }) => thrown.has(messageOf(error))))
      .map(([operation, items]) => explain(operation, items));
    if (explained.length === 1) throw explained[0];
    if (explained.length > 1) throw new AggregateError(explained);
  };
};

/** The message that Vitest shows for what was thrown. */
const messageOf = (thrown: unknown): string => {
  try {
    return (thrown as Partial<Error> | undefined)?.message ?? String(thrown);
  } catch {
    return '';
  }
};

/** Creates an error that Vitest prints unchanged, with the first known registration stack. */
const explain = ({ id, name }: Operation, items: readonly Failed[]): Error => {
  const { message } = new DeferredWorkError(items, undefined, { id, name } as OperationReport);
  const error = Object.assign(new Error(message), { name: 'DeferredWorkError' });
  const trace = items.find((item) => item.trace !== undefined)?.trace ?? '';
  error.stack = `${error.name}: ${message}\n${trace}`;
  return error;
};
