import { unlink, writeFile } from 'node:fs/promises';
import type { ProcessGroup, RunningProcess } from './processes.js';
import { slotSize } from './protocol.js';

/** The situation to be checkpointed: processes that share a segment which was deleted once all had attached. */
export const startSharing = async (
  group: ProcessGroup,
  path: string,
  count: number,
): Promise<RunningProcess[]> => {
  await writeFile(path, new Uint8Array(count * slotSize), { flag: 'wx', mode: 0o600 });
  const processes = await Promise.all(
    Array.from({ length: count }, async (_, slot) => {
      const process = await group.start(`process ${slot + 1}`, `user-${slot + 1}`);
      await process.ask('attach', path);
      await process.ask('write', slot, `${process.name}, first life`);
      return process;
    }),
  );
  await unlink(path);
  return processes;
};
