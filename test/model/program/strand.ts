import type { DeferredView, OpenOperationView, OperationView, TaskView } from './subject.js';

/** Something with an end: what a strand writes after it, happens in the outer one. */
interface Participant {
  readonly state: string;
}

/** An async context to come back to; Node does not restore it faithfully where it is entered already. */
export interface Capture {
  readonly inside: (fn: () => unknown) => unknown;
  isEntered: boolean;
}

/**
 * One line of execution of a program, with its own log, numbering and list of what can be named in it. Where several
 * are started together, each is compared by itself, since nothing is promised about their interleaving.
 */
export class Strand {
  readonly name: string;
  participant: Participant | undefined;
  readonly outer: Strand | undefined;
  readonly works: DeferredView[] = [];
  readonly controllers: AbortController[] = [];
  readonly operations: OperationView[] = [];
  readonly opened: OpenOperationView[] = [];
  readonly tasks: TaskView[] = [];
  readonly captures: Capture[] = [];
  #counter = 0;

  constructor(name: string, outer?: Strand) {
    this.name = name;
    this.outer = outer;
  }

  /** A label that nothing else in the program has. */
  label(kind: string): string {
    this.#counter += 1;
    return `${kind}${this.name}${this.#counter}`;
  }

  /** Whose log is written now. */
  get current(): Strand {
    return this.outer !== undefined && this.participant?.state === 'closed' ? this.outer.current : this;
  }
}
