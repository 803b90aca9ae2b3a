import { AsyncLocalStorage } from 'node:async_hooks';
import type { ContextCarrier } from '../carriers/index.js';
import { createRuntime } from '../create-runtime.js';
import { claim, codeOf, reasonOf, thrownBy } from './claim.js';
import type { Check } from './contract.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** How a runtime works with the carrier. @internal */
export const runtimeCases: Readonly<Record<string, Check<ContextCarrier>>> = {
  'a runtime with it: defer finds its operation through nested async calls, and none outside': async (
    carrier,
  ) => {
    const { withOperation, defer, currentOperation } = createRuntime({ carrier });
    const ran = new Set<unknown>();
    const deep = async (depth: number): Promise<void> => {
      await (depth % 2 === 0 ? turn() : Promise.resolve());
      if (depth > 0) await deep(depth - 1);
      else defer(() => void ran.add(currentOperation()?.name));
    };
    await Promise.all(['one', 'two'].map((name) => withOperation(name, () => deep(4))));
    claim(ran, new Set(['one', 'two']));
    claim(currentOperation(), undefined);
    claim(codeOf(thrownBy(() => defer(() => {}))), 'ERR_DEFERQUEUE_NO_OPERATION');
  },

  'a runtime with it: work runs in the context of its registration, one item at a time and concurrently':
    async (carrier) => {
      for (const concurrency of [1, 3, Infinity]) {
        const { withOperation, withTask, defer, currentOperation, currentTask } = createRuntime({ carrier });
        const storage = new AsyncLocalStorage<string>();
        const ran: unknown[] = [];
        const look = async (): Promise<void> => {
          const before = [storage.getStore(), currentOperation()?.name, currentTask()?.name];
          await turn();
          claim([storage.getStore(), currentOperation()?.name, currentTask()?.name], before);
          ran.push(before);
        };
        await withOperation({ name: 'operation', concurrency }, async () => {
          storage.run('first', () => defer(look));
          await storage.run('second', () => withTask('task', () => void defer(look)));
          await withOperation('nested', () => storage.run('third', () => void defer(look)));
          defer(look);
        });
        claim(ran, [
          ['third', 'nested', undefined],
          ['second', 'operation', 'task'],
          ['first', 'operation', undefined],
          [undefined, 'operation', undefined],
        ]);
      }
    },

  'a runtime with it: work that work defers, and work for the root, is in the operation that runs it': async (
    carrier,
  ) => {
    const { withOperation, defer, currentOperation } = createRuntime({ carrier });
    const ran: unknown[] = [];
    const link = async (left: number): Promise<void> => {
      await Promise.resolve();
      ran.push(currentOperation()?.name);
      if (left > 0) defer(() => link(left - 1));
    };
    await withOperation('root', async () => {
      defer(() => link(2));
      await withOperation('nested', () => {
        defer(() => void ran.push(currentOperation()?.name), { until: 'root' });
        defer(() => link(1));
      });
    });
    claim(ran, ['nested', 'nested', 'root', 'root', 'root', 'root']);
  },

  'a runtime with it: an operation from openOperation is current in what it runs and binds': async (
    carrier,
  ) => {
    const { openOperation, currentOperation, defer } = createRuntime({ carrier });
    const operation = openOperation('opened');
    const ran: unknown[] = [];
    const bound = operation.bind(() => void defer(() => void ran.push(currentOperation()?.name)));
    claim(currentOperation(), undefined);
    await turn();
    bound();
    await operation.run(async () => {
      await turn();
      defer(() => void ran.push('in run'));
    });
    claim(currentOperation(), undefined);
    const { counts } = await operation.close();
    claim(counts.ran, 2);
    claim(ran, ['opened', 'in run']);
  },

  'a runtime with it: an operation that fails leaves no value in its caller': async (carrier) => {
    const { withOperation, defer, currentOperation } = createRuntime({ carrier });
    await withOperation('outer', async () => {
      const failing = withOperation('inner', () => {
        defer(() => Promise.reject(new Error('expected')), { on: 'always' });
      });
      claim(codeOf(await reasonOf(failing)), 'ERR_DEFERQUEUE_DEFERRED_WORK');
      claim(currentOperation()?.name, 'outer');
    });
    claim(currentOperation(), undefined);
  },
};
