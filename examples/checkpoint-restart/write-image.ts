import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import type { Pack } from 'tar-stream';
import { emptySha256, sealOf, sha256 } from './entry.js';
import type { Entry } from './entry.js';
import { toTarHeader } from './tar-header.js';
import type { Owner } from './tar-header.js';

/** Writes entries as a standard tar, in the order in which they are given. */
export class ImageWriter {
  readonly #pack: Pack = pack();
  readonly #flowing: Promise<void>;

  constructor(destination: Writable, signal: AbortSignal) {
    this.#flowing = pipeline(this.#pack, destination, { signal });
    // What it fails with is thrown by the call that is waiting for it.
    this.#flowing.catch(() => {});
  }

  /** Adds an entry whose content, if it has any, is in memory. */
  async add(entry: Entry, owner: Owner, content?: Buffer): Promise<void> {
    const seal = sealOf(entry, content === undefined ? emptySha256 : sha256(content));
    await this.#written((done) =>
      this.#pack.entry(toTarHeader(entry, seal, owner), content ?? Buffer.alloc(0), done),
    );
  }

  /** Adds a file whose content comes in pieces; their SHA-256 has to be known, since the header goes first. */
  async addStream(
    entry: Entry,
    owner: Owner,
    contentSha256: string,
    content: AsyncIterable<Buffer>,
  ): Promise<void> {
    const header = toTarHeader(entry, sealOf(entry, contentSha256), owner);
    let sink!: ReturnType<Pack['entry']>;
    const written = this.#written((done) => {
      sink = this.#pack.entry(header, done);
      sink.on('error', () => {});
    });
    const pouring = (async () => {
      for await (const chunk of content) {
        if (!sink.write(chunk)) await Promise.race([drained(sink), this.#flowing]);
      }
      sink.end(undefined);
    })();
    try {
      await Promise.all([pouring, written]);
    } catch (error) {
      this.#pack.destroy();
      throw error;
    }
  }

  /** Writes the end of the archive, and waits until the destination has taken everything. */
  async end(): Promise<void> {
    this.#pack.finalize();
    await this.#flowing;
  }

  /** Gives up: the destination is closed as it is. */
  async abandon(): Promise<void> {
    this.#pack.destroy();
    await this.#flowing.catch(() => {});
  }

  async #written(write: (done: (error?: Error | null) => void) => void): Promise<void> {
    const { promise, resolve, reject } = settlers();
    write((error) => (error ? reject(error) : resolve()));
    try {
      await promise;
    } catch (error) {
      // The destination's own error says more than that the pack was destroyed.
      await this.#flowing;
      throw error;
    }
  }
}

const drained = (sink: ReturnType<Pack['entry']>): Promise<void> =>
  new Promise((resolve) => sink.once('drain', () => resolve()));

const settlers = (): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } => {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
};
