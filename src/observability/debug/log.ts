import type { Outcome } from '../../api/outcome.js';
import type { EndCounts, WorkReport } from '../../api/report.js';
import type { Operation, Task } from '../../api/types.js';
import type { ObservedWork } from '../channels.js';
import { labelled, printable, reasonText } from '../labels.js';
import { listen } from '../listen.js';
import type { Listeners } from '../listen.js';

/** Where the log goes. */
export interface LogOptions {
  /** Gets each line, without a line feed. */
  readonly write: (line: string) => void;
  /** Whether the lines have the escapes of a terminal's colours. Asked when there is something to write. */
  readonly colors: () => boolean;
}

/** What the log knows of a work, from its registration to its end. */
interface Course {
  /** Counted up in the order of registration: unnamed works are told apart by it. */
  readonly number: number;
  readonly registered: number;
  readonly operation: number;
  readonly trace: string | undefined;
  started: number | undefined;
}

const SGR = { dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const;
type Color = keyof typeof SGR;

/** Logs a line for each message of the channels, and never throws. Returns what ends it. */
export const startLog = ({ write, colors }: LogOptions): (() => void) => {
  const opened = new WeakMap<Operation | Task, number>();
  const courses = new WeakMap<ObservedWork, Course>();
  let works = 0;
  let writing = false;

  const paint = (color: Color, text: string): string =>
    colors() ? `\u001B[${SGR[color][0]}m${text}\u001B[${SGR[color][1]}m` : text;

  const log = (now: number, depth: number, who: string, what: string): void => {
    const time = `deferqueue ${now.toFixed(1).padStart(9)} ms`;
    // A console of the program's own may work with operations itself, which would go on for ever.
    if (writing) return;
    writing = true;
    try {
      write(`${paint('dim', time)}  ${'  '.repeat(depth)}${who} ${what}`);
    } finally {
      writing = false;
    }
  };

  const nameOf = ({ name, id }: { readonly name: string | undefined; readonly id: number }): string =>
    paint('cyan', labelled(name, id));

  const inTask = (operation: Operation, task: Task | undefined): string =>
    task === undefined ? nameOf(operation) : `${nameOf(operation)}, task ${nameOf(task)}`;

  const courseOf = (work: ObservedWork, now: number, trace?: string): Course => {
    const known = courses.get(work);
    if (known !== undefined) return known;
    const { id: operation } = work.operation;
    const course: Course = { number: ++works, registered: now, operation, trace, started: undefined };
    courses.set(work, course);
    return course;
  };

  const logWork = (now: number, work: ObservedWork, { number, operation }: Course, what: string): void => {
    const name = nameOf({ name: work.name, id: number });
    const promoted = operation === work.operation.id ? '' : ` (promoted from #${operation})`;
    const depth = depthOf(work.operation) + 1;
    log(now, depth, `${inTask(work.operation, work.task)}, work ${name}${promoted}`, what);
  };

  /** How long something has been open: nothing is told of what was opened before the log began. */
  const since = (who: Operation | Task, now: number): string => {
    const at = opened.get(who);
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
      logWork(now, work, courseOf(work, now, trace), `registered${placeOf(trace, ' at ')}`);
    },
    'deferqueue:work:start': ({ work }) => {
      const now = performance.now();
      const course = courseOf(work, now);
      course.started = now;
      logWork(now, work, course, `started, waited ${ms(now - course.registered)}`);
    },
    'deferqueue:work:end': ({ work, report }) => {
      const now = performance.now();
      const course = courseOf(work, now);
      const { started = now, registered, trace } = course;
      const time =
        course.started === undefined ? `waited ${ms(now - registered)}` : `took ${ms(now - started)}`;
      const reason = 'reason' in report ? `: ${reasonText(report.reason)}` : '';
      const place = BAD.has(report.state) ? placeOf(trace, ', registered at ') : '';
      logWork(now, work, course, `${paint(colorOf(report), report.state)}, ${time}${reason}${place}`);
    },
  };

  // A line that cannot be written is only not written: there is nobody to tell.
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

/** The first frame of a trace. */
const placeOf = (trace: string | undefined, before: string): string => {
  const frame = /at (.+)/.exec(trace ?? '')?.[1];
  return frame === undefined ? '' : before + printable(frame);
};

const countsOf = (counts: EndCounts): string => {
  const told = Object.entries(counts).filter(([, count]) => count > 0);
  return told.map(([state, count]) => `${count} ${state}`).join(', ') || 'no works';
};
