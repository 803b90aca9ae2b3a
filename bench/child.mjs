// Runs a program of this folder in a fresh process, and reads the JSON that is the last line of what it prints.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The longest that one measurement may take, in milliseconds. */
const LIMIT = 180_000;
const running = new Set();

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of running) child.kill('SIGKILL');
    process.exit(130);
  });
}

export const runChild = (binary, program, input, flags = ['--expose-gc']) =>
  new Promise((resolve, reject) => {
    const file = fileURLToPath(new URL(program, import.meta.url));
    const child = spawn(binary, [...flags, file, JSON.stringify(input)], {
      // Nothing of the environment changes what is measured.
      env: { PATH: process.env.PATH, NODE_ENV: 'production', NODE_NO_WARNINGS: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT,
      killSignal: 'SIGKILL',
    });
    running.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      running.delete(child);
      const line = stdout.trim().split('\n').at(-1);
      if (code === 0 && line?.startsWith('{')) resolve(JSON.parse(line));
      else
        reject(
          new Error(`${program} ${JSON.stringify(input)} ended with ${signal ?? code}:\n${stdout}${stderr}`),
        );
    });
  });
