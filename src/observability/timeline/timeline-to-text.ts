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
   * Where the text goes: `process.stdout`, say. A terminal has its own width, and colours if it can show them, unless `NO_COLOR` is
   * set; `FORCE_COLOR` asks for them elsewhere too. `width` and `color` come first.
   *
   * @default none
   */
  stream?: TextStream | undefined;
  /**
   * How many columns a row may have: a whole number from 40. The place where a failed work was deferred is told whole.
   *
   * @default that of the `stream`, or else 100
   */
  width?: number | undefined;
  /**
   * Whether the text has the escapes of a terminal's colours.
   *
   * @default as the `stream` can, or else false
   */
  color?: boolean | undefined;
  /**
   * How many operations, tasks and works are told, a line each: a whole number from 1, or `Infinity`. What is left out is counted.
   *
   * @default 200
   */
  limit?: number | undefined;
}

/** What a text is fitted to: the `stdout` and `stderr` of a process are such streams. */
export interface TextStream {
  /** How many columns it has. */
  readonly columns?: number | undefined;
  /** Whether it is a terminal. */
  readonly isTTY?: boolean | undefined;
  /** Whether it shows colours. */
  hasColors?(): boolean;
}

const NARROWEST = 40;
const SGR = { dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const;
type Paint = (color: keyof typeof SGR, text: string) => string;

/**
 * The timeline as a tree for people, a line for each operation, task and work, with a bar over the time: `─` is an operation or a task
 * while its function runs, `═` an operation while it drains, `·` a work that waits, `█` one that runs, `▒` one that ran and failed, and `▸` stands
 * at the end of what has not ended. It has no line feed at its end.
 *
 * Throws a `TypeError` or `RangeError` for what is no timeline of this version and for bad options (`ERR_DEFERQUEUE_INVALID_ARGUMENT`).
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

/** Not by `Math.max(...all)`: there may be more than a call takes. */
const widest = (texts: readonly string[]): number =>
  texts.reduce((most, text) => Math.max(most, columns(text)), 0);

const colorOf = ({ state }: Row): keyof typeof SGR => (state === 'ran' ? 'green' : 'yellow');

/** Every row has a mark at least, also where it takes no time. */
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

/** A terminal that nobody has told its size says 0. */
const widthOf = (stream: TextStream | undefined): number => Math.max(stream?.columns || 100, NARROWEST);

const hasColors = (stream: TextStream | undefined): boolean => {
  if (stream === undefined) return false;
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const { FORCE_COLOR, NO_COLOR } = process?.env ?? {};
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  if (NO_COLOR) return false;
  return stream.isTTY === true && (stream.hasColors?.() ?? true);
};

const checkCount = (what: string, value: unknown, least: number): void => {
  const expected = `a whole number from ${least}`;
  if (typeof value !== 'number') throw invalidType(what, expected, value);
  if (!(value >= least) || (value !== Infinity && !Number.isInteger(value))) {
    throw invalidRange(what, expected, value);
  }
};
