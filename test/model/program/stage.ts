import { describeValue, type Told } from './describe.js';
import type { Strand } from './strand.js';
import type { DeferredView, Subject, TaskView, OperationView, WorkView } from './subject.js';

/** What one performance of a program leaves for the comparison. */
export interface Observation {
  /** What was entered and what every call gave, in order, for each strand. */
  readonly log: Readonly<Record<string, readonly string[]>>;
  /** What became of each work, as its `Deferred` and its `settled` tell. */
  readonly works: readonly string[];
  /** What every `onWorkError` heard. */
  readonly heard: readonly string[];
  /** Every process warning: of which failures it tells, if it does. */
  readonly warnings: readonly string[];
}

/** Where a program is performed: the subject, and what has been observed so far. */
export class Stage {
  readonly subject: Subject;
  /** Whether order between strands shows: then what depends on it is left out or sorted. */
  readonly ordered: boolean;
  readonly log: Record<string, string[]> = {};
  readonly heard: string[] = [];
  /** Every work that a `defer` returned. */
  readonly works: { readonly label: string; readonly deferred: DeferredView }[] = [];
  /** Asynchronous discards that have begun and not ended. */
  unfinished = 0;

  constructor(subject: Subject, ordered: boolean) {
    this.subject = subject;
    this.ordered = ordered;
  }

  get told(): Told {
    return { ordered: this.ordered, outcome: true };
  }

  describe(value: unknown): string {
    return describeValue(value, this.told);
  }

  /** What happens now, in the line of execution that the strand is part of. */
  write(strand: Strand, line: string): void {
    this.tell(strand.current, line);
  }

  /** What the strand itself learns, whenever that may be. */
  tell(strand: Strand, line: string): void {
    (this.log[strand.name] ??= []).push(line);
  }

  /** Where a function finds itself. */
  where(): string {
    const { subject } = this;
    const foreign = subject.foreign.read();
    return `in ${this.#operation(subject.currentOperation())} ${task(subject.currentTask())} foreign ${foreign ?? '-'}`;
  }

  /** The signals that a function sees. Whether those of what has ended still follow others is not said. */
  signals(work: WorkView | undefined): string {
    const { subject } = this;
    // When it is aborted by a function that others outlive, depends on how they interleave.
    if (!this.ordered) return String(work?.signal.aborted);
    const alive = [subject.currentOperation(), subject.currentTask()].map((each) =>
      each?.state === 'closed' ? undefined : each?.signal,
    );
    return [...alive, work?.signal]
      .map((signal) => (signal === undefined ? '-' : `${signal.aborted} ${this.describe(signal.reason)}`))
      .join('/');
  }

  #operation(operation: OperationView | undefined): string {
    if (operation === undefined) return 'none';
    const pending = this.ordered ? ` ${operation.pending}` : '';
    const nesting =
      operation.parent === undefined ? '' : `<${operation.parent.name ?? '?'}<${operation.root.name ?? '?'}`;
    return `${operation.name ?? '?'}${nesting}(${operation.state}${pending})`;
  }
}

function task(current: TaskView | undefined): string {
  return current === undefined ? '-' : `${current.name ?? '?'}(${current.state})`;
}
