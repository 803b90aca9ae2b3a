/**
 * Each is a module of this folder:
 *
 * - `title`: as the page calls it;
 * - `load({ library, concurrency })`: makes a function that runs one operation over a plan (see nested-calls.mjs). `library` is
 *   the address of deferqueue's built entry;
 * - `order`: `fifo` or `lifo`, which every sample is held to;
 * - `isPassedAlong`: whether the queue has to be handed through the calls;
 * - `peer`: the package of bench/node_modules that it is made of;
 * - `rounds`: how many it has at most in a full run, if it takes so much more than the base that two tell enough;
 * - `cannot`: why it has no place in a workload, by the workload's name.
 */
export const NAMES = [
  'by-hand-without-context',
  'by-hand',
  'by-hand-in-context',
  'by-hand-in-full',
  'deferqueue',
  'unctx',
  'cls-hooked',
  'async-disposable-stack',
  'p-queue',
  'next-after',
  'typeorm-transactional',
  'effect',
  'effection',
];

export const BASE = 'by-hand';

/** What the goals are compared with where they are missed: what the guarantees take in one piece, by hand. */
export const LEAST = 'by-hand-in-full';

export const importCandidate = (name) => import(new URL(`${name}.mjs`, import.meta.url).href);

/** The candidates by name, in the order of the page. */
export const readCandidates = async (names = NAMES) =>
  Promise.all(names.map(async (name) => ({ name, ...(await importCandidate(name)) })));
