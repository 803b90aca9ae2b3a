import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { findAttachments } from './checkpoint.js';
import type { EventLog } from './event-log.js';
import type { Image } from './image.js';
import type { RunningProcess } from './processes.js';
import { slotSize } from './protocol.js';

/** One thing that has to be so after a restart. */
export interface Check {
  readonly what: string;
  readonly holds: boolean;
}

const equal = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;

const checkName = async ({ segment }: Image, processes: readonly RunningProcess[]): Promise<Check[]> => {
  const attachments = await findAttachments(processes);
  const stats = await Promise.all(processes.map((process) => process.ask('stat')));
  const files = new Set(stats.map(({ dev, ino }) => `${dev}:${ino}`));
  const deleted = attachments.filter(({ file }) => file.path === segment.path).length;
  const unlinked = stats.filter(({ nlink }) => nlink === 0n).length;
  return [
    { what: 'the segment has no name', holds: !existsSync(segment.path) },
    {
      what: `/proc shows it as deleted in ${deleted} of ${processes.length} processes`,
      holds: deleted === processes.length,
    },
    {
      what: `its link count is 0 in ${unlinked} of ${processes.length} processes`,
      holds: unlinked === processes.length,
    },
    { what: 'all have attached the same file', holds: files.size === 1 },
  ];
};

const checkContent = async (image: Image, processes: readonly RunningProcess[]): Promise<Check[]> => {
  const { bytes } = image.segment;
  const reads = await Promise.all(processes.map((process) => process.ask('read', 0, bytes.length)));
  const sameBytes = reads.filter((read) => equal(read, bytes)).length;
  const states = await Promise.all(processes.map((process) => process.ask('state')));
  const sameState = states.filter((state, slot) =>
    isDeepStrictEqual(state, image.processes[slot]?.state),
  ).length;
  return [
    {
      what: `${sameBytes} of ${processes.length} processes read the bytes of the checkpoint`,
      holds: sameBytes === processes.length,
    },
    {
      what: `${sameState} of ${processes.length} processes have their private state back`,
      holds: sameState === processes.length,
    },
  ];
};

const checkSharing = async (processes: readonly RunningProcess[]): Promise<Check> => {
  await Promise.all(
    processes.map((process, slot) => process.ask('write', slot, `${process.name}, second life`)),
  );
  let same = 0;
  for (const reader of processes) {
    for (const [slot, writer] of processes.entries()) {
      const bytes = await reader.ask('read', slot * slotSize, slotSize);
      if (new TextDecoder().decode(bytes).replace(/\0+$/, '') === `${writer.name}, second life`) same++;
    }
  }
  const all = processes.length ** 2;
  return { what: `what each writes all read: ${same} of ${all} reads`, holds: same === all };
};

const checkOrder = ({ segment, processes }: Image, { events }: EventLog): Check[] => {
  const order = events.map(({ kind }) => kind);
  const last = events.at(-1);
  const owner = processes.find(({ name }) => name === segment.owner);
  return [
    {
      what: `the order was ${order.join(', ')}`,
      holds: order.join() === ['create', ...processes.map(() => 'attach'), 'delete'].join(),
    },
    {
      what: `the deletion ran as task "${last?.task}", with the credentials of ${last?.user}`,
      holds: last?.task === segment.owner && last.user === owner?.state.user,
    },
  ];
};

/** Looks from outside, through `/proc`, and asks every process, whether the restart has restored everything. */
export const prove = async (
  image: Image,
  processes: readonly RunningProcess[],
  log: EventLog,
): Promise<Check[]> => [
  ...(await checkName(image, processes)),
  ...(await checkContent(image, processes)),
  await checkSharing(processes),
  ...checkOrder(image, log),
];
