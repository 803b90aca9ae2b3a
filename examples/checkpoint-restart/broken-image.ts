import { Fault, exitStatus } from './exit-status.js';
import { quoted } from './printable.js';

/** Why a stream cannot be read as a tar to its end. Where in the image it is, the reader of the image adds. */
export class BrokenImage extends Error {
  override readonly name = 'BrokenImage';
  readonly kind: 'truncated' | 'corrupt';

  constructor(kind: 'truncated' | 'corrupt', message = '') {
    super(message);
    this.kind = kind;
  }
}

export const corruptEntry = (name: string, why: string): Fault =>
  new Fault(exitStatus.image, `the image is corrupt: entry ${quoted(name)} ${why}`);

/**
 * What is not understood is refused by its name and never read as if it were plain: a sparse file, for example, has a
 * plain header too, with another name and other content.
 */
export const notSupported = (name: string, what: string): Fault =>
  new Fault(exitStatus.image, `not supported: entry ${quoted(name)} ${what}`);
