import { open, unlink } from 'node:fs/promises';
import { defer, withOperation, withTask } from 'deferqueue';
import { assertUser, credentials } from './credentials.js';
import type { EventLog } from './event-log.js';
import type { Image, ProcessImage, SegmentImage } from './image.js';
import type { ProcessGroup, RunningProcess } from './processes.js';

export interface RestartOptions {
  readonly group: ProcessGroup;
  readonly log: EventLog;
  /** Deletes the segment in place, as soon as its owner has attached it: too early for all the others. */
  readonly withoutDeferral?: boolean;
  /** The name of a process that will not start. */
  readonly broken?: string | undefined;
}

/** Restores what a checkpoint has kept: one operation, with a task for each process. */
export const restart = (image: Image, options: RestartOptions): Promise<RunningProcess[]> =>
  withOperation('restart', async () => {
    const owner = image.processes.find(({ name }) => name === image.segment.owner);
    if (owner === undefined) throw new Error(`the image has no ${image.segment.owner}, the segment's owner`);

    const ownerTask = restoreInTask(owner, options, (process) =>
      provideSegment(image.segment, owner.state.user, process, options),
    );
    const tasks = image.processes.map((saved) =>
      saved === owner
        ? ownerTask
        : restoreInTask(saved, options, async (process) => {
            // The owner's task ends when the segment is there for all; its deletion waits for the operation.
            await ownerTask;
            await attach(process, image.segment, options.log);
          }),
    );
    // Not the first failure alone: each process is restored as far as it goes, and told of.
    return allRestored(await Promise.allSettled(tasks));
  });

const restoreInTask = (
  saved: ProcessImage,
  { group, log, broken }: RestartOptions,
  attachSegment: (process: RunningProcess) => Promise<void>,
): Promise<RunningProcess> =>
  withTask(saved.name, () =>
    credentials.run({ user: saved.state.user }, async () => {
      const process = await group.start(saved.name, saved.state.user, { broken: saved.name === broken });
      // Half a set of processes is worth nothing; a whole one outlives the operation.
      defer(() => stop(process, log), { name: `stop ${saved.name}`, on: 'failure' });
      await process.ask('restore', saved.state);
      await attachSegment(process);
      return process;
    }),
  );

/** What the owner does: the segment is there for all, and its deletion waits until nobody needs its name. */
const provideSegment = async (
  segment: SegmentImage,
  user: string,
  process: RunningProcess,
  options: RestartOptions,
): Promise<void> => {
  const remove = (): Promise<void> => deleteSegment(segment.path, user, options.log);
  await createSegment(segment, options, remove);
  await attach(process, segment, options.log);
  if (options.withoutDeferral === true) await remove();
};

const createSegment = async (
  { path, bytes }: SegmentImage,
  { log, withoutDeferral }: RestartOptions,
  remove: () => Promise<void>,
): Promise<void> => {
  const file = await open(path, 'wx', 0o600);
  // 'always', and from the moment it exists: whatever fails from here on, the segment does not stay behind.
  if (withoutDeferral !== true) defer(remove, { name: 'delete segment', on: 'always' });
  try {
    await file.writeFile(bytes);
  } finally {
    await file.close();
  }
  log.record('create', `creates the segment, ${bytes.length} bytes`);
};

const attach = async (process: RunningProcess, { path }: SegmentImage, log: EventLog): Promise<void> => {
  try {
    await process.ask('attach', path);
  } catch (error) {
    log.record('fail', 'cannot attach it');
    throw error;
  }
  log.record('attach', 'attaches it');
};

const stop = async (process: RunningProcess, log: EventLog): Promise<void> => {
  await process.stop();
  log.record('stop', 'is stopped');
};

/** Only its user may delete a segment: it takes the context of the task that owns it. */
const deleteSegment = async (path: string, user: string, log: EventLog): Promise<void> => {
  assertUser(user);
  await unlink(path);
  log.record('delete', 'deletes it');
};

const allRestored = (results: readonly PromiseSettledResult<RunningProcess>[]): RunningProcess[] => {
  const reasons = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (reasons.length > 0) {
    throw new AggregateError(
      new Set(reasons),
      `${reasons.length} of ${results.length} processes could not be restored`,
    );
  }
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
};
