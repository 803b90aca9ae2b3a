import { DeferredWorkError } from '../index.js';
import type { ChannelMessages, Operation, OperationReport } from '../index.js';
import { listen } from '../observability/listen.js';

/** What a hook of Vitest gets, as far as it is used here. */
interface TestContext {
  /** The test. */
  readonly task: {
    /** How it has gone so far. */
    readonly result?:
      | {
          /** `fail` once something was thrown. */
          readonly state: string;
          /** What was thrown, one by one. */
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

/** A work that failed, as the message of a `DeferredWorkError` tells of it. */
interface Failed {
  readonly label: string;
  readonly error: unknown;
  readonly trace: string | undefined;
}

/**
 * For `beforeEach` of Vitest, which prints what is in a `DeferredWorkError` and not the error itself. Where a test has failed with what a
 * deferred work threw, it gets that error too: in which operation, which works, why, and with `trace: true` where they were
 * deferred. Tests that pass are left alone.
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
    const others = failures.get(operation) ?? [];
    failures.set(operation, [...others, { label, error: report.reason, trace: report.trace }]);
  };
  const stop = listen({ 'deferqueue:work:end': note }, () => undefined);
  return () => {
    stop();
    const { state, errors = [] } = task.result ?? {};
    if (state !== 'fail') return;
    const thrown = new Set(errors.map(({ message }) => message));
    const explained = [...failures]
      .filter(([, works]) => works.some(({ error }) => thrown.has(messageOf(error))))
      .map(([operation, works]) => explain(operation, works));
    if (explained.length === 1) throw explained[0];
    if (explained.length > 1) throw new AggregateError(explained);
  };
};

/** The message that Vitest shows of what was thrown. */
const messageOf = (thrown: unknown): string => {
  try {
    return (thrown as Partial<Error> | undefined)?.message ?? String(thrown);
  } catch {
    return '';
  }
};

/** An error that Vitest shows as it is, with the stack of the first registration that is known. */
const explain = ({ id, name }: Operation, works: readonly Failed[]): Error => {
  const { message } = new DeferredWorkError(works, undefined, { id, name } as OperationReport);
  const error = Object.assign(new Error(message), { name: 'DeferredWorkError' });
  const trace = works.find((work) => work.trace !== undefined)?.trace ?? '';
  error.stack = `${error.name}: ${message}\n${trace}`;
  return error;
};
