import { AsyncLocalStorage } from 'node:async_hooks';
import { currentTask, defer, withOperation, withTask } from 'deferqueue';
import type { Task } from 'deferqueue';
import { describe, expect, test } from 'vitest';

const storage = new AsyncLocalStorage<string>();

describe('G13 registration context', () => {
  test("work is bound to another task in that one's context, and to the caller's own in that of the call", async () => {
    const seen: (string | undefined)[] = [];
    const note = (): number => seen.push(`${currentTask()?.name} ${storage.getStore()}`);
    await withOperation(async (operation) => {
      let other: Task | undefined;
      await storage.run('context of the other', () => withTask('other', (task) => void (other = task)));
      await storage.run('context of the own', () =>
        withTask('own', (own) =>
          storage.run('context of the call', () => {
            for (const deferTo of [defer, operation.defer.bind(operation)]) {
              deferTo(note, { task: own });
              deferTo(note, { task: other! });
              deferTo(note, { task: null });
            }
          }),
        ),
      );
    });
    expect(seen).toEqual([
      'other context of the other',
      'other context of the other',
      'own context of the call',
      'own context of the call',
      'undefined context of the call',
      'undefined context of the call',
    ]);
  });
});
