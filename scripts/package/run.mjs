import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The repository, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

const exec = promisify(execFile);

/** In milliseconds: what has not ended by then hangs. */
const TIMEOUT = 60_000;

/** Runs a program to its end; what it printed is the message of its failure. */
const run = async (file, args, cwd) => {
  try {
    return await exec(file, args, { cwd, maxBuffer: 16 * 2 ** 20, timeout: TIMEOUT });
  } catch (error) {
    const told = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim() || error.message;
    throw new Error(error.killed ? `it did not end by itself. ${told}` : told, { cause: error });
  }
};

export const node = (args, cwd) => run(process.execPath, args, cwd);
/** A program of the project's own dependencies, by its path in node_modules. */
export const tool = (path, args, cwd) => node([join(root, 'node_modules', path), ...args], cwd);
export const npm = (args, cwd) => run('npm', args, cwd);
