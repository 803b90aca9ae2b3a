import { randomUUID } from 'node:crypto';
import { fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { slotSize } from './protocol.js';
import type { PrivateState, Reply, Request, SegmentStat } from './protocol.js';

let state: PrivateState = { user: process.argv[2] ?? 'nobody', token: randomUUID(), writes: 0 };
let segment: number | undefined;

const attached = (): number => {
  if (segment === undefined) throw new Error('no segment is attached');
  return segment;
};

const answers = {
  /** Attaches the segment by its name, and keeps it attached whatever becomes of the name. */
  attach(path: string): number {
    segment = openSync(path, 'r+');
    return segment;
  },
  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(attached(), bytes, 0, length, offset));
  },
  write(slot: number, text: string): void {
    const bytes = new Uint8Array(slotSize);
    new TextEncoder().encodeInto(text, bytes);
    writeSync(attached(), bytes, 0, slotSize, slot * slotSize);
    state = { ...state, writes: state.writes + 1 };
  },
  stat(): SegmentStat {
    const { dev, ino, nlink } = fstatSync(attached(), { bigint: true });
    return { dev, ino, nlink };
  },
  state(): PrivateState {
    return state;
  },
  restore(saved: PrivateState): void {
    state = saved;
  },
};

/** What a process can be asked for. */
export type Answers = typeof answers;

const reply = (message: Reply): void => {
  process.send?.(message);
};

const serve = ({ id, name, args }: Request): void => {
  try {
    const answer = answers[name as keyof Answers] as (...args: readonly unknown[]) => unknown;
    reply({ id, value: answer(...args) });
  } catch (error) {
    reply({ id, error: error instanceof Error ? error.message : String(error) });
  }
};

if (process.argv[3] === 'broken') process.exit(3);
// Ctrl-C reaches every process of the terminal; the program is the one to end the others, in order.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
process.on('message', serve);
reply({ id: 0 });
