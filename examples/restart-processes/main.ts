import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { use, withOperation } from 'deferqueue';
import { readArguments, usage } from './arguments.js';
import type { Arguments } from './arguments.js';
import { checkpoint, findAttachments } from './checkpoint.js';
import { EventLog } from './event-log.js';
import { loadImage, saveImage } from './image.js';
import { assertProc } from './proc.js';
import { ProcessGroup } from './processes.js';
import type { RunningProcess } from './processes.js';
import { prove } from './proof.js';
import { restart } from './restart.js';
import { startSharing } from './start.js';
import { TemporaryDirectory } from './temporary-directory.js';

class Interruption extends Error {
  readonly status: number;

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`interrupted by ${signal}`);
    this.status = 128 + constants.signals[signal];
  }
}

const step = (title: string): void => console.log(`\n${title}`);
const detail = (line: string): void => console.log(`  ${line}`);

const showAttachments = async (processes: readonly RunningProcess[]): Promise<void> => {
  for (const { process, file } of await findAttachments(processes)) {
    const { nlink } = await process.ask('stat');
    detail(`${process.name}, pid ${process.pid}: fd ${file.fd} -> ${file.path} (deleted), links ${nlink}`);
  }
};

interface Kept {
  readonly group: ProcessGroup;
  readonly directory: TemporaryDirectory;
}

const run = async (args: Arguments, { group, directory }: Kept, signal: AbortSignal): Promise<boolean> => {
  step(`Start: ${args.processes} processes share a segment that was deleted while attached`);
  const before = await startSharing(group, join(directory.path, 'segment'), args.processes);
  await showAttachments(before);

  step('Checkpoint: read through /proc/PID/fd, then stop the processes');
  const imageFile = join(directory.path, 'image.json');
  const saved = await checkpoint(before);
  await saveImage(imageFile, saved);
  detail(`the segment's ${saved.segment.bytes.length} bytes, owner: ${saved.segment.owner}`);
  detail(`the private state of ${saved.processes.length} processes`);
  detail(`${before.filter((process) => !process.alive).length} processes stopped, ${group.alive} alive`);

  step('Restart: one operation, a task for each process');
  const image = await loadImage(imageFile);
  const log = new EventLog(detail);
  const after = await restart(image, { ...args, group, log });

  step('Proof');
  await showAttachments(after);
  const checks = await prove(image, after, log);
  for (const { what, holds } of checks) detail(`${holds ? 'ok    ' : 'FAILED'} ${what}`);
  if (args.hold) {
    step('Holding the processes: Ctrl-C ends them');
    if (!signal.aborted) await once(signal, 'abort');
  }
  return checks.every(({ holds }) => holds);
};

const program = async (args: Arguments): Promise<number> => {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => interrupted.abort(new Interruption(name)));
  }
  const directory = await TemporaryDirectory.create('restart-processes-');
  const group = new ProcessGroup();
  try {
    const proved = await withOperation({ name: 'program', signal: interrupted.signal }, () => {
      // Disposed in reverse at the very end, whatever happens: first the processes, then their directory.
      use(directory);
      use(group);
      return run(args, { group, directory }, interrupted.signal);
    });
    return proved ? 0 : 1;
  } catch (error) {
    // What failed is then only how the interruption showed.
    interrupted.signal.throwIfAborted();
    throw error;
  } finally {
    const left = existsSync(directory.path) ? 'the directory is left' : 'no file is left';
    step(`End: ${group.started} processes were started, ${group.alive} are alive, ${left}`);
  }
};

const explain = (error: unknown): void => {
  const message = error instanceof Error ? error.message : String(error);
  const causes = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  console.error([message, ...causes.map((cause) => `  ${String(cause)}`)].join('\n'));
};

try {
  const args = readArguments(process.argv.slice(2));
  if (args.help) {
    console.log(usage.trimEnd());
  } else {
    assertProc();
    process.exitCode = await program(args);
  }
} catch (error) {
  explain(error);
  process.exitCode = error instanceof Interruption ? error.status : 1;
}
