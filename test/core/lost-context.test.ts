import { AsyncResource } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { MessageChannel, Worker } from 'node:worker_threads';
import { currentOperation, withOperation } from 'deferqueue';
import type { Operation } from 'deferqueue';
import { afterEach, describe, expect, test } from 'vitest';
import { gate } from '../support/gate.js';

/** The name of the operation that the caller finds, or `none`. */
const here = (): string => currentOperation()?.name ?? 'none';

/** Undoes what a case has opened. */
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** A pool of one connection, as libraries with callbacks have them: who releases it calls whoever waits. */
class Pool {
  readonly #waiting: ((connection: Pool) => void)[] = [];
  #free = true;

  acquire(callback: (connection: Pool) => void): void {
    if (this.#free) {
      this.#free = false;
      callback(this);
    } else {
      this.#waiting.push(callback);
    }
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free = true;
    else next(this);
  }
}

/** A loader that asks for many keys at once, when the first one's caller has had time to ask for more. */
class Loader {
  #batch: { key: string; callback: (value: string) => void }[] = [];

  load(key: string, callback: (value: string) => void): void {
    this.#batch.push({ key, callback });
    if (this.#batch.length > 1) return;
    setTimeout(() => {
      for (const each of this.#batch.splice(0)) each.callback(each.key.toUpperCase());
    });
  }
}

type Listen = (listener: () => void) => unknown;

/**
 * Where a callback is called by something that was made elsewhere. `listen` has it called once; it is called inside an operation of
 * the name `mine`. `lost` is what the callback finds by itself.
 */
const PLACES: Readonly<Record<string, { make: () => Listen | Promise<Listen>; lost: string }>> = {
  'an emitter that is made outside, and emits there': {
    make: () => {
      const emitter = new EventEmitter();
      setTimeout(() => emitter.emit('event'), 5);
      return (listener) => emitter.once('event', listener);
    },
    lost: 'none',
  },
  'an emitter that emits in another operation': {
    make: () => {
      const emitter = new EventEmitter();
      setTimeout(() => void withOperation('other', () => void emitter.emit('event')), 5);
      return (listener) => emitter.once('event', listener);
    },
    lost: 'other',
  },
  'an event target': {
    make: () => {
      const target = new EventTarget();
      setTimeout(() => target.dispatchEvent(new Event('event')), 5);
      return (listener) => target.addEventListener('event', listener, { once: true });
    },
    lost: 'none',
  },
  'a pool of connections that another operation releases': {
    make: () => {
      const pool = new Pool();
      const busy = gate();
      void withOperation('other', async () => {
        pool.acquire(() => {});
        await busy.passed;
        pool.release();
      });
      return (listener) => {
        pool.acquire(listener);
        busy.open();
      };
    },
    lost: 'other',
  },
  'a callback of an API that batches calls': {
    make: () => {
      const loader = new Loader();
      void withOperation('other', () => loader.load('first', () => {}));
      return (listener) => loader.load('second', listener);
    },
    lost: 'other',
  },
  'a socket that is made outside': {
    make: async () => {
      const server = createServer((socket) => void socket.on('error', () => {}).pipe(socket));
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      await once(socket, 'connect');
      cleanUps.push(async () => {
        socket.destroy();
        await once(server.close(), 'close');
      });
      return (listener) => {
        socket.once('data', listener);
        socket.write('x');
      };
    },
    lost: 'none',
  },
  'a stream into which somebody else writes': {
    make: () => {
      const stream = new PassThrough();
      setTimeout(() => stream.write('x'), 5);
      return (listener) => stream.once('data', listener);
    },
    lost: 'none',
  },
  "a worker's message": {
    make: () => {
      const worker = new Worker(
        "require('node:worker_threads').parentPort.once('message', function (data) { this.postMessage(data); })",
        {
          eval: true,
        },
      );
      cleanUps.push(() => worker.terminate());
      return (listener) => {
        worker.once('message', listener);
        worker.postMessage('x');
      };
    },
    lost: 'none',
  },
  'a port of messages': {
    make: () => {
      const { port1, port2 } = new MessageChannel();
      cleanUps.push(() => port1.close());
      return (listener) => {
        port1.once('message', listener);
        port2.postMessage('x');
      };
    },
    lost: 'none',
  },
  'a timer that is made outside': {
    make: () => {
      const listeners: (() => void)[] = [];
      const interval = setInterval(() => listeners.shift()?.());
      cleanUps.push(() => clearInterval(interval));
      return (listener) => listeners.push(listener);
    },
    lost: 'none',
  },
  'a function that AsyncResource has bound elsewhere': {
    make: () => {
      let inner = (): void => {};
      let bound!: () => void;
      void withOperation('other', () => void (bound = AsyncResource.bind(() => inner())));
      return (listener) => {
        inner = listener;
        bound();
      };
    },
    lost: 'other',
  },
};

/** Has a place call back inside `mine`, with what `remedy` makes of the callback, and tells what that finds. */
const foundIn = async (
  listen: Listen,
  remedy: (operation: Operation, callback: () => void) => () => void,
): Promise<string> =>
  withOperation('mine', async (operation) => {
    const found = gate<string>();
    listen(remedy(operation, () => found.open(here())));
    return found.passed;
  });

describe.each(Object.entries(PLACES))('G1 where a context gets lost: %s', (_name, { make, lost }) => {
  test('the callback is not in the operation', async () => {
    expect(await foundIn(await make(), (_operation, callback) => callback)).toBe(lost);
  });

  test('operation.bind brings it there', async () => {
    expect(await foundIn(await make(), (operation, callback) => operation.bind(callback))).toBe('mine');
  });

  test('so does operation.run inside the callback', async () => {
    expect(await foundIn(await make(), (operation, callback) => () => operation.run(callback))).toBe('mine');
  });

  test('and what is awaited needs no remedy', async () => {
    const listen = await make();
    const found = await withOperation('mine', async () => {
      await new Promise<void>((resolve) => void listen(() => resolve()));
      return here();
    });
    expect(found).toBe('mine');
  });
});

describe('G1 where a context is kept', () => {
  const KEPT: Readonly<Record<string, (next: () => void) => void>> = {
    'a microtask': (next) => queueMicrotask(next),
    'a timer that is made inside': (next) => void setTimeout(next),
    'process.nextTick': (next) => process.nextTick(next),
    'an emitter that emits inside': (next) => {
      const emitter = new EventEmitter().once('event', next);
      setTimeout(() => emitter.emit('event'));
    },
    'a stream that is made inside': (next) => {
      const stream = new PassThrough().once('data', next);
      stream.write('x');
    },
    'a stream that is iterated': (next) => {
      void (async () => {
        const stream = new PassThrough();
        setTimeout(() => stream.end('x'));
        for await (const chunk of stream) void chunk;
        next();
      })();
    },
    'a worker that is made inside': (next) => {
      const worker = new Worker("require('node:worker_threads').parentPort.postMessage('x')", { eval: true });
      cleanUps.push(() => worker.terminate());
      worker.once('message', next);
    },
    'an object with a method then': (next) => {
      void (async () => {
        // oxlint-disable-next-line unicorn/no-thenable -- it is what this case is about
        await { then: (resolve: (value: undefined) => void) => void setTimeout(resolve, 1, undefined) };
        next();
      })();
    },
  };

  test.each(Object.entries(KEPT))('%s', async (_name, later) => {
    const found = await withOperation('mine', () => new Promise((resolve) => later(() => resolve(here()))));
    expect(found).toBe('mine');
  });
});
