/**
 * Each candidate is a module of this folder:
 *
 * - `title`: its name on the page;
 * - `load({ library, concurrency })`: makes a function that runs one operation over a plan (see nested-calls.mjs). `library` is
 *   the built entry of deferqueue;
 * - `order`: `fifo` or `lifo`, which every sample checks;
 * - `peer`: the package of bench/node_modules that it uses, and `lacks`: the guarantees that it does not keep.
 */
export const BASE = 'by-hand-in-full';
export const OURS = 'deferqueue';
export const OPEN = 'open-operation';
export const PEERS = [
  'async-disposable-stack',
  'p-queue',
  'next-after',
  'typeorm-transactional',
  'effect',
  'effection',
];
export const NAMES = [BASE, OURS, OPEN, ...PEERS];

export const importCandidate = async (name) => ({
  name,
  ...(await import(new URL(`${name}.mjs`, import.meta.url).href)),
});
