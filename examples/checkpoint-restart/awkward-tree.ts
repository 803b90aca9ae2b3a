import { chmod, link, lutimes, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import type { Entry } from './entry.js';
import type { ImageSource } from './image-source.js';
import { ImageIndex, readImage } from './read-image.js';
import { placeOf } from './safe-path.js';
import { utimesArgument } from './timestamp.js';
import { ImageWriter } from './write-image.js';

const files: Record<string, string> = {
  // In the order of names this comes before the file that it is a link to in the image, in another top-level entry.
  'attached/one': 'a segment that was deleted while two still held on to it\n',
  'current.d/settings': 'below a name that begins like that of a symlink\n',
  'first/shared': 'one file, three names, in three top-level entries\n',
  'lib/tool.js': 'console.log("tool");\n',
  'past/one-small-step': 'long before 1970 was over\n',
  'readonly/deep/down': 'in a directory that nobody may write to\n',
  'readonly/secret': 'readable to its owner\n',
  'releases/1/notes': 'what the symlink leads to\n',
  run: '#!/bin/sh\n',
  'void/empty-file': '',
  'ünïcödé/文件 😀': 'names are UTF-8\n',
};

const links: Record<string, string> = {
  '.nfs000000000012d68700000001': 'attached/one',
  'other/two': 'attached/one',
  'second/shared': 'first/shared',
  'zz-last': 'first/shared',
};

const symlinks: Record<string, string> = {
  'bin/tool': '../lib/tool.js',
  current: 'releases/1',
  dangling: '/nowhere/at/all',
};

const modes: Record<string, number> = { run: 0o755, 'readonly/secret': 0o400 };
const readOnly = ['readonly/deep', 'readonly'];
const oldTimes: Record<string, bigint> = {
  'past/one-small-step': -14_182_940_123_456_000n,
  'lib/tool.js': 981_173_106_987_654_000n,
};

/** What checkpoint is told of as deleted, beside the name that the kernel gives to such files. */
export const awkwardDeleted = ['attached/gone'];

/** Makes a small directory of everything that is hard to restore in the order in which it comes. */
export const makeAwkwardTree = async (root: string): Promise<void> => {
  const place = (at: string): string => placeOf(root, at);
  const long = `long/${'directory-with-a-long-name/'.repeat(9)}${'f'.repeat(140)}`;
  const all = { ...files, [long]: 'a name that no tar header can hold\n' };
  const directories = new Set<string>(['void/empty-directory']);
  for (const each of [...Object.keys({ ...all, ...links, ...symlinks }), 'attached/gone']) {
    for (let at = parent(each); at !== ''; at = parent(at)) directories.add(at);
  }
  for (const each of directories) await mkdir(place(each), { recursive: true });
  for (const [at, content] of Object.entries(all)) await writeFile(place(at), content);
  // Too large to be held in memory: it goes from the stream to the disk.
  await writeFile(place('past/large'), Buffer.alloc(3_000_001, 'deferqueue '));
  await writeFile(place('attached/gone'), 'deleted, and nothing is attached to it any more\n');
  for (const [at, target] of Object.entries(links)) await link(place(target), place(at));
  for (const [at, target] of Object.entries(symlinks)) await symlink(target, place(at));
  for (const [at, mode] of Object.entries(modes)) await chmod(place(at), mode);
  for (const [at, time] of Object.entries(oldTimes)) await setTime(place(at), time);
  await lutimes(place('bin/tool'), 1_000_000_000, 1_000_000_000);
  // From the innermost to the outermost, each a day older than the one before.
  const inside = [...directories].toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1));
  for (const [index, at] of [...inside, ''].entries()) {
    await setTime(place(at), (1_500_000_000n - BigInt(index) * 86_400n) * 1_000_000_000n + 123_456_000n);
  }
  for (const at of readOnly) await chmod(place(at), 0o555);
};

const parent = (at: string): string => at.slice(0, Math.max(0, at.lastIndexOf('/')));

const setTime = (place: string, ns: bigint): Promise<void> =>
  utimes(place, utimesArgument(ns), utimesArgument(ns));

/**
 * Writes an image once more with its hard links before the files that they are links to. A tar may be in any order, and
 * one that was appended to or put together from others often is.
 */
export const putLinksFirst = async (
  source: ImageSource,
  image: string,
  signal: AbortSignal,
): Promise<void> => {
  const items: { entry: Entry; content: Buffer }[] = [];
  for await (const { entry, content } of readImage(source, { index: new ImageIndex(), signal })) {
    items.push({ entry, content: Buffer.isBuffer(content) ? content : await collect(content) });
  }
  const isLink = ({ entry }: { entry: Entry }): boolean => entry.type === 'link';
  const writer = new ImageWriter(createWriteStream(image), signal);
  for (const { entry, content } of [...items.filter(isLink), ...items.filter((item) => !isLink(item))]) {
    await writer.add(entry, { uid: 0, gid: 0 }, content);
  }
  await writer.end();
};

const collect = async (content: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
};
