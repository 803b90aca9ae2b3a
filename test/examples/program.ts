import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The folder of the project. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Finished {
  readonly lines: readonly string[];
  readonly stderr: string;
  readonly status: number | null;
}

/** A running example program, the first of a process group of its own. It ends with the test at the latest. */
export class Program {
  readonly finished: Promise<Finished>;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #watches = new Set<() => void>();

  constructor(command: string, args: readonly string[], env: Record<string, string> = {}) {
    const child = spawn(command, args, {
      cwd: root,
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    createInterface(child.stdout).on('line', (line) => {
      this.#lines.push(line);
      for (const watch of this.#watches) watch();
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    this.finished = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve({ lines: this.#lines, stderr, status }));
    });
    onTestFinished(async () => {
      this.signal('SIGKILL');
      await this.finished;
    });
  }

  /** Sends a signal to the program and to all that it has started, as Ctrl-C in a terminal does. */
  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Sends a signal to the program alone. */
  signalOne(signal: NodeJS.Signals): void {
    process.kill(this.#pid, signal);
  }

  /** The lines up to the first that starts with `start`; rejects if the program ends without it. */
  async until(start: string): Promise<readonly string[]> {
    const seen = new Promise<readonly string[]>((resolve) => {
      const watch = (): void => {
        const index = this.#lines.findIndex((line) => line.startsWith(start));
        if (index < 0) return;
        this.#watches.delete(watch);
        resolve(this.#lines.slice(0, index + 1));
      };
      this.#watches.add(watch);
      watch();
    });
    const ended = this.finished.then(({ lines, stderr }): never => {
      throw new Error(`the program ended without "${start}":\n${lines.join('\n')}\n${stderr}`);
    });
    return Promise.race([seen, ended]);
  }

  get #pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the program was not started');
    return pid;
  }
}

/** Where `compile.ts` puts what it makes of a TypeScript file. */
export const compiled = (file: string): string => `build/programs/${file.replace(/\.ts$/, '.js')}`;

/** Runs a TypeScript file, compiled: what the tests send it is its own. */
export const run = (file: string, args: readonly string[] = [], env?: Record<string, string>): Program =>
  new Program(process.execPath, [compiled(file), ...args], env);
