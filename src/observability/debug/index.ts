import { startLog } from './log.js';

/** Copies of the package have their channels in common, and one log of them is enough. */
const LOG = Symbol.for('deferqueue.debug');

/** A terminal knows of NO_COLOR, FORCE_COLOR and TERM. Deno gives the same answer where there is no terminal. */
const hasColors = (): boolean => {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  return process?.stderr?.isTTY === true && process.stderr.hasColors();
};

let colors: boolean | undefined;

const start = (): (() => void) =>
  startLog({
    // oxlint-disable-next-line eslint/no-console -- it leads to stderr on every runtime
    write: (line) => console.error(line),
    // To look at stderr opens it, which an import alone must not do.
    colors: () => (colors ??= hasColors()),
  });

const shared = globalThis as { [LOG]?: () => void };
const stop = (shared[LOG] ??= start());

/** Ends the log that importing this module has begun, for good. */
export const stopLog = (): void => stop();
