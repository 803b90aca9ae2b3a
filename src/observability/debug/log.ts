import type { Outcome } from '../../api/outcome.js';
import type { EndCounts, WorkReport } from '../../api/report.js';
import type { Operation, Task } from '../../api/types.js';
import type { ObservedWork } from '../channels.js';
import { labelled, printable, quoted, reasonText } from '../labels.js';
import { listen } from '../listen.js';
import type { Listeners } from '../listen.js';

/** Options of `startLog`. */
export interface LogOptions {
  /** Called with each line, without a line feed. */
  readonly write: (line: string) => void;
  /** Whether the lines contain terminal colour escapes. Called only when there is a line to write. */
  readonly colors: () => boolean;
}

/** What the log keeps of a work item, from its registration to its end. */
interface ItemRecord {
  /** Counts up in the order of registration. It distinguishes unnamed items. */
  readonly number: number;
  readonly registered: number;
  readonly operation: number;
  readonly trace: string | undefined;
  started: number | undefined;
}

const SGR = { dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const;
type Color = keyof typeof SGR;

/** Logs a line for each message and never throws. Returns a function that stops the log. */
export const startLog = ({ write, colors }: LogOptions): (() => void) => {
  const opened = new WeakMap<Operation | Task, number>();
  const records = new WeakMap<ObservedWork, ItemRecord>();
  let items = 0;
  let writing = false;

  const paint = (color: Color, text: string): string =>
    colors() ? `\u001B[${SGR[color][0]}m${text}\u001B[${SGR[color][1]}m` : text;

  const log = (now: number, depth: number, subject: string, what: string): void => {
    const time = `deferqueue ${now.toFixed(1).padStart(9)} ms`;
    // A console that the program replaced may open operations itself. Logging those would never end.
    if (writing) return;
    writing = true;
    try {
      write(`${paint('dim', time)}  ${'  '.repeat(depth)}${subject} ${what}`);
    } finally {
      writing = false;
    }
  };

  const nameOf = ({ name, id }: { readonly name: string | undefined; readonly id: number }): string =>
    paint('cyan', labelled(name, id));

  const inTask = (operation: Operation, task: Task | undefined): string =>
    task === undefined ? nameOf(operation) : `${nameOf(operation)}, task ${nameOf(task)}`;

  const recordOf = (work: ObservedWork, now: number, trace?: string): ItemRecord => {
    const known = records.get(work);
    if (known !== undefined) return known;
    const { id: operation } = work.operation;
    const record: ItemRecord = { number: ++items, registered: now, operation, trace, started: undefined };
    records.set(work, record);
    return record;
  };

  const logWork = (
    now: number,
    work: ObservedWork,
    { number, operation }: ItemRecord,
    what: string,
  ): void => {
    const name = nameOf({ name: work.name, id: number });
    const promoted = operation === work.operation.id ? '' : ` (promoted from #${operation})`;
    const depth = depthOf(work.operation) + 1;
    log(now, depth, `${inTask(work.operation, work.task)}, work ${name}${promoted}`, what);
  };

  /** How long it has been open. Empty for an operation or task opened before the log started. */
  const since = (subject: Operation | Task, now: number): string => {
    const at = opened.get(subject);
    return at === undefined ? '' : ` after ${ms(now - at)}`;
  };

  const settled = (outcome: Outcome): string =>
    outcome.status === 'fulfilled' ? 'fulfilled' : paint('red', `rejected: ${reasonText(outcome.reason)}`);

  const listeners: Required<Listeners> = {
    'deferqueue:operation:open': ({ operation }) => {
      const now = performance.now();
      opened.set(operation, now);
      log(now, depthOf(operation), nameOf(operation), 'opened');
    },
    'deferqueue:operation:boundary': ({ operation, outcome }) => {
      const now = performance.now();
      const what = `boundary${since(operation, now)}, ${settled(outcome)}`;
      log(now, depthOf(operation), nameOf(operation), what);
    },
    'deferqueue:operation:close': ({ operation, report }) => {
      const now = performance.now();
      const what = `closed${since(operation, now)}, ${countsOf(report.counts)}`;
      log(now, depthOf(operation), nameOf(operation), what);
    },
    'deferqueue:task:open': ({ task }) => {
      const now = performance.now();
      opened.set(task, now);
      log(now, depthOf(task.operation) + 1, inTask(task.operation, task), 'opened');
    },
    'deferqueue:task:close': ({ task, outcome }) => {
      const now = performance.now();
      const what = `closed${since(task, now)}, ${settled(outcome)}`;
      log(now, depthOf(task.operation) + 1, inTask(task.operation, task), what);
    },
    'deferqueue:work:register': ({ work, trace }) => {
      const now = performance.now();
      logWork(now, work, recordOf(work, now, trace), `registered${siteOf(trace, ' at ')}`);
    },
    'deferqueue:work:refused': ({ operation, name, error }) => {
      const what = paint('red', `refused: ${reasonText(error)}`);
      const work = name === undefined ? '(unnamed)' : quoted(name);
      log(performance.now(), depthOf(operation) + 1, `${nameOf(operation)}, work ${work}`, what);
    },
    'deferqueue:work:start': ({ work }) => {
      const now = performance.now();
      const record = recordOf(work, now);
      record.started = now;
      logWork(now, work, record, `started, waited ${ms(now - record.registered)}`);
    },
    'deferqueue:work:end': ({ work, report }) => {
      const now = performance.now();
      const record = recordOf(work, now);
      const { started = now, registered, trace } = record;
      const time =
        record.started === undefined ? `waited ${ms(now - registered)}` : `took ${ms(now - started)}`;
      const reason = 'reason' in report ? `: ${reasonText(report.reason)}` : '';
      const site = BAD.has(report.state) ? siteOf(trace, ', registered at ') : '';
      logWork(now, work, record, `${paint(colorOf(report), report.state)}, ${time}${reason}${site}`);
    },
  };

  // A line that cannot be written is dropped.
  return listen(listeners, () => undefined);
};

const BAD: ReadonlySet<WorkReport['state']> = new Set(['failed', 'timed-out', 'abandoned']);

const colorOf = ({ state }: WorkReport): Color => {
  if (state === 'ran') return 'green';
  return BAD.has(state) ? 'red' : 'yellow';
};

const depthOf = ({ parent }: Operation): number => {
  let depth = 0;
  for (let above = parent; above !== undefined; above = above.parent) depth++;
  return depth;
};

const ms = (duration: number): string => `${duration.toFixed(1)} ms`;

/** The first frame of a trace, after `before`. */
const siteOf = (trace: string | undefined, before: string): string => {
  const frame = /at (.+)/.exec(trace ?? '')?.[1];
  return frame === undefined ? '' : before + printable(frame);
};

const countsOf = (counts: EndCounts): string => {
  const nonZero = Object.entries(counts).filter(([, count]) => count > 0);
  return nonZero.map(([state, count]) => `${count} ${state}`).join(', ') || 'no work items';
};
