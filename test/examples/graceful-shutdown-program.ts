import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { compiled, Program } from './program.js';

const main = 'examples/graceful-shutdown/main.ts';

/** A receipt that has come in at the mail service, which keeps the server waiting for its answer. */
export interface Receipt {
  readonly text: string;
  accept(): void;
}

/** The mail service that the server posts to: nothing is answered unless the test does. */
export class MailService {
  readonly #server = createServer((request, response) => {
    void text(request).then((receipt) =>
      this.#came({ text: receipt, accept: () => void response.writeHead(202).end() }),
    );
  });
  readonly #received: Receipt[] = [];
  readonly #waiting: ((receipt: Receipt) => void)[] = [];

  static async start(): Promise<MailService> {
    const service = new MailService();
    service.#server.listen(0, '127.0.0.1');
    await once(service.#server, 'listening');
    onTestFinished(() => {
      service.#server.close();
      service.#server.closeAllConnections();
    });
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The next receipt, in the order in which they come. */
  next(): Promise<Receipt> {
    const receipt = this.#received.shift();
    if (receipt !== undefined) return Promise.resolve(receipt);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #came(receipt: Receipt): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#received.push(receipt);
    else waiting(receipt);
  }
}

/** The running server. */
export class ServerProgram extends Program {
  constructor(args: readonly string[]) {
    super(process.execPath, [compiled(main), ...args]);
  }

  /** Where it listens, once it does. */
  async url(): Promise<string> {
    const start = 'listening on ';
    return (await this.until(start)).at(-1)?.slice(start.length) ?? '';
  }
}

/** A connection on which the test writes its requests itself, and reads what comes back. */
export class Connection {
  readonly socket: Socket;
  /** What has come back until the server has closed the connection. */
  readonly ended: Promise<string>;
  #text = '';

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8').on('data', (part: string) => (this.#text += part));
    this.ended = new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('end', () => resolve(this.#text));
    });
    onTestFinished(() => void socket.destroy());
  }

  static async open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new Connection(socket);
  }

  write(...lines: readonly string[]): void {
    this.socket.write(lines.join('\r\n'));
  }

  /** Waits until `expected` has come back. */
  async until(expected: string): Promise<void> {
    while (!this.#text.includes(expected)) await once(this.socket, 'data');
  }
}
