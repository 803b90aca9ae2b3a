import { startLog } from './log.js';

/** All copies of the package publish on the same channels, so one log serves all of them. */
const LOG = Symbol.for('deferqueue.debug');

/** `hasColors` respects NO_COLOR, FORCE_COLOR and TERM. On Deno it needs the check of `isTTY`. */
const hasColors = (): boolean => {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  return process?.stderr?.isTTY === true && process.stderr.hasColors();
};

let colors: boolean | undefined;

const start = (): (() => void) =>
  startLog({
    // oxlint-disable-next-line eslint/no-console -- it writes to stderr on every runtime
    write: (line) => console.error(line),
    // Reading `process.stderr` opens it, which an import alone must not do.
    colors: () => (colors ??= hasColors()),
  });

const shared = globalThis as { [LOG]?: () => void };
const stop = (shared[LOG] ??= start());

/** Permanently stops the log that importing this module has started. */
export const stopLog = (): void => stop();
