import { invalidRange, invalidType, invalidUse } from '../../api/invalid-argument.js';
import { checkTimeline } from './check-timeline.js';
import { columns, fit } from './columns.js';
import { rowsOf } from './rows.js';
import type { Row } from './rows.js';
import type { Timeline } from './timeline.js';
import { beyondTheLimit, deferredAt, headline, tookText } from './words.js';

/** Options of `timelineToText`. */
export interface TextOptions {
  /**
   * The stream that the text is for, such as `process.stdout`. A terminal provides its width, and
   * enables colours if it supports them and `NO_COLOR` is not set. `FORCE_COLOR` enables colours on
   * any stream. The options `width` and `color` take precedence.
   *
   * @default none
   */
  stream?: TextStream | undefined;
  /**
   * How many columns a row may have: a whole number from 40. The line that shows where failed work was
   * deferred is never cut.
   *
   * @default the width of the `stream`, or 100
   */
  width?: number | undefined;
  /**
   * Whether the text contains terminal colour escapes.
   *
   * @default whether the `stream` supports them
   */
  color?: boolean | undefined;
  /**
   * How many operations, tasks and work items are listed: a whole number from 1, or `Infinity`. The
   * rest is counted.
   *
   * @default 200
   */
  limit?: number | undefined;
}

/** A stream that the text is formatted for, such as `process.stdout` or `process.stderr`. */
export interface TextStream {
  /** How many columns it has. */
  readonly columns?: number | undefined;
  /** Whether it is a terminal. */
  readonly isTTY?: boolean | undefined;
  /** Whether it supports colours. */
  hasColors?(): boolean;
}

const NARROWEST = 40;
const SGR = { dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const;
type Paint = (color: keyof typeof SGR, text: string) => string;

/**
 * Formats the timeline as a readable tree, with one line and one bar for each operation, task and work
 * item. In a bar, `─` is an operation or task whose function runs, and `═` an operation that drains.
 * `·` is a work item that waits, `█` one that runs, and `▒` one that ran and failed. `▸` ends the bar
 * of what has not ended. The text does not end with a line feed.
 *
 * Throws a `TypeError` or `RangeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) for an invalid timeline,
 * for one of another version, and for invalid options.
 *
 * @example
 * console.log(timelineToText(recording.stop(), { stream: process.stdout }));
 */
export const timelineToText = (timeline: Timeline, options: TextOptions = {}): string => {
  checkTimeline(timeline);
  const { width, color, limit } = read(options);
  const paint: Paint = (name, text) =>
    color && text !== '' ? `\u001B[${SGR[name][0]}m${text}\u001B[${SGR[name][1]}m` : text;
  const rows = rowsOf(timeline);
  const shown = rows.slice(0, limit);
  const labels = shown.map(({ depth, label }) => '  '.repeat(depth) + label);
  const stateWidth = widest(shown.map(({ state }) => state));
  const times = shown.map(({ took }) => tookText(took));
  const timeWidth = widest(times);
  const others = stateWidth + timeWidth + 6;
  const labelWidth = Math.min(widest(labels), Math.floor(width * 0.4), Math.max(width - others - 10, 4));
  const barWidth = Math.max(width - labelWidth - others, 10);
  const scale = timeline.duration > 0 ? barWidth / timeline.duration : 0;

  const lines = [fit(headline(timeline), width).trimEnd()];
  for (const [index, row] of shown.entries()) {
    const { kind, isBad, reason, trace, depth } = row;
    const label = fit(labels[index]!, labelWidth);
    const state = fit(row.state, stateWidth);
    const line = [
      kind === 'work' ? label : paint('cyan', label),
      isBad ? paint('red', state) : paint(kind === 'work' ? colorOf(row) : 'dim', state),
      paint('dim', times[index]!.padStart(timeWidth)),
      barOf(row, scale, barWidth, paint),
    ];
    lines.push(line.join('  ').trimEnd());
    const indent = '  '.repeat(depth + 1);
    if (reason !== undefined) lines.push(paint('red', fit(`${indent}${reason}`, width).trimEnd()));
    const site = isBad ? deferredAt(trace) : undefined;
    if (site !== undefined) lines.push(paint('dim', indent + site));
  }
  if (rows.length > shown.length) lines.push(`and ${rows.length - shown.length} more`);
  if (timeline.dropped > 0) lines.push(beyondTheLimit(timeline.dropped));
  return lines.join('\n');
};

/** Not `Math.max(...all)`: a call accepts fewer arguments than there may be rows. */
const widest = (texts: readonly string[]): number =>
  texts.reduce((most, text) => Math.max(most, columns(text)), 0);

const colorOf = ({ state }: Row): keyof typeof SGR => (state === 'ran' ? 'green' : 'yellow');

/** Every bar has at least one character, even if it took no time. */
const barOf = (row: Row, scale: number, width: number, paint: Paint): string => {
  const { kind, from, middle, to, hasEnded, isBad } = row;
  const at = (time: number): number => Math.min(Math.floor(time * scale), width - 1);
  const start = at(from);
  const end = Math.max(at(to), start);
  const turn = middle === undefined ? end + 1 : Math.min(Math.max(at(middle), start), end);
  const [first, second] = kind === 'work' ? (['·', isBad ? '▒' : '█'] as const) : (['─', '═'] as const);
  const tip = hasEnded ? '' : '▸';
  const before = first.repeat(Math.min(turn, end + 1) - start);
  const after = second.repeat(Math.max(end + 1 - turn, 0));
  const color = kind === 'work' ? (isBad ? 'red' : 'green') : 'cyan';
  return ' '.repeat(start) + paint('dim', before) + paint(color, after) + tip;
};

const read = (options: TextOptions): { width: number; color: boolean; limit: number } => {
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const { stream, width, color, limit = 200, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw invalidUse(`Unknown option \`${unknown}\`. There is: stream, width, color, limit`);
  }
  if (stream !== undefined && (typeof stream !== 'object' || stream === null)) {
    throw invalidType('options.stream', 'a stream', stream);
  }
  if (color !== undefined && typeof color !== 'boolean') {
    throw invalidType('options.color', 'true or false', color);
  }
  if (width !== undefined) checkCount('options.width', width, NARROWEST);
  checkCount('options.limit', limit, 1);
  return { width: width ?? widthOf(stream), color: color ?? hasColors(stream), limit };
};

/** A terminal of unknown size reports 0 columns. */
const widthOf = (stream: TextStream | undefined): number => Math.max(stream?.columns || 100, NARROWEST);

const hasColors = (stream: TextStream | undefined): boolean => {
  if (stream === undefined) return false;
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const { FORCE_COLOR, NO_COLOR } = process?.env ?? {};
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  if (NO_COLOR) return false;
  return stream.isTTY === true && (stream.hasColors?.() ?? true);
};

const checkCount = (what: string, value: unknown, minimum: number): void => {
  const expected = `a whole number from ${minimum}`;
  if (typeof value !== 'number') throw invalidType(what, expected, value);
  if (!(value >= minimum) || (value !== Infinity && !Number.isInteger(value))) {
    throw invalidRange(what, expected, value);
  }
};
