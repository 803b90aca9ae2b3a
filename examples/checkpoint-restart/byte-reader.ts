/** Takes exact numbers of bytes off a stream. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  #bytes = 0;

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** How many bytes have been taken. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What has come, at most `size` bytes; empty at the end of the stream. */
  async some(size: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return this.#rest;
      this.#rest = value;
    }
    const taken = this.#rest.subarray(0, size);
    this.#rest = this.#rest.subarray(taken.length);
    this.#bytes += taken.length;
    return taken;
  }

  /** Exactly `size` bytes; fewer only at the end of the stream. */
  async take(size: number): Promise<Buffer> {
    const first = await this.some(size);
    if (first.length === size || first.length === 0) return first;
    const pieces = [first];
    let length = first.length;
    while (length < size) {
      const piece = await this.some(size - length);
      if (piece.length === 0) break;
      pieces.push(piece);
      length += piece.length;
    }
    return Buffer.concat(pieces);
  }
}
