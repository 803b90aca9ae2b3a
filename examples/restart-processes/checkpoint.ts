import { readFile } from 'node:fs/promises';
import type { Image, SegmentImage } from './image.js';
import { deletedFiles } from './proc.js';
import type { DeletedFile } from './proc.js';
import type { RunningProcess } from './processes.js';

interface Attachment {
  readonly process: RunningProcess;
  readonly file: DeletedFile;
}

/** The one deleted file that all the processes have open, as each of them has it. */
export const findAttachments = async (processes: readonly RunningProcess[]): Promise<Attachment[]> => {
  const groups = new Map<string, Attachment[]>();
  for (const process of processes) {
    for (const file of await deletedFiles(process.pid)) {
      const group = groups.get(file.identity) ?? [];
      groups.set(file.identity, [...group, { process, file }]);
    }
  }
  const shared = [...groups.values()].filter((group) => group.length === processes.length);
  const [attachments] = shared;
  if (attachments === undefined || shared.length > 1) {
    throw new Error(`the processes share ${shared.length} deleted segments, and not one`);
  }
  return attachments;
};

/** The bytes come through `/proc/PID/fd/N`: the segment has no name by which to open it. */
const readSegment = async (attachments: readonly Attachment[]): Promise<SegmentImage> => {
  const [first] = attachments;
  if (first === undefined) throw new Error('nobody has attached the segment');
  // The first process that is met with a shared object owns it in the image, and restores it for all.
  const { file, process } = first;
  return { path: file.path, owner: process.name, bytes: new Uint8Array(await readFile(file.link)) };
};

/**
 * Reads the segment and what every process has for itself, and then stops the processes.
 * They act only when they are asked to, so that nothing changes in between.
 */
export const checkpoint = async (processes: readonly RunningProcess[]): Promise<Image> => {
  const segment = await readSegment(await findAttachments(processes));
  const images = await Promise.all(
    processes.map(async (process) => ({ name: process.name, state: await process.ask('state') })),
  );
  await Promise.all(processes.map((process) => process.stop()));
  return { segment, processes: images };
};
