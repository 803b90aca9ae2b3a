import { defer, withOperation, withTask } from 'deferqueue';
import type { Operation, Work } from 'deferqueue';

const said: string[] = [];

const pending: number = await withOperation({ name: 'consumer' }, async (operation: Operation) => {
  defer(({ data }: Work<string>) => said.push(data), { data: 'at the boundary', on: 'success' });
  await withTask('task', () => {
    defer(() => said.push('deferred'), { until: 'task' });
  });
  return operation.pending;
});

if (pending === 1) console.log(said.join(' '));
