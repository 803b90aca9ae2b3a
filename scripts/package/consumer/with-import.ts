import {
  createRuntime,
  currentOperation,
  defer,
  DeferredWorkError,
  openOperation,
  settleOperation,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import type { DeferOptions, Deferred, Operation, OperationReport, Runtime, Task, Work } from 'deferqueue';

const told: string[] = [];
const options: DeferOptions<{ where: string }> = { name: 'tell', data: { where: 'boundary' }, on: 'success' };

const value: number = await withOperation(
  { name: 'consumer', report: 'full' },
  async (operation: Operation) => {
    const work: Deferred = defer((it: Work<{ where: string }>) => told.push(it.data.where), options);
    await withTask('task', (task: Task) => {
      defer(({ data }) => told.push(data), { data: 'deferred', until: 'task' });
      if (task.operation !== currentOperation()) throw new Error('the task is of another operation');
    });
    use({
      [Symbol.asyncDispose]: async () => {
        told.push('the');
      },
    });
    if (work.state !== 'queued' || operation.pending !== 1) throw new Error('the work is not queued');
    return told.length;
  },
);

const runtime: Runtime = createRuntime({ defaults: { workErrors: 'report' } });
const { outcome, report } = await runtime.settleOperation('other', () => runtime.currentOperation()?.name);
const opened = openOperation('by hand');
const closed: OperationReport = await opened.close();
const { outcome: failure } = await settleOperation('fails', () =>
  Promise.reject(new DeferredWorkError([], 1, report)),
);

const right =
  value === 1 && outcome.status === 'fulfilled' && outcome.value === 'other' && closed.counts.ran === 0;
if (right && failure.status === 'rejected') console.log(`${told[0]} at ${told[2]} ${told[1]}`);
