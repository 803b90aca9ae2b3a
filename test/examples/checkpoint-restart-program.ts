import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pack } from 'tar-stream';
import { expect, onTestFinished } from 'vitest';
import { removeTree } from '../../examples/checkpoint-restart/temporary-folder.js';
import { compiled, root } from './program.js';

/** What runs the program as somebody whom permissions bind. */
export const bound: { uid?: number; gid?: number } =
  process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Whether every user can enter the folder: not one of root's own, as `mktemp -d` makes it. */
const isOpen = (folder: string): boolean => {
  const parent = path.dirname(folder);
  return (statSync(folder).mode & 0o005) === 0o005 && (parent === folder || isOpen(parent));
};

/** Where the tests make their folders. */
export const workshop = [tmpdir(), path.join(root, 'build')].find(isOpen) ?? tmpdir();

/** Whether that user can enter the folders of the program and of the tests. */
export const canBeBound = bound.uid === undefined || (isOpen(path.resolve(root)) && isOpen(workshop));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that everybody may use, gone after the test. */
export const temporary = (): string => {
  const folder = mkdtempSync(path.join(workshop, 'checkpoint-restart-test-'));
  chmodSync(folder, 0o777);
  onTestFinished(() => removeTree(folder));
  return folder;
};

/** The running program. */
export class Running {
  readonly ended: Promise<Ended>;
  readonly stdin: ChildProcessWithoutNullStreams['stdin'];
  readonly #child: ChildProcessWithoutNullStreams;
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], user: typeof bound = {}, env: Record<string, string> = {}) {
    this.#child = spawn(process.execPath, [compiled('examples/checkpoint-restart/main.ts'), ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      ...user,
    });
    this.stdin = this.#child.stdin;
    this.stdin.on('error', () => {});
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (status) => resolve({ status, stdout: this.#stdout, stderr: this.#stderr }));
    });
    // Outside a test, in a hook, there is nothing to end: the hook waits for it.
    if (expect.getState().currentTestName !== undefined)
      onTestFinished(async () => {
        this.#child.kill('SIGKILL');
        await this.ended;
      });
  }

  /** Resolves when the program has said it on stderr; rejects if it ends without it. */
  async says(text: string): Promise<void> {
    const said = new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.#stderr.includes(text)) resolve();
      };
      this.#child.stderr.on('data', look);
      look();
    });
    const silent = this.ended.then(({ stderr }): never => {
      throw new Error(`the program ended without "${text}":\n${stderr}`);
    });
    await Promise.race([said, silent]);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** Runs the program to its end, with nothing on its standard input. */
export const run = (args: readonly string[], user: typeof bound = {}): Promise<Ended> => {
  const running = new Running(args, user);
  running.stdin.end();
  return running.ended;
};

export interface Crafted {
  readonly name: string;
  readonly type?: 'file' | 'link' | 'symlink' | 'directory' | 'fifo';
  readonly content?: string | Buffer;
  readonly linkname?: string;
  readonly mode?: number;
  readonly mtime?: Date;
  readonly pax?: Record<string, string>;
}

/** A tar as any program might write it. */
export const craft = async (entries: readonly Crafted[]): Promise<Buffer> => {
  const tar = pack();
  for (const { content = '', type = 'file', mtime = new Date(1_600_000_000_000), ...rest } of entries) {
    tar.entry({ type, mtime, ...rest }, Buffer.from(content));
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** Everything that a restart has to put back, as one line for each path; names of one file have the same number. */
export const snapshot = (folder: string, except: readonly string[] = []): string[] => {
  const inodes = new Map<bigint, number>();
  const lines: string[] = [];
  const visit = (at: string): void => {
    if (except.includes(at)) return;
    const place = path.join(folder, at);
    const stat = lstatSync(place, { bigint: true });
    const metadata = `${at || '.'} ${(stat.mode & 0o7777n).toString(8)} ${stat.mtimeNs / 1000n}`;
    if (stat.isDirectory()) {
      lines.push(`directory ${metadata}`);
      for (const name of readdirSync(place).toSorted()) visit(path.join(at, name));
    } else if (stat.isSymbolicLink()) {
      lines.push(`symlink ${metadata} ${readlinkSync(place)}`);
    } else {
      const number = inodes.get(stat.ino) ?? inodes.size;
      inodes.set(stat.ino, number);
      const content = createHash('sha256').update(readFileSync(place)).digest('hex');
      lines.push(`file ${metadata} #${number} ${content}`);
    }
  };
  visit('');
  return lines;
};
