import { defer, settleOperation, withOperation, withTask } from 'deferqueue';
import type { Task } from 'deferqueue';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const openTasks = async (howMany: number): Promise<Task[]> => {
  const tasks: Task[] = [];
  for (let index = 0; index < howMany; index++) await withTask('task', (task) => void tasks.push(task));
  return tasks;
};

const inOrder = (tasks: readonly number[]): number[] => tasks.toSorted((one, other) => one - other);

describe('G7 order', () => {
  test('tasks drain in the order in which they started, in whatever order they were given work', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(11), { maxLength: 40 }), async (givenTo) => {
        const works = givenTo.map((task, work) => ({ task, work }));
        const ran: typeof works = [];
        await withOperation(async () => {
          const tasks = await openTasks(12);
          for (const each of works) defer(() => ran.push(each), { task: tasks[each.task]! });
        });
        // The works of one task stay in the order in which they were deferred: this sort keeps it.
        expect(ran).toEqual(works.toSorted((one, other) => one.task - other.task));
      }),
    );
  });

  test('a task that is given work while others drain takes its place among those that are left', async () => {
    const some = fc.array(fc.nat(9), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(some, some, async (first, later) => {
        const ran: (number | string)[] = [];
        await withOperation(async () => {
          const tasks = await openTasks(10);
          const give = (task: number): unknown => defer(() => ran.push(task), { task: tasks[task]! });
          for (const task of first) give(task);
          defer(() => {
            ran.push('own');
            for (const task of later) give(task);
          });
          defer(() => ran.push('last'));
        });
        expect(ran).toEqual([...inOrder(first), 'own', ...inOrder(later), 'last']);
      }),
    );
  });
});

describe('G8 until nothing is left', () => {
  test('tasks that had nothing left for a while are served when they are given work again', async () => {
    const ran: string[] = [];
    const { report } = await settleOperation('operation', async () => {
      const tasks = await openTasks(100);
      for (const [index, task] of tasks.entries()) {
        const deferred = defer(() => ran.push(`${index} first`), { task });
        if (index % 2 === 1) deferred.cancel();
      }
      for (const [index, task] of tasks.entries()) defer(() => ran.push(`${index} again`), { task });
    });
    const expected = Array.from({ length: 100 }, (_, index) =>
      index % 2 === 1 ? [`${index} again`] : [`${index} first`, `${index} again`],
    );
    expect(ran).toEqual(expected.flat());
    expect(report.counts).toMatchObject({ ran: 150, cancelled: 50 });
  });
});
