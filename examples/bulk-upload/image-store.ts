import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { isWhole } from './album.js';

/** What the store allows. It answers 429 to what goes beyond. */
export interface Limits {
  /** Uploads in flight. */
  readonly atOnce: number;
  /** Uploads that begin within any `interval` milliseconds. */
  readonly cap?: number;
  readonly interval?: number;
}

/** What the store has seen. */
export interface Seen {
  /** Images that were taken. */
  readonly images: number;
  readonly mostAtOnce: number;
  readonly mostInInterval: number;
  /** How often it has answered 429. */
  readonly tooMany: number;
}

/** How long the store takes over an image, in milliseconds. */
const latency = 10;

/** A store of images on a port of its own, on the loopback interface. It is strict about its limits, and counts. */
export class ImageStore implements AsyncDisposable {
  readonly #limits: Limits;
  readonly #silent: ReadonlySet<string>;
  readonly #server = createServer((request, response) => void this.#receive(request, response));
  readonly #images = new Set<string>();
  #began: number[] = [];
  #atOnce = 0;
  #mostAtOnce = 0;
  #mostInInterval = 0;
  #tooMany = 0;

  private constructor(limits: Limits, silent: Iterable<string>) {
    this.#limits = limits;
    this.#silent = new Set(silent);
  }

  /** `silent` are the paths of images that the store takes in and never answers for. */
  static async start(limits: Limits, silent: Iterable<string>): Promise<ImageStore> {
    const store = new ImageStore(limits, silent);
    store.#server.listen(0, '127.0.0.1');
    await once(store.#server, 'listening');
    return store;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  get seen(): Seen {
    return {
      images: this.#images.size,
      mostAtOnce: this.#mostAtOnce,
      mostInInterval: this.#mostInInterval,
      tooMany: this.#tooMany,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.#noticeWhoHasGone();
    if (!this.#admits()) {
      this.#tooMany++;
      request.resume();
      response.writeHead(429).end();
      return;
    }
    const leave = this.#enter();
    // A client that gives up hangs up.
    response.once('close', leave);
    const image = await buffer(request).catch(() => leave());
    const path = request.url ?? '';
    if (!image || this.#silent.has(path)) return;
    await wait(latency);
    const whole = isWhole(image);
    if (whole) this.#images.add(path);
    leave();
    response.writeHead(whole ? 201 : 422).end();
  }

  /**
   * A client may send its next upload as soon as it has given one up. Both come in at the same time then, and that the
   * connection of the one is closed is known some turns of the event loop later.
   */
  async #noticeWhoHasGone(): Promise<void> {
    for (let turns = 0; turns < 20 && this.#atOnce >= this.#limits.atOnce; turns++) await turn();
  }

  /** Whether one more upload is within the limits, at this moment. */
  #admits(): boolean {
    const { atOnce, cap = Infinity, interval = 0 } = this.#limits;
    const now = performance.now();
    this.#began = this.#began.filter((time) => now - time < interval);
    this.#mostAtOnce = Math.max(this.#mostAtOnce, this.#atOnce + 1);
    this.#mostInInterval = Math.max(this.#mostInInterval, this.#began.length + 1);
    return this.#atOnce < atOnce && this.#began.length < cap;
  }

  /** Counts an upload as being in flight, until what is returned is called. */
  #enter(): () => void {
    this.#began.push(performance.now());
    this.#atOnce++;
    let inside = true;
    return () => {
      if (inside) this.#atOnce--;
      inside = false;
    };
  }
}
