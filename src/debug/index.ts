import { startLog } from './log.js';

/** Copies of the package have their channels in common, and one log of them is enough. */
const LOG = Symbol.for('deferqueue.debug');

const start = (): (() => void) => {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  return startLog({
    // oxlint-disable-next-line eslint/no-console -- it leads to stderr on every runtime
    write: (line) => console.error(line),
    // A terminal knows of NO_COLOR, FORCE_COLOR and TERM. Deno gives the same answer where there is no terminal.
    colors: process?.stderr?.isTTY === true && process.stderr.hasColors(),
  });
};

const shared = globalThis as { [LOG]?: () => void };
const stop = (shared[LOG] ??= start());

/** Ends the log that importing this module has begun, for good. */
export const stopLog = (): void => stop();
