import { defer, openOperation, withTask } from 'deferqueue';
import type { OpenOperation, OperationReport } from 'deferqueue';
import { describe, expect, test } from 'vitest';
import { gate, settleMicrotasks } from '../support/gate.js';

describe('open operations', () => {
  test('a run that calls close at once is not waited for, while everything else still is', async () => {
    const slow = gate();
    const ran: string[] = [];
    const operation = openOperation();
    await operation.run(async () => {
      void withTask('slow', async () => {
        await slow.passed;
        defer(() => ran.push('work of the task'));
      });
      const closing = operation.close();
      await settleMicrotasks();
      expect(operation.state).toBe('open');
      slow.open();
      expect((await closing).counts.ran).toBe(1);
      ran.push('end of the run');
    });
    expect(ran).toEqual(['work of the task', 'end of the run']);
  });

  type Leave = (operation: OpenOperation, behind: () => void) => unknown;
  const places: [string, Leave][] = [
    ['a work', (operation, behind) => operation.defer(behind)],
    ['an async work', (operation, behind) => operation.defer(async () => behind())],
    ['a discard', (operation, behind) => operation.defer(() => {}, { discard: behind }).cancel()],
    [
      'an async discard',
      (operation, behind) => operation.defer(() => {}, { discard: async () => behind() }).cancel(),
    ],
  ];

  test.each(places)(
    'what %s has left behind may close the operation when it has settled',
    async (_what, leave) => {
      const later = gate();
      const operation = openOperation();
      let closing: Promise<OperationReport> | undefined;
      leave(operation, () => {
        closing = later.passed.then(() => operation.close());
      });
      await operation.flush();
      await settleMicrotasks();
      later.open();
      expect((await closing)?.registered).toBe(1);
      expect(operation.state).toBe('closed');
    },
  );
});
