import { setImmediate as turn } from 'node:timers/promises';
import { settleOperation, withTask } from 'deferqueue';
import type { OperationOptions, OperationReport } from 'deferqueue';
import type { Album, Photo } from './album.js';
import type { Progress } from './progress.js';
import { deferUpload } from './upload.js';

interface Surroundings {
  readonly store: URL;
  readonly progress: Progress;
}

/**
 * Reads the photos of an album, a task for each, and uploads their renditions when all have been read: at most as many
 * at once as `concurrency` says, and of each photo one after the other.
 */
export const importAlbum = async (
  album: Album,
  concurrency: OperationOptions['concurrency'],
  surroundings: Surroundings,
): Promise<OperationReport> => {
  const options = { name: `import of ${album.name}`, concurrency, report: 'full' } as const;
  const { outcome, report } = await settleOperation(options, async (operation) => {
    await Promise.all(
      album.photos.map((photo) =>
        withTask(photo.name, () => importPhoto(`/${album.name}/${photo.name}`, photo, surroundings)),
      ),
    );
    surroundings.progress.expect(operation.pending);
  });
  if (outcome.status === 'rejected') throw outcome.reason;
  return report;
};

const sizes = { thumbnail: 40, preview: 4 };

const importPhoto = async (path: string, { bytes }: Photo, surroundings: Surroundings): Promise<void> => {
  // Where another program would read a file.
  await turn();
  for (const [size, step] of Object.entries(sizes)) {
    await makeRendition(`${path}/${size}.jpg`, bytes, step, surroundings);
  }
};

const makeRendition = async (
  path: string,
  photo: Uint8Array,
  step: number,
  { store, progress }: Surroundings,
): Promise<void> => {
  await turn();
  const inside = (index: number): boolean => index >= 2 && index < photo.length - 2;
  const bytes = photo.filter((_, index) => !inside(index) || index % step === 0);
  const { settled } = deferUpload(store, { path, bytes });
  void settled.then(() => progress.step());
};
