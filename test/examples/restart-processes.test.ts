import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { compiled, Program } from './program.js';
import { rows } from './readme-table.js';

const main = 'examples/restart-processes/main.ts';

/** A place of its own for what the program leaves behind, if it does. */
const temporary = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'restart-processes-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

const start = (directory: string, args: readonly string[], preload: readonly string[] = []): Program =>
  new Program(process.execPath, [...preload, compiled(main), ...args], { TMPDIR: directory });

/** What is left of a program: its directories, and the processes that still run its worker. */
const remains = (directory: string): string[] => {
  const workers = readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return (
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('restart-processes/worker.js') &&
        readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`TMPDIR=${directory}\0`)
      );
    } catch {
      return false;
    }
  });
  return [...readdirSync(directory).filter((name) => name.startsWith('restart-processes-')), ...workers];
};

/** The lines of the step whose title starts with `title`. */
const step = (lines: readonly string[], title: string): string[] => {
  const from = lines.findIndex((line) => line.startsWith(title)) + 1;
  const length = lines.slice(from).findIndex((line) => !line.startsWith('  '));
  return lines.slice(from, length < 0 ? undefined : from + length).map((line) => line.trim());
};

interface Attachment {
  readonly pid: number;
  readonly fd: string;
  readonly path: string;
  readonly links: number;
}

const attachments = (lines: readonly string[]): Attachment[] =>
  lines.flatMap((line) => {
    const [, pid, fd, path, links] =
      /^process \d+, pid (\d+): (?:fd (\d+)) -> (.+) \(deleted\), links (\d+)$/.exec(line) ?? [];
    if (pid === undefined || fd === undefined || path === undefined) return [];
    return [{ pid: Number(pid), fd: `/proc/${pid}/fd/${fd}`, path, links: Number(links) }];
  });

const readText = async (fd: string, length: number): Promise<string> => {
  const file = await open(fd, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.toString();
  } finally {
    await file.close();
  }
};

const writeText = async (fd: string, text: string): Promise<void> => {
  const file = await open(fd, 'r+');
  try {
    await file.write(text, 0);
  } finally {
    await file.close();
  }
};

describe('restart-processes', () => {
  test('gives every process back what it had, and deletes the segment last, as the task that owns it', async () => {
    const directory = temporary();
    const { lines, stderr, status } = await start(directory, []).finished;
    expect(stderr).toBe('');
    const events = step(lines, 'Restart');
    expect(events.slice(0, 2)).toEqual([
      'task "process 1" as user-1: creates the segment, 128 bytes',
      'task "process 1" as user-1: attaches it',
    ]);
    expect(events.slice(2, -1).toSorted()).toEqual([
      'task "process 2" as user-2: attaches it',
      'task "process 3" as user-3: attaches it',
      'task "process 4" as user-4: attaches it',
    ]);
    expect(events.at(-1)).toBe('task "process 1" as user-1: deletes it');
    const before = attachments(step(lines, 'Start'));
    const after = attachments(step(lines, 'Proof'));
    expect(before.map(({ links }) => links)).toEqual([0, 0, 0, 0]);
    expect(after.map(({ links }) => links)).toEqual([0, 0, 0, 0]);
    expect(new Set([...before, ...after].map(({ pid }) => pid)).size).toBe(8);
    expect(new Set([...before, ...after].map(({ path }) => path)).size).toBe(1);
    expect(step(lines, 'Checkpoint')).toEqual([
      "the segment's 128 bytes, owner: process 1",
      'the private state of 4 processes',
      '4 processes stopped, 0 alive',
    ]);
    const proof = step(lines, 'Proof').slice(4);
    expect(proof).toEqual([
      'ok     the segment has no name',
      'ok     /proc shows it as deleted in 4 of 4 processes',
      'ok     its link count is 0 in 4 of 4 processes',
      'ok     all have attached the same file',
      'ok     4 of 4 processes read the bytes of the checkpoint',
      'ok     4 of 4 processes have their private state back',
      'ok     what each writes all read: 16 of 16 reads',
      'ok     the order was create, attach, attach, attach, attach, delete',
      'ok     the deletion ran as task "process 1", with the credentials of user-1',
    ]);
    const row = rows().find(({ file }) => file === 'restart-processes/main.ts');
    expect(proof).toEqual(expect.arrayContaining([...(row?.printed ?? ['a row of the table'])]));
    expect(lines.at(-1)).toBe('End: 8 processes were started, 0 are alive, no file is left');
    expect(status).toBe(0);
    expect(remains(directory)).toEqual([]);
  });

  test('restores processes that share bytes without a name, as /proc shows to anybody', async () => {
    const directory = temporary();
    const program = start(directory, ['--processes', '3', '--hold']);
    const held = attachments(step(await program.until('Holding'), 'Proof'));
    expect(held).toHaveLength(3);
    expect(held.map(({ fd, path }) => readlinkSync(fd) === `${path} (deleted)`)).toEqual([true, true, true]);
    expect(held.map(({ fd }) => statSync(fd).nlink)).toEqual([0, 0, 0]);
    expect(new Set(held.map(({ fd }) => statSync(fd).ino)).size).toBe(1);
    const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
    expect(files.some((file) => file.endsWith('image.json'))).toBe(true);
    expect(files.filter((file) => file.endsWith('segment'))).toEqual([]);

    for (const writer of held) {
      const text = `written to ${writer.pid}`;
      await writeText(writer.fd, text);
      for (const reader of held) expect(await readText(reader.fd, text.length)).toBe(text);
    }

    program.signal('SIGINT');
    const { status } = await program.finished;
    expect(status).toBe(0);
    expect(remains(directory)).toEqual([]);
  });

  test('fails without deferral, since the others come too late', async () => {
    const directory = temporary();
    const { lines, stderr, status } = await start(directory, ['--processes', '3', '--without-deferral'])
      .finished;
    const events = step(lines, 'Restart');
    expect(events.slice(0, 3)).toEqual([
      'task "process 1" as user-1: creates the segment, 96 bytes',
      'task "process 1" as user-1: attaches it',
      'task "process 1" as user-1: deletes it',
    ]);
    expect(events.slice(3, 5).toSorted()).toEqual([
      'task "process 2" as user-2: cannot attach it',
      'task "process 3" as user-3: cannot attach it',
    ]);
    expect(events.slice(5)).toEqual([
      'task "process 1" as user-1: is stopped',
      'task "process 2" as user-2: is stopped',
      'task "process 3" as user-3: is stopped',
    ]);
    expect(stderr).toMatch(/^2 of 3 processes could not be restored\n/);
    expect(stderr.match(/process \d could not attach: ENOENT/g)).toHaveLength(2);
    expect(status).toBe(1);
    expect(remains(directory)).toEqual([]);
  });

  test('deletes the segment and ends the others when a process cannot start', async () => {
    const directory = temporary();
    const { lines, stderr, status } = await start(directory, ['--processes', '3', '--broken', '2']).finished;
    expect(step(lines, 'Restart')).toEqual([
      'task "process 1" as user-1: creates the segment, 96 bytes',
      'task "process 1" as user-1: attaches it',
      'task "process 3" as user-3: attaches it',
      'task "process 1" as user-1: is stopped',
      'task "process 1" as user-1: deletes it',
      'task "process 3" as user-3: is stopped',
    ]);
    expect(stderr).toBe(
      '1 of 3 processes could not be restored\n  Error: process 2 could not start: it exited (status 3)\n',
    );
    expect(lines.at(-1)).toBe('End: 6 processes were started, 0 are alive, no file is left');
    expect(status).toBe(1);
    expect(remains(directory)).toEqual([]);
  });

  test('waits for nobody when the owner of the segment cannot start', async () => {
    const directory = temporary();
    const { lines, stderr, status } = await start(directory, ['--processes', '3', '--broken', '1']).finished;
    expect(step(lines, 'Restart')).toEqual([
      'task "process 2" as user-2: is stopped',
      'task "process 3" as user-3: is stopped',
    ]);
    expect(stderr).toBe(
      '3 of 3 processes could not be restored\n  Error: process 1 could not start: it exited (status 3)\n',
    );
    expect(status).toBe(1);
    expect(remains(directory)).toEqual([]);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends every process and removes every file on %s', async (signal, expected) => {
    const directory = temporary();
    const program = start(directory, ['--processes', '3', '--hold']);
    await program.until('Start');
    if (signal === 'SIGINT') program.signal(signal);
    else program.signalOne(signal);
    const { stderr, status } = await program.finished;
    expect(stderr).toContain(`interrupted by ${signal}`);
    expect(status).toBe(expected);
    expect(remains(directory)).toEqual([]);
  });

  test('says what it needs where it is not on Linux', async () => {
    const directory = temporary();
    const elsewhere = "data:text/javascript,Object.defineProperty(process,'platform',{value:'darwin'})";
    const { lines, stderr, status } = await start(directory, [], ['--import', elsewhere]).finished;
    expect(stderr).toBe('this program needs Linux with /proc mounted, and this is darwin without it\n');
    expect(lines).toEqual([]);
    expect(status).toBe(1);
  });

  test('explains itself, and refuses what it does not understand', async () => {
    const directory = temporary();
    const [help, few, unknown] = await Promise.all(
      [['--help'], ['--processes', '1'], ['--proceses', '3']].map((args) => start(directory, args).finished),
    );
    expect(help).toMatchObject({ status: 0, stderr: '' });
    for (const option of ['--processes N', '--without-deferral', '--broken N', '--hold', '--help'])
      expect(help?.lines.join('\n')).toContain(option);
    expect(few).toMatchObject({
      status: 1,
      stderr: "--processes must be a whole number from 2 to 64, and is '1'\n",
    });
    expect(unknown).toMatchObject({ status: 1, lines: [] });
    expect(unknown?.stderr).toContain("Unknown option '--proceses'");
  });
});
