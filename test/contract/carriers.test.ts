import { AsyncLocalStorage } from 'node:async_hooks';
import { createNamespace } from 'cls-hooked';
import type { ContextCarrier } from 'deferqueue';
import { describe, expect, test } from 'vitest';
import { ClsHookedCarrier } from '../../src/carriers/cls-hooked.js';
import { AsyncLocalStorageCarrier } from '../../src/carriers/index.js';
import { carrierContract } from '../../src/testing/index.js';

const namespace = createNamespace('contract');

const carrierOf = (storage: AsyncLocalStorage<unknown>): ContextCarrier => ({
  get: () => storage.getStore(),
  run: (value, fn, first, second) => storage.run(value, fn, first, second),
});

const CARRIERS: Readonly<Record<string, () => ContextCarrier>> = {
  AsyncLocalStorageCarrier: () => new AsyncLocalStorageCarrier(),
  ClsHookedCarrier: () => new ClsHookedCarrier(namespace),
  'an AsyncLocalStorage with two methods': () => carrierOf(new AsyncLocalStorage()),
};

describe.each(Object.entries(CARRIERS))('the contract of a carrier: %s', (_name, create) => {
  const cases = carrierContract(create).map((each) => [each.title, each] as const);
  test.each(cases)('%s', (_title, { check }) => check());
});

/** Carriers with a mistake, and the case that finds it. */
const MISTAKEN: Readonly<Record<string, readonly [create: () => ContextCarrier, title: string]>> = {
  'that keeps its value in a variable': [
    () => {
      let current: unknown;
      return {
        get: () => current,
        run: (value, fn, first, second) => {
          const before = current;
          current = value;
          try {
            return fn(first, second);
          } finally {
            current = before;
          }
        },
      };
    },
    'the value is current after setTimeout',
  ],
  'that forgets to go back': [
    () => {
      const storage = new AsyncLocalStorage<unknown>();
      return {
        get: () => storage.getStore(),
        run: (value, fn, first, second) => {
          storage.enterWith(value);
          return fn(first, second);
        },
      };
    },
    'the value of the innermost run is current, and after it that of the enclosing run',
  ],
  'that drops an argument': [
    () => {
      const storage = new AsyncLocalStorage<unknown>();
      return {
        ...carrierOf(storage),
        run: (value, fn, first) => storage.run(value, fn, first, undefined as never),
      };
    },
    'run calls the function at once and once, with both arguments, and returns its result',
  ],
  'that calls later': [
    () => {
      const storage = new AsyncLocalStorage<unknown>();
      return {
        ...carrierOf(storage),
        run: (value, fn, first, second) =>
          Promise.resolve().then(() => storage.run(value, fn, first, second)) as never,
      };
    },
    'any value is carried unchanged',
  ],
  'that shares its storage with others': [
    (() => {
      const storage = new AsyncLocalStorage<unknown>();
      return () => carrierOf(storage);
    })(),
    'carriers do not see the values of one another',
  ],
  'that keeps what it has carried': [
    () => {
      const storage = new AsyncLocalStorage<unknown>();
      const kept: unknown[] = [];
      return {
        ...carrierOf(storage),
        run: (value, fn, first, second) => {
          kept.push(value);
          return storage.run(value, fn, first, second);
        },
      };
    },
    'a value is released when all that its run started has ended',
  ],
  'that is namespace.runAndReturn of cls-hooked': [
    () => ({
      get: () => namespace.get('value') as unknown,
      run: (value, fn, first, second) =>
        namespace.runAndReturn(() => {
          namespace.set('value', value);
          return fn(first, second);
        }),
    }),
    'an error is thrown unchanged, and the value of the caller is current again',
  ],
};

test.each(Object.entries(MISTAKEN))('the contract finds a carrier %s', async (_name, [create, title]) => {
  const found = carrierContract(create).find((each) => each.title === title);
  await expect(found?.check()).rejects.toMatchObject({ name: 'ContractError' });
});
