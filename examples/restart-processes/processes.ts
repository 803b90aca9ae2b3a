import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { currentOperation } from 'deferqueue';
import type { Reply, Request } from './protocol.js';
import type { Answers } from './worker.js';

const workerFile = fileURLToPath(new URL('./worker.ts', import.meta.url));

type Settle = (reply: Reply) => void;

/** A live process, asked over its IPC channel. */
export class RunningProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Settle>();
  readonly #ended: Promise<void>;
  #lastId = 0;

  constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    child.on('message', (reply: Reply) => this.#settle(reply));
    this.#ended = new Promise((resolve) => {
      const end = (why: string): void => {
        for (const id of this.#waiting.keys()) this.#settle({ id, error: why });
        resolve();
      };
      child.once('exit', (status, signal) => end(`it exited (${signal ?? `status ${status}`})`));
      // A process that never came into being has no exit, and only an error.
      child.on('error', (error) => child.pid === undefined && end(error.message));
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get alive(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when the process is there to answer; rejects if it ends before that. */
  async ready(): Promise<void> {
    await this.#reply(0, 'could not start');
  }

  /** Asks the process. Rejects with what it failed with, and when the operation has been aborted. */
  async ask<K extends keyof Answers>(
    name: K,
    ...args: Parameters<Answers[K]>
  ): Promise<ReturnType<Answers[K]>> {
    currentOperation()?.signal.throwIfAborted();
    if (!this.alive) throw new Error(`${this.name} could not ${name}: it has ended`);
    const request: Request = { id: ++this.#lastId, name, args };
    const answer = this.#reply(request.id, `could not ${name}`);
    this.#child.send(request, (error) => {
      if (error !== null) this.#settle({ id: request.id, error: error.message });
    });
    return (await answer) as ReturnType<Answers[K]>;
  }

  /** Ends the process at once, with no say in it, and resolves when it is gone. */
  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #reply(id: number, failure: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ value, error }) => {
        if (error === undefined) resolve(value);
        else reject(new Error(`${this.name} ${failure}: ${error}`));
      });
    });
  }

  #settle(reply: Reply): void {
    const settle = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    settle?.(reply);
  }
}

/** Every process that was started; those still alive end with it. */
export class ProcessGroup implements AsyncDisposable {
  readonly #started: RunningProcess[] = [];

  get started(): number {
    return this.#started.length;
  }

  get alive(): number {
    return this.#started.filter((process) => process.alive).length;
  }

  async start(name: string, user: string, options: { broken?: boolean } = {}): Promise<RunningProcess> {
    currentOperation()?.signal.throwIfAborted();
    // With fork's default execArgv the worker is run as this program is: with the same TypeScript loader, or none.
    const child = fork(workerFile, options.broken === true ? [user, 'broken'] : [user], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const process = new RunningProcess(name, child);
    this.#started.push(process);
    await process.ready();
    return process;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#started.map((process) => process.stop()));
  }
}
