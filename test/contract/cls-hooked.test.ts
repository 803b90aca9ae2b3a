import { AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { createNamespace } from 'cls-hooked';
import { createRuntime } from 'deferqueue';
import { describe, expect, test } from 'vitest';
import { ClsHookedCarrier } from '../../src/carriers/cls-hooked.js';
import * as byDefault from '../../src/index.js';
import { turn } from '../support/gate.js';

const namespace = createNamespace('app');
// The types of the built package and of its sources differ for the compiler.
const carried = createRuntime({ carrier: new ClsHookedCarrier(namespace) }) as unknown as typeof byDefault;

/** How many contexts lie behind the one that is entered. */
const depth = (): number => {
  let count = 0;
  for (
    let each = namespace.active as object | null;
    each !== null;
    each = Object.getPrototypeOf(each) as object
  )
    count++;
  return count;
};

describe.each([
  ['the default runtime', byDefault],
  ['a runtime that the namespace carries', carried],
] as const)(
  'the values of a namespace, with %s',
  (_name, { withOperation, withTask, defer, use, openOperation }) => {
    test.each([1, 2, Infinity])(
      'are those of the registration in every work, concurrency %d',
      async (concurrency) => {
        const ran: unknown[] = [];
        const look = (): void => void ran.push(namespace.get('user'));
        const lookTwice = async (): Promise<void> => {
          look();
          await turn();
          look();
        };
        await namespace.runAndReturn(() => {
          namespace.set('user', 'ada');
          return withOperation({ concurrency }, async () => {
            defer(lookTwice);
            await turn();
            namespace.run(() => {
              namespace.set('user', 'grace');
              defer(lookTwice);
              setTimeout(() => defer(look));
            });
            await withTask('task', () => void defer(look));
            await new Promise((resolve) => setTimeout(resolve, 1));
          });
        });
        const count = (user: string): number => ran.filter((each) => each === user).length;
        expect([count('ada'), count('grace'), ran.length]).toEqual([3, 3, 6]);
      },
    );

    test('are there in discards, disposers and works for the root, too', async () => {
      const seen: Record<string, unknown> = {};
      const look = (where: string) => (): void => void (seen[where] = namespace.get('user'));
      await namespace.runAndReturn(() => {
        namespace.set('user', 'ada');
        return withOperation(async () => {
          await namespace.runAndReturn(() => {
            namespace.set('user', 'grace');
            use({ [Symbol.dispose]: look('disposed') });
            return withOperation(() => {
              defer(() => {}, { on: 'failure', discard: look('discarded') });
              defer(look('at the root'), { until: 'root' });
            });
          });
        });
      });
      expect(seen).toEqual({ discarded: 'grace', 'at the root': 'grace', disposed: 'grace' });
    });

    test('of the caller are as before, when an operation has ended or failed', async () => {
      await namespace.runAndReturn(async () => {
        namespace.set('user', 'ada');
        const { active } = namespace as { active: object };
        await withOperation(async () => {
          namespace.set('inner', 'of no concern');
          await turn();
        });
        expect(namespace.active).toBe(active);
        await expect(withOperation(() => Promise.reject(new Error('expected')))).rejects.toThrow('expected');
        expect(namespace.active).toBe(active);
        const operation = openOperation();
        operation.run(() => defer(() => {}));
        await operation.close();
        expect(namespace.active).toBe(active);
      });
      expect(namespace.active).toBeNull();
    });
  },
);

describe('a runtime that a namespace carries', () => {
  test('finds its operation where a callback is bound to the namespace', async () => {
    const ran: unknown[] = [];
    const emitter = new EventEmitter();
    namespace.bindEmitter(emitter);
    let later!: () => void;
    const operation = carried.openOperation('request');
    operation.run(() => {
      later = namespace.bind(() => void carried.defer(() => void ran.push('bound')));
      emitter.on('event', () => void carried.defer(() => void ran.push('event')));
    });
    later();
    emitter.emit('event');
    expect(carried.currentOperation()).toBeUndefined();
    await operation.close();
    expect(ran).toEqual(['bound', 'event']);
  });

  test('gives an operation a context of its own: what is set inside is not seen outside', async () => {
    await namespace.runAndReturn(async () => {
      namespace.set('user', 'ada');
      await carried.withOperation(() => {
        namespace.set('user', 'grace');
        expect(namespace.get('user')).toBe('grace');
      });
      expect(namespace.get('user')).toBe('ada');
    });
  });

  test('is not seen by the default runtime, nor sees that', async () => {
    await carried.withOperation('carried', async () => {
      expect(byDefault.currentOperation()).toBeUndefined();
      await byDefault.withOperation('default', () => {
        expect(carried.currentOperation()?.name).toBe('carried');
        expect(byDefault.currentOperation()?.name).toBe('default');
      });
    });
  });

  test('refuses what is no namespace', () => {
    for (const wrong of [undefined, null, {}, 'app', createNamespace]) {
      expect(() => new ClsHookedCarrier(wrong as never)).toThrow(
        expect.objectContaining({ name: 'TypeError', code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT' }),
      );
    }
    expect(() => new ClsHookedCarrier(undefined as never)).toThrow(
      'Expected `namespace` to be a cls-hooked namespace from createNamespace(), got undefined',
    );
  });
});

// Each fault is shown first, so that it is known to be one; if a later version mends it, this page can lose it.
describe('the faults of cls-hooked 4.2.2, which the carrier has not', () => {
  test('runPromise leaves the inner context in who awaits it', async () => {
    await namespace.runAndReturn(async () => {
      const { active } = namespace as { active: object };
      await namespace.runPromise(async () => {
        await turn();
      });
      expect(namespace.active).not.toBe(active);
    });
    await namespace.runAndReturn(async () => {
      const { active } = namespace as { active: object };
      await carried.withOperation(async () => {
        await turn();
      });
      expect(namespace.active).toBe(active);
    });
  });

  test('a string that is thrown or rejected with becomes another error, and an error gets a property', async () => {
    const fail = (reason: unknown) => (): Promise<never> =>
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- whatever is thrown
      Promise.reject(reason);
    await expect(namespace.runPromise(fail('text'))).rejects.toBeInstanceOf(TypeError);
    await expect(carried.withOperation(fail('text'))).rejects.toBe('text');

    const [marked, plain] = [new Error('marked'), new Error('plain')];
    await expect(namespace.runPromise(fail(marked))).rejects.toBe(marked);
    expect(marked).toHaveProperty('error@context');
    await expect(carried.withOperation(fail(plain))).rejects.toBe(plain);
    expect(plain).not.toHaveProperty('error@context');
  });

  test('operations one after the other lie in one another', async () => {
    const times = 10_000;
    await namespace.runAndReturn(async () => {
      const before = depth();
      for (let time = 0; time < 100; time++) await namespace.runPromise(async () => {});
      expect(depth()).toBe(before + 100);
    });
    await namespace.runAndReturn(async () => {
      await carried.withOperation(async () => {
        const before = depth();
        for (let time = 0; time < times; time++) {
          await carried.withOperation(() => {
            carried.defer(() => {});
          });
        }
        expect(depth()).toBe(before);
      });
    });
  });

  test('works that defer works do not lie in one another either', async () => {
    const depths = new Set<number>();
    await carried.withOperation({ maxChain: Infinity, concurrency: 2 }, () => {
      const link = (left: number) => (): void => {
        depths.add(depth());
        if (left > 0) carried.defer(link(left - 1));
      };
      carried.defer(link(1000));
    });
    expect(Math.max(...depths)).toBeLessThan(50);
  });

  test('a context that stands alone has the values of those around it', async () => {
    await namespace.runAndReturn(async () => {
      namespace.set('user', 'ada');
      const nest = (levels: number): Promise<unknown> =>
        carried.withOperation(async () => {
          namespace.set(`level ${levels}`, levels);
          await turn();
          return levels === 0
            ? ['user', 'level 0', 'level 39', 'level 40'].map((key) => namespace.get(key) as unknown)
            : nest(levels - 1);
        });
      expect(await nest(40)).toEqual(['ada', 0, 39, 40]);
    });
  });

  test('nothing of 10,000 operations stays behind', async () => {
    const { _contexts: contexts } = namespace as unknown as { _contexts: Map<number, unknown> };
    const collect = async (): Promise<void> => {
      for (let turns = 0; turns < 5; turns++) {
        globalThis.gc?.();
        await turn();
      }
    };
    await collect();
    const before = contexts.size;
    // The collector may come by at any time.
    let most = 0;
    for (let time = 0; time < 10_000; time++) {
      await carried.withOperation(() => {
        carried.defer(async () => {});
      });
      most = Math.max(most, contexts.size);
    }
    expect(most).toBeGreaterThan(before + 1000);
    await collect();
    expect(contexts.size).toBeLessThan(before + 1000);
  });
});

describe('the fault of cls-hooked that the carrier cannot mend', () => {
  test('what was made where the namespace had no context is called in that of its caller', async () => {
    const { withOperation, currentOperation } = createRuntime({
      carrier: new ClsHookedCarrier(createNamespace('fresh')),
    });
    const bound = AsyncResource.bind(() => currentOperation()?.name);
    expect(await withOperation('caller', () => bound())).toBe('caller');
    const plain = AsyncResource.bind(() => byDefault.currentOperation()?.name);
    expect(await byDefault.withOperation('caller', () => plain())).toBeUndefined();
  });
});
