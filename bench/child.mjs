// Runs a program of this folder in a fresh process, and reads the JSON that is the last line of its output.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM']) {
  process.once(name, () => {
    interrupted.abort();
    process.exit(130);
  });
}

const OPTIONS = {
  // Nothing of the environment changes what is measured.
  env: { PATH: process.env.PATH, NODE_ENV: 'production', NODE_NO_WARNINGS: '1' },
  /** The longest that one measurement may take, in milliseconds. */
  timeout: 180_000,
  killSignal: /** @type {const} */ ('SIGKILL'),
  maxBuffer: Infinity,
  signal: interrupted.signal,
};

export const runChild = async (binary, program, input, flags = ['--expose-gc']) => {
  const file = fileURLToPath(new URL(program, import.meta.url));
  try {
    const { stdout } = await execute(binary, [...flags, file, JSON.stringify(input)], OPTIONS);
    return JSON.parse(stdout.trim().split('\n').at(-1));
  } catch (error) {
    throw new Error(`${program} ${JSON.stringify(input)} failed: ${error.message}`, { cause: error });
  }
};
