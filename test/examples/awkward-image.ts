/** How the restart of an image has to end. */
export interface Awkward {
  readonly image: Buffer;
  /** The exit status: 0 is restored and verified, 3 refused, 4 unsafe, 7 works that failed. */
  readonly status: number | readonly number[];
  /** What has to be printed, on stdout where it is restored and on stderr where not. */
  readonly says?: readonly string[];
  /** Lines of the snapshot of what has been restored, each from its start. */
  readonly leaves?: readonly string[];
}

export const restored = (image: Buffer, ...leaves: string[]): Awkward => ({ image, status: 0, leaves });
export const refused = (image: Buffer, ...says: string[]): Awkward => ({ image, status: 3, says });
export const unsafe = (image: Buffer, ...says: string[]): Awkward => ({ image, status: 4, says });
export const failed = (image: Buffer, ...says: string[]): Awkward => ({ image, status: 7, says });

export const us = 1_000_000;
/** When the entries without a time of their own were changed, in microseconds. */
export const changed = 1_600_000_000 * us;
