import { currentTask, defer } from 'deferqueue';
import type { Deferred, WorkState } from 'deferqueue';
import { describeEntry } from './entry.js';
import type { Entry } from './entry.js';
import type { ImageIndex } from './read-image.js';
import { firstLines } from './summary.js';

export type WorkKind = 'hard link' | 'symlink' | 'removal' | 'directory';

export interface QueueCounts {
  readonly deferred: number;
  readonly run: number;
  readonly failed: number;
  readonly undone: number;
}

/** The queues that works wait in: the task's two, for its own end and for the operation's, and the operation's own. */
export type QueueName = 'task end' | 'tasks' | 'operation';

/** Registers the works of a restart, and knows afterwards what became of each and what was left undone. */
export class Works {
  readonly #signal: AbortSignal;
  readonly #handles: Record<QueueName, Deferred[]> = { 'task end': [], tasks: [], operation: [] };
  readonly #undone = new Set<string>();
  #rest: string | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /**
   * Defers a work to the end of the restart: a hard link to the task's queue, which drains first, everything else to
   * the operation's own, which is last in, first out.
   */
  later(kind: WorkKind, path: string, run: (path: string) => Promise<void>): void {
    const ofTask = kind === 'hard link';
    const deferred = defer(({ data }) => run(data.path), {
      name: `${kind} ${path || '.'}`,
      data: { path },
      on: 'success',
      signal: this.#signal,
      discard: (_reason, data) => this.#undone.add(`${kind} ${data.path || '.'}`),
      ...(!ofTask && { task: null }),
    });
    this.#handles[ofTask ? 'tasks' : 'operation'].push(deferred);
  }

  /** Defers a work to the end of the current task alone. */
  atTaskEnd(run: () => void): void {
    const name = `end of ${currentTask()?.name ?? 'the task'}`;
    this.#handles['task end'].push(defer(run, { name, until: 'task', on: 'success' }));
  }

  /** Records an entry that was read but never got as far as to be written or deferred. */
  leave(entry: Entry): void {
    this.#undone.add(describeEntry(entry));
  }

  /** Records that the image was not read to its end. */
  leaveRest(index: ImageIndex): void {
    const last = [...index.entries.values()].at(-1);
    this.#rest =
      last === undefined
        ? 'no entry of the image was restored'
        : `whatever follows ${describeEntry(last)} in the image was not restored`;
  }

  counts(queue: QueueName): QueueCounts {
    const handles = this.#handles[queue];
    const inState = (state: WorkState): number => handles.filter((handle) => handle.state === state).length;
    const run = inState('ran');
    const failed = inState('failed');
    return { deferred: handles.length, run, failed, undone: handles.length - run - failed };
  }

  /** What was left undone, for people: how many of each kind, and the names of the first. */
  undoneLines(): string[] {
    const rest = this.#rest === undefined ? [] : [this.#rest];
    if (this.#undone.size === 0) return rest;
    const kinds = new Map<string, number>();
    for (const name of this.#undone) {
      const kind = /^(hard link|\w+)/.exec(name)?.[1] ?? name;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    const summary = [...kinds].map(([kind, count]) => `${kind}: ${count}`).join(', ');
    return [...rest, `left undone: ${this.#undone.size} (${summary})`, ...firstLines([...this.#undone])];
  }
}

/** Counts for people. */
export const describeCounts = ({ deferred, run, failed, undone }: QueueCounts): string =>
  [
    `${deferred} deferred`,
    `${run} run`,
    `${failed} failed`,
    ...(undone === 0 ? [] : [`${undone} left undone`]),
  ].join(', ');
