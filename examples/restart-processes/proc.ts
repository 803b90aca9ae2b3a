import { existsSync } from 'node:fs';
import { readdir, readlink, stat } from 'node:fs/promises';

const mark = ' (deleted)';

/** A deleted file that a process still has open. */
export interface DeletedFile {
  readonly fd: number;
  /** Where the bytes can still be read: `/proc/PID/fd/N`. */
  readonly link: string;
  /** The name that the file had. */
  readonly path: string;
  /** The same for every process that has the same file open: device and inode. */
  readonly identity: string;
}

/** Throws where there is no `/proc` that shows the open files of processes. */
export const assertProc = (): void => {
  if (process.platform === 'linux' && existsSync('/proc/self/fd')) return;
  throw new Error(`this program needs Linux with /proc mounted, and this is ${process.platform} without it`);
};

const deletedFile = async (pid: number, fd: number): Promise<DeletedFile | undefined> => {
  const link = `/proc/${pid}/fd/${fd}`;
  const target = await readlink(link);
  if (!target.endsWith(mark)) return undefined;
  // Through the link and not by its text: this is the file itself, which has no name any more.
  const file = await stat(link, { bigint: true });
  if (!file.isFile()) return undefined;
  return { fd, link, path: target.slice(0, -mark.length), identity: `${file.dev}:${file.ino}` };
};

/** The deleted files that a process has open, apart from its standard streams. */
export const deletedFiles = async (pid: number): Promise<DeletedFile[]> => {
  const fds = (await readdir(`/proc/${pid}/fd`)).map(Number).filter((fd) => fd > 2);
  const files = await Promise.all(fds.map((fd) => deletedFile(pid, fd)));
  return files.filter((file) => file !== undefined);
};
