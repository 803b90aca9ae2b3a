import PQueue from 'p-queue';
import { DeferredWorkError, withOperation } from 'deferqueue';
import { topLevelOf } from './entry.js';
import { EntryTask } from './entry-task.js';
import { Fault, exitStatus, faultOf } from './exit-status.js';
import type { ImageSource } from './image-source.js';
import type { Progress } from './progress.js';
import { prepareTarget } from './put.js';
import { ImageIndex, readImage } from './read-image.js';
import type { ImageItem } from './read-image.js';
import { Restorer } from './restore-entry.js';
import { firstLines } from './summary.js';
import { Works } from './works.js';

/** At most so many entries are being written at once; so many buffers of `bufferedSize` are held, and one more. */
const inFlight = 16;

export interface Restarted {
  readonly index: ImageIndex;
  readonly tasks: number;
  readonly works: Works;
}

interface RestartOptions {
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * Restores an image into a directory that is empty or not there yet, in one pass over the image. Throws a `Fault` that
 * names what was left undone.
 */
export const restart = async (
  source: ImageSource,
  target: string,
  { signal, progress }: RestartOptions,
): Promise<Restarted> => {
  const targetIsNew = await prepareTarget(target);
  const works = new Works(signal);
  const index = new ImageIndex();
  const failed: string[] = [];
  try {
    const tasks = await withOperation(
      {
        name: 'restart',
        order: 'lifo',
        signal,
        onWorkError: (error, { name }) => failed.push(`${name}: ${(error as Error).message}`),
      },
      () => readInto(new Restorer(target, works, targetIsNew), { source, index, works, signal, progress }),
    );
    // A work that was still queued when the signal came was cancelled, which is no failure of the operation.
    signal.throwIfAborted();
    return { index, tasks, works };
  } catch (error) {
    const fault =
      error instanceof DeferredWorkError && !signal.aborted
        ? new Fault(exitStatus.works, `${failed.length} work items failed`, { cause: error })
        : faultOf(signal.aborted ? signal.reason : error);
    if (fault === undefined) throw error;
    const details = [...fault.details, ...firstLines(failed), ...works.undoneLines()];
    throw new Fault(fault.status, fault.message, { details, cause: error });
  }
};

/** The function of the operation: reads the image, and hands each entry to the task of its top-level entry. */
const readInto = async (
  restorer: Restorer,
  {
    source,
    index,
    works,
    signal,
    progress,
  }: RestartOptions & { source: ImageSource; index: ImageIndex; works: Works },
): Promise<number> => {
  await restorer.directory('');
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  const tasks = new Map<string, EntryTask>();
  const limit = new PQueue({ concurrency: inFlight });
  progress.start('restart', source.size);

  const restore = async (item: ImageItem): Promise<void> => {
    if (stopped.aborted) {
      works.leave(item.entry);
      return;
    }
    try {
      await restorer.restore(item);
      progress.entryDone(item.position);
    } catch (error) {
      works.leave(item.entry);
      stop.abort(error);
      throw error;
    }
  };

  const hand = async (item: ImageItem): Promise<void> => {
    restorer.claims.claim(item.entry);
    // The root has been deferred already, before everything else: its mode and times come last.
    if (item.entry.path === '') return;
    const name = topLevelOf(item.entry.path);
    const task = tasks.get(name) ?? new EntryTask(name, () => works.atTaskEnd(() => progress.taskDone()));
    tasks.set(name, task);
    const running = task.run(
      () => restore(item),
      (start) => limit.add(start),
    );
    // The reader goes on while small files are written, but a large one has to be taken off the stream first.
    await (Buffer.isBuffer(item.content) ? limit.onSizeLessThan(1) : running);
  };

  try {
    for await (const item of readImage(source, { index, signal: stopped })) await hand(item);
  } catch (error) {
    stop.abort(error);
    works.leaveRest(index);
  }
  for (const task of tasks.values()) task.end();
  await Promise.allSettled([...tasks.values()].map((task) => task.done));
  stopped.throwIfAborted();
  progress.end();
  return tasks.size;
};
