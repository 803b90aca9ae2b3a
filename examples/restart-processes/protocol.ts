/** The bytes of the segment that belong to one process. */
export const slotSize = 32;

/** What a process has for itself: nobody else knows the token until a checkpoint reads it. */
export interface PrivateState {
  readonly user: string;
  readonly token: string;
  readonly writes: number;
}

/** The device, inode and link count of the attached segment. */
export interface SegmentStat {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly nlink: bigint;
}

/** What a process is asked over its IPC channel. */
export interface Request {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** The answer to a request; the first one, with the id 0, says that the process is ready. */
export interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}
