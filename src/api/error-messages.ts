import type { OperationReport, StuckWork } from './report.js';

/** What names an operation or task in a message. Errors keep these parts, never the operation itself. @hidden */
export interface Named {
  readonly id: number;
  readonly name: string | undefined;
  /** Whether it is an operation that was terminated. */
  readonly isTerminated?: boolean;
}

/** One failed work item as an error message lists it. @hidden */
export interface FailedWork {
  readonly label: string;
  readonly error: unknown;
  /** The stack of the call that registered it, if that was kept. */
  readonly trace: string | undefined;
}

/** What a terminated operation was waiting for besides its work items. @hidden */
export interface Unsettled {
  readonly active: number;
  readonly discards: number;
  /** Disposers that were called afterwards and did not end in time. */
  readonly unfinished: readonly string[];
}

/** @internal */
export const label = (kind: string, { id, name }: Named): string =>
  name === undefined ? `${kind} #${id}` : `${kind} "${name}" (#${id})`;

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Describes a thrown value. It must not throw, whatever the value is. @internal */
export const describe = (value: unknown): string => {
  try {
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  } catch {
    return typeof value;
  }
};

/** How many items a message lists. */
const LISTED = 5;

/** Lists the first items, each with the place of its `defer` call if that is known. */
const list = <Item extends { readonly trace?: string | undefined }>(
  items: readonly Item[],
  describeItem: (item: Item) => string,
  limit = LISTED,
): string[] => {
  const lines = items.slice(0, limit).map((item) => {
    const frame = /\S.*/.exec(item.trace ?? '');
    return describeItem(item) + (frame ? `\ndeferred ${frame[0]}` : '');
  });
  if (items.length > limit) lines.push(`and ${items.length - limit} more`);
  return lines;
};

/** A single line continues the sentence before it; several go below it, each indented. */
const append = (lines: readonly string[]): string => {
  const text = lines.map((line) => `\n  ${line.replaceAll('\n', '\n    ')}`).join('');
  return text.lastIndexOf('\n') > 0 ? text : ` ${text.trim() || 'nothing'}`;
};

/** Why a call may not find its operation. docs/context.md has more of it. */
const LOST =
  'A callback that a shared PQueue, a pool, an emitter or a stream calls, and a generator that is read elsewhere, run ' +
  'in the context of other code: wrap them in operation.bind() where the operation is current';

/** @internal */
export const noOperation = (what: string): string =>
  `${what}() was called outside any operation. Call it inside withOperation(). ${LOST}` +
  (what === 'defer' ? ". With { outside: 'run' } the work runs at once instead" : '');

/** @internal */
export const noTask = (what: string, operation: Named, ended: Named | undefined): string =>
  ended === undefined
    ? `${what}() with until: 'task' was called outside any task of ${label('operation', operation)}. ` +
      "Call it inside withTask(), or use until: 'operation'"
    : `${what}() with until: 'task' came after ${label('task', ended)} of ${label('operation', operation)} ` +
      "had ended. Call it while the task's function runs, or with until: 'operation'";

/** @internal */
export const operationClosed = (what: string, operation: Named): string =>
  `${what}() came too late: ${label('operation', operation)} ` +
  (operation.isTerminated
    ? 'was terminated by its drainTimeout, its drainSignal or shutdown(). Stop when work.signal or ' +
      'operation.signal aborts'
    : 'has ended. Await the promise that outlived it, or start it with withTask() so that the operation ' +
      `waits for it. If another operation is meant: ${LOST[0]!.toLowerCase()}${LOST.slice(1)}`);

/** @internal */
export const deferChain = (
  operation: Named,
  maxChain: number,
  chain: readonly (string | undefined)[],
): string => {
  const names = chain.map((name) => name ?? '(unnamed)');
  const shown = names.length > 10 ? [...names.slice(0, 4), '…', ...names.slice(-5)] : names;
  return (
    `A work item of ${label('operation', operation)} cannot be deferred by a chain of ` +
    `${plural(maxChain, 'item')}, each deferred by the one before: ${shown.join(' → ')}. Such a chain ` +
    'seldom ends by itself; if this one does, raise maxChain'
  );
};

/** @internal */
export const queueFull = (operation: Named, maxPending: number): string =>
  `${label('Operation', operation)} already has ${plural(maxPending, 'work item')} queued, its maxPending. ` +
  'Call flush() on the way, give repeated work a key, or raise maxPending';

/** @internal */
export const drainInProgress = (what: 'flush' | 'close', operation: Named): string =>
  what === 'flush'
    ? `flush() was called while that queue of ${label('operation', operation)} is being drained. What is ` +
      'queued there runs anyway, so there is nothing to flush'
    : `close() was called from deferred work of ${label('operation', operation)}, and would wait for itself. ` +
      'Close the operation where it was opened';

/** @internal */
export const deferredWork = (failures: readonly FailedWork[], report: OperationReport): string =>
  `${plural(failures.length, 'work item')} failed in ${label('operation', report)}:` +
  append(list(failures, (failure) => `${failure.label}: ${describe(failure.error)}`));

/** @internal */
export const workTimeout = (work: string, operation: Named, timeout: number, ofDrain: boolean): string =>
  `Work item ${work} of ${label('operation', operation)} did not settle ` +
  (ofDrain ? `before the drainTimeout of ${timeout} ms was over` : `within its timeout of ${timeout} ms`) +
  '. Pass its work.signal to what it calls, or raise the limit';

/** @internal */
export const drainTimeout = (
  limit: number,
  stuck: readonly StuckWork[],
  report: OperationReport,
  isShutdown: boolean,
  unsettled: Unsettled | undefined,
): string =>
  (isShutdown
    ? `${label('Operation', report)} had not ended when the grace of shutdown(), ${limit} ms, was over`
    : `The drain of ${label('operation', report)} did not end within its drainTimeout of ${limit} ms`) +
  whatWasLeft(stuck, report, unsettled);

/** @internal */
export const drainAborted = (
  stuck: readonly StuckWork[],
  report: OperationReport,
  unsettled: Unsettled | undefined,
): string =>
  `The drain of ${label('operation', report)} was ended by its drainSignal${whatWasLeft(stuck, report, unsettled)}`;

const whatWasLeft = (
  stuck: readonly StuckWork[],
  report: OperationReport,
  unsettled: Unsettled | undefined,
): string => {
  const lines = list(stuck, ({ name, ranFor }) => {
    const time = ranFor === undefined ? '' : ` (for ${ranFor} ms)`;
    return (name === undefined ? '(unnamed work)' : JSON.stringify(name)) + time;
  });
  if (unsettled?.active) lines.push(`tasks, nested operations or the like: ${unsettled.active}`);
  if (unsettled?.discards) lines.push(`discards: ${unsettled.discards}`);
  if (unsettled !== undefined) lines.push(...unsettled.unfinished);
  const { abandoned, failed } = report.counts;
  return (
    `. Abandoned in the queue: ${abandoned}; ${failed ? `failed: ${failed}; ` : ''}still running:` +
    append(lines)
  );
};

/** An operation that is open when the process ends, and what is queued in it. @hidden */
interface OpenAtExit {
  readonly operation: Named;
  readonly queued: readonly string[];
  readonly trace?: undefined;
}

/** @internal */
export const silentExit = (rows: readonly OpenAtExit[]): string =>
  `The process ends while ${plural(rows.length, 'operation')} ${rows.length === 1 ? 'is' : 'are'} open. What an ` +
  'operation waits for cannot settle any more: a promise that nothing resolves, its own deferred work, or itself:' +
  append(
    list(
      rows,
      ({ operation, queued }) => {
        const more = queued.length > LISTED ? ` and ${queued.length - LISTED} more` : '';
        const items = queued.slice(0, LISTED).join(', ') + more;
        return label('operation', operation) + (items === '' ? '' : `, queued: ${items}`);
      },
      Infinity,
    ),
  );

/** @internal */
export const shuttingDown = (grace: number | undefined): string =>
  grace === undefined
    ? 'shutdown() was called: this runtime opens no new operation'
    : `shutdown() was called, and its grace of ${grace} ms is over`;

/** A copy of the package as a message names it. @hidden */
interface Copy {
  readonly version: string;
  readonly contract: number;
  readonly url: string;
}

const describeCopy = ({ version, contract, url }: Copy): string =>
  `version ${version} (contract ${contract}) from ${url}`;

/** @internal */
export const contractMismatch = (loaded: Copy, refused: Copy): string =>
  `Two copies of deferqueue are loaded that do not fit together: first ${describeCopy(loaded)}, ` +
  `now ${describeCopy(refused)}. Bring their dependents to one major version; \`npm ls deferqueue\` ` +
  'shows which package asks for which';
