import { defer } from 'deferqueue';
import type { Deferred } from 'deferqueue';

/** A picture of a size that pages need, made from a photo. */
export interface Rendition {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The store has answered, and has not taken the image. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;

  constructor(path: string, status: number) {
    super(`the store answered ${status} to ${path}`);
    this.status = status;
  }
}

/**
 * Uploads a rendition at the end of the import that is going on, if that succeeds. Who calls this does not know how
 * many uploads there will be, nor how many may run at once.
 */
export const deferUpload = (store: URL, rendition: Rendition): Deferred =>
  defer(({ data, signal }) => upload(store, data, signal), {
    name: rendition.path,
    data: rendition,
    on: 'success',
    timeout: 1000,
  });

/** The signal ends the request when its time is up; without it the connection would stay with the store. */
const upload = async (store: URL, { path, bytes }: Rendition, signal: AbortSignal): Promise<void> => {
  const response = await fetch(new URL(path, store), { method: 'PUT', body: bytes, signal });
  // Read to its end, so that the connection is free for the next upload.
  await response.arrayBuffer();
  if (!response.ok) throw new Refused(path, response.status);
};
