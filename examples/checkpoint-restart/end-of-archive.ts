import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';

const block = 512;
const zeros = Buffer.alloc(block);

/**
 * Passes an image through and remembers where its blocks of zeros are. tar-stream skips them anywhere and does not
 * ask for the two that end a tar: only they tell a complete image from one that was cut between two entries, and
 * between entries they tell of a header that was wiped out.
 */
export class ZeroBlocks extends Transform {
  #bytes = 0;
  #rest: Buffer = Buffer.alloc(0);
  #runs: { start: number; end: number }[] = [];

  /** How many bytes have come. */
  get bytes(): number {
    return this.#bytes;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const start = this.#bytes - this.#rest.length;
    const whole = data.length - (data.length % block);
    for (let offset = 0; offset < whole; offset += block) {
      if (data[offset] === 0 && data.subarray(offset, offset + block).equals(zeros))
        this.#note(start + offset);
    }
    this.#rest = data.subarray(whole);
    this.#bytes += chunk.length;
    callback(null, chunk);
  }

  #note(start: number): void {
    const last = this.#runs.at(-1);
    if (last?.end === start) last.end += block;
    else this.#runs.push({ start, end: start + block });
  }

  /** Whether a block of zeros begins in the range; what lies before its end is forgotten. */
  hasBetween(from: number, to: number): boolean {
    const found = this.#runs.some(({ start, end }) => end > from && start < to);
    this.#runs = this.#runs.filter(({ end }) => end > to);
    return found;
  }

  /** Whether, from there on, the image is nothing but its end: two blocks of zeros or more. */
  isEnd(from: number): boolean {
    const last = this.#runs.at(-1);
    return (
      last !== undefined && last.start <= from && last.end === this.#bytes && this.#bytes - from >= 2 * block
    );
  }
}
