import { AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import type { ContextCarrier } from '../carriers/index.js';
import { within } from './carrier-call-cases.js';
import { claim, thrownBy } from './claim.js';
import type { Check } from './contract.js';

/** Kinds of async calls. Each function calls `next` once, later. */
const LATER: Readonly<Record<string, (next: () => void) => void>> = {
  'a promise': (next) => void Promise.resolve().then(next),
  'a promise that rejects': (next) => void Promise.reject(new Error('expected')).catch(next),
  'a promise that settles later': (next) => void new Promise((resolve) => setTimeout(resolve)).then(next),
  'an object with a method then': (next) => {
    // oxlint-disable-next-line unicorn/no-thenable -- the case needs a thenable
    const thenable = { then: (settled: (value: undefined) => void) => settled(undefined) };
    void (async () => {
      await thenable;
      next();
    })();
  },
  'a microtask': (next) => queueMicrotask(next),
  'process.nextTick': (next) => process.nextTick(next),
  setTimeout: (next) => void setTimeout(next),
  setImmediate: (next) => void setImmediate(next),
  setInterval: (next) => {
    const interval = setInterval(() => {
      clearInterval(interval);
      next();
    });
  },
  'an event': (next) => {
    const emitter = new EventEmitter();
    emitter.once('event', next);
    setTimeout(() => emitter.emit('event'));
  },
  'a stream': (next) => {
    const stream = Readable.from(['one', 'two']);
    stream.once('end', next).resume();
  },
  'asynchronous iteration': (next) => {
    void (async () => {
      for await (const chunk of Readable.from(['one'])) void chunk;
      next();
    })();
  },
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const seenIn = (carrier: ContextCarrier, later: (next: () => void) => void): Promise<unknown> =>
  new Promise((resolve) => later(() => resolve(carrier.get())));

/** Which async calls a carrier carries the value through. @internal */
export const asyncCases: Readonly<Record<string, Check<ContextCarrier>>> = {
  ...Object.fromEntries(
    Object.entries(LATER).map(([name, later]): [string, Check<ContextCarrier>] => [
      `the value is current after ${name}`,
      async (carrier) => {
        const first = within(carrier, 'first', () => seenIn(carrier, later));
        const second = within(carrier, 'second', () => seenIn(carrier, later));
        const none = seenIn(carrier, later);
        claim(await Promise.all([first, second, none]), ['first', 'second', undefined]);
      },
    ]),
  ),

  'concurrent runs do not mix their values': async (carrier) => {
    const seen: unknown[][] = [];
    const runs = [0, 1, 2].map((run) =>
      within(carrier, run, async () => {
        const own: unknown[] = (seen[run] = []);
        for (let step = 0; step < 4; step++) {
          own.push(carrier.get());
          await (step % 2 === 0 ? turn() : Promise.resolve());
        }
      }),
    );
    await Promise.all(runs);
    claim(
      seen,
      [0, 1, 2].map((run) => [run, run, run, run]),
    );
  },

  'the caller of an awaited run has its own value afterwards': async (carrier) => {
    await within(carrier, 'outer', async () => {
      await within(carrier, 'inner', async () => {
        await turn();
        claim(carrier.get(), 'inner');
      });
      claim(carrier.get(), 'outer');
      await within(carrier, 'inner', () => Promise.resolve());
      claim(carrier.get(), 'outer');
    });
    claim(carrier.get(), undefined);
  },

  'the caller of a run that rejects has its own value and the same reason': async (carrier) => {
    for (const reason of [new Error('expected'), 'text', undefined]) {
      await within(carrier, 'outer', async () => {
        const run = within(carrier, 'inner', async () => {
          await turn();
          // oxlint-disable-next-line typescript/only-throw-error -- any value can be thrown
          throw reason;
        });
        const [settled] = await Promise.allSettled([run]);
        claim(settled?.status === 'rejected' && Object.is(settled.reason, reason), true);
        claim(carrier.get(), 'outer');
      });
    }
    claim(carrier.get(), undefined);
  },

  'an AsyncResource restores the value with which it was created, wherever it is entered': async (
    carrier,
  ) => {
    const made = within(carrier, 'made', () => new AsyncResource('deferqueue.test'));
    const bound = within(carrier, 'bound', () => AsyncResource.bind(() => carrier.get()));
    const enter = (): unknown[] => [made.runInAsyncScope(() => carrier.get()), bound(), carrier.get()];
    claim(enter(), ['made', 'bound', undefined]);
    await within(carrier, 'elsewhere', async () => {
      claim(enter(), ['made', 'bound', 'elsewhere']);
      await turn();
      claim(enter(), ['made', 'bound', 'elsewhere']);
      claim(await made.runInAsyncScope(() => turn().then(() => carrier.get())), 'made');
      claim(carrier.get(), 'elsewhere');
    });
  },

  'a run in an AsyncResource ends with it': async (carrier) => {
    const made = within(carrier, 'made', () => new AsyncResource('deferqueue.test'));
    const seen: unknown[] = [];
    const look = (): void => void seen.push(carrier.get());
    made.runInAsyncScope(() => {
      within(carrier, 'inner', () => {
        look();
        setImmediate(look);
      });
      look();
    });
    made.runInAsyncScope(look);
    look();
    await turn();
    claim(seen, ['inner', 'made', 'made', undefined, 'inner']);
  },

  'a run that is the last call in the scope of an AsyncResource has the value, and ends with the scope':
    async (carrier) => {
      const made = within(carrier, 'made', () => new AsyncResource('deferqueue.test'));
      const seen: unknown[] = [];
      const look = (): void => void seen.push(carrier.get());
      const both = (...added: unknown[]): unknown => {
        look();
        setImmediate(look);
        return added;
      };
      const fail = (): never => {
        throw new Error('expected');
      };
      const enter = <R>(fn: (first: number, second: string) => R): R =>
        made.runInAsyncScope(() => carrier.run('inner', fn, 1, 'two'));
      await within(carrier, 'outer', async () => {
        claim(enter(both), [1, 'two']);
        look();
        claim(thrownBy(() => enter(fail)) instanceof Error, true);
        look();
        made.runInAsyncScope(look);
        await turn();
        look();
      });
      look();
      claim(seen, ['inner', 'outer', 'outer', 'made', 'inner', 'outer', undefined]);
    },

  'a chain of runs, each started inside the previous one, has the value of each': async (carrier) => {
    const length = 1000;
    const seen: unknown[] = [];
    await new Promise<void>((resolve) => {
      const next = (link: number): void => {
        within(carrier, link, () => {
          queueMicrotask(() => {
            seen.push(carrier.get());
            if (link < length) next(link + 1);
            else resolve();
          });
        });
      };
      next(1);
    });
    claim(
      seen,
      Array.from({ length }, (_, index) => index + 1),
    );
  },
};
