import { defer, DeferredWorkError, use, withOperation, withTask } from 'deferqueue';
import { describe, expect, test } from 'vitest';

describe('G7 order', () => {
  test('use gives back null and undefined as it does any resource, and registers nothing for them', async () => {
    await withOperation((operation) => {
      const resource = { [Symbol.dispose]() {} };
      expect([use(null), use(undefined), use(resource)]).toEqual([null, undefined, resource]);
      expect(operation.use(null)).toBeNull();
    });
  });

  test('a resource is disposed whatever it is: of a class, a function, an object without a prototype', async () => {
    const disposed: unknown[] = [];
    class Connection {
      [Symbol.dispose](): void {
        disposed.push(this);
      }
    }
    const dispose = function (this: unknown): void {
      disposed.push(this);
    };
    const resources = [
      new Connection(),
      Object.assign(() => {}, { [Symbol.dispose]: dispose }),
      Object.assign(Object.create(null) as object, { [Symbol.asyncDispose]: dispose }),
    ];
    await withOperation(() => {
      for (const resource of resources) use(resource as Disposable);
    });
    expect(disposed).toEqual(resources.toReversed());
  });
});

describe('G21 nothing is hidden or masked', () => {
  test('a disposer that fails is told of with the class of its resource', async () => {
    class Connection {
      [Symbol.dispose](): void {
        throw new Error('still in use');
      }
    }
    const heard: unknown[] = [];
    const operation = withOperation({ onWorkError: (_error, { name }) => heard.push(name) }, async () => {
      use(new Connection());
      await withTask(
        'task',
        () => void use({ [Symbol.asyncDispose]: () => Promise.reject(new Error('no')) }),
      );
      defer(() => {});
    });
    const error: unknown = await operation.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DeferredWorkError);
    expect((error as Error).message).toContain('dispose Connection');
    expect(heard).toEqual(['dispose', 'dispose Connection']);
  });
});
