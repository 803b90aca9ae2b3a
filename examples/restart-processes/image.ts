import { readFile, writeFile } from 'node:fs/promises';
import type { PrivateState } from './protocol.js';

/** What a checkpoint keeps of one process. */
export interface ProcessImage {
  readonly name: string;
  readonly state: PrivateState;
}

/** What a checkpoint keeps of the segment: the bytes, the name that it had, and the process that restores it. */
export interface SegmentImage {
  readonly path: string;
  readonly owner: string;
  readonly bytes: Uint8Array;
}

/** Everything that a restart needs. */
export interface Image {
  readonly segment: SegmentImage;
  readonly processes: readonly ProcessImage[];
}

interface ImageFile extends Pick<Image, 'processes'> {
  readonly segment: Omit<SegmentImage, 'bytes'> & { readonly base64: string };
}

export const saveImage = async (file: string, { segment, processes }: Image): Promise<void> => {
  const { bytes, ...rest } = segment;
  const content: ImageFile = {
    segment: { ...rest, base64: Buffer.from(bytes).toString('base64') },
    processes,
  };
  await writeFile(file, `${JSON.stringify(content, undefined, 2)}\n`);
};

export const loadImage = async (file: string): Promise<Image> => {
  const { segment, processes } = JSON.parse(await readFile(file, 'utf8')) as ImageFile;
  const { base64, ...rest } = segment;
  return { segment: { ...rest, bytes: new Uint8Array(Buffer.from(base64, 'base64')) }, processes };
};
