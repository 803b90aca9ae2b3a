import type { Row } from '../rows.js';
import { ms } from '../words.js';

const GOOD: ReadonlySet<string> = new Set(['ran', 'fulfilled']);

/** A symbol for how the row ended, shown next to its state. */
export const markOf = ({ isBad, state, hasEnded, middle }: Row): string => {
  if (isBad) return '✕';
  if (!hasEnded) return middle === undefined ? '…' : '●';
  return GOOD.has(state) ? '✓' : '–';
};

const PARTS = { work: ['waited', 'ran'], operation: ['ran', 'drained'], task: ['ran', ''] } as const;

/** What the bar of the row shows, in words. */
export const barInWords = ({ kind, from, middle, to, hasEnded }: Row): string => {
  const [first, second] = PARTS[kind];
  const parts = [`${first} ${ms((middle ?? to) - from)}`];
  if (middle !== undefined) parts.push(`${second} ${ms(to - middle)}`);
  return `from ${ms(from)}: ${parts.join(', then ')}${hasEnded ? '' : ', not ended'}`;
};
