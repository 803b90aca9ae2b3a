import type { Entry } from './entry.js';
import { gnuTarVersion, readWithGnuTar } from './gnu-tar.js';
import type { Listed } from './gnu-tar.js';
import type { ImageSource } from './image-source.js';
import type { ImageIndex } from './read-image.js';
import { formatTime } from './timestamp.js';
import type { Difference, Verified } from './verify.js';

/**
 * Compares what we have read of an image with what GNU tar reads, where it is there and can read it: an error of ours
 * would be in the restored files and in what they are compared with.
 */
export const secondReading = async (
  { path }: ImageSource,
  index: ImageIndex,
  signal: AbortSignal,
): Promise<Verified> => {
  const alone = (why: string): Verified => ({
    differences: [],
    readBy: `as read by this program alone: ${why}`,
  });
  if (path === undefined) return alone('a pipe can be read only once');
  const version = await gnuTarVersion();
  if (version === undefined) return alone('there is no GNU tar');
  const { entries, unread, complaints } = await readWithGnuTar(path, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });

  const difference = (at: string, what: string): Difference => ({
    path: at,
    kind: 'second reading',
    line: `${at || '.'}: second reading: ${what}`,
  });
  const differences = unread.map((line) => difference('', `${version} lists ${line}`));
  const missing = new Set(index.entries.keys());
  for (const listed of entries) {
    missing.delete(listed.path);
    const ours = index.entries.get(listed.path);
    for (const what of disagreements(listed, ours, index)) {
      differences.push(difference(listed.path, `${version} reads ${what}`));
    }
  }
  for (const at of missing) differences.push(difference(at, `${version} reads no such entry`));
  // It fails for an owner that is out of range, too, and reads the entry all the same: that is no difference.
  if (differences.length > 0) {
    for (const complaint of complaints) differences.unshift(difference('', `${version} says ${complaint}`));
  }
  return { differences, readBy: `as read by this program and by ${version}` };
};

const disagreements = (theirs: Listed, ours: Entry | undefined, index: ImageIndex): string[] => {
  if (ours === undefined) return [`a ${theirs.type} that we do not`];
  const time = theirs.mtimesNs.find((each) => each === ours.mtimeNs) ?? theirs.mtimesNs[0] ?? 0n;
  const pairs: Record<string, readonly [unknown, unknown]> = {
    type: [theirs.type, ours.type],
    mode: [theirs.mode.toString(8), ours.mode.toString(8)],
    time: [formatTime(time), formatTime(ours.mtimeNs)],
    size: [theirs.size, ours.size],
    'link target': [theirs.target, ours.target],
    content: [theirs.content, index.contents.get(ours.path)],
  };
  return Object.entries(pairs)
    .filter(([, [one, other]]) => one !== other)
    .map(([what, [one, other]]) => `${what} ${String(one)}, and we read ${String(other)}`);
};
